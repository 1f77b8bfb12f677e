"""Queries with words that no definition has: what is searched for instead, what is left alone, what is said of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from codesearch import CodeSearch, Correction, Mode, SearchResults
from codesearch.known_words import is_known_word

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FILES = {
    "net/http_client.py": '''
class HttpClient:
    """Talks to a server."""

    def authenticate_user(self, name):
        """Check who somebody is before anything is sent."""
        return self.send(name)
''',
    "config.py": '''
def parse_config(path):
    """Read the configuration from a file."""
    return path


def get_user(number):
    """Return one person."""
    return number


def tokenize(text):
    """Cut a text to pieces; codes and lists are kept."""
    return text.split()
''',
}


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[CodeSearch, Path]]:
    """Index a repository by its words."""
    root = tmp_path_factory.mktemp("project")
    for name, text in FILES.items():
        (root / name).parent.mkdir(exist_ok=True)
        (root / name).write_text(text)
    with CodeSearch(library=tmp_path_factory.mktemp("library")) as opened:
        opened.index(root, lexical_only=True)
        yield opened, root


def ask(engine: tuple[CodeSearch, Path], query: str) -> SearchResults:
    """Search by words, the index as it is."""
    opened, root = engine
    return opened.search(query, [root], mode=Mode.LEXICAL, refresh=False)


@pytest.mark.parametrize(
    ("query", "respelt", "first"),
    [
        ("authentcate user", "authenticate user", "authenticate_user"),
        ("parse_confg", "parse_config", "parse_config"),
        ("PARSE_CONFG", "PARSE_CONFIG", "parse_config"),
        ("HttpCleint", "HttpClient", "HttpClient"),
        ("HttpCleint.authenticate_user", "HttpClient.authenticate_user", "authenticate_user"),
        ("how does HttpCleint authentcate?", "how does HttpClient authenticate?", "HttpClient"),
        ("getusr", "getuser", "get_user"),
        ("cofnigure", "configuration", "parse_config"),  # a form that stands nowhere: one that does
        ("tokeniz", "tokenize", "tokenize"),
        ("authenti", "authenticate", "authenticate_user"),  # nothing near: a beginning
        ("httpcli", "httpclient", "HttpClient"),
    ],
)
def test_what_is_misspelt_is_found(engine: tuple[CodeSearch, Path], query: str, respelt: str, first: str) -> None:
    """The words that are there take the place of those that are not, and the answer says so."""
    found = ask(engine, query)
    assert found.matches[0].definition.name == first
    assert found.asked is not None
    assert found.asked.words == respelt
    assert found.query == query
    pairs = zip(query.replace(".", " ").split(), respelt.replace(".", " ").split(), strict=True)
    changed = [(old.strip("?"), new.strip("?")) for old, new in pairs if old != new]
    assert [(one.written, one.searched_for[0]) for one in found.corrections] == changed


@pytest.mark.parametrize(
    "query",
    [
        "authenticate user",
        "parsing configurations",  # other forms
        '"authentcate" user',  # a phrase
        "core lists on a disk",  # words, though not of this repository: not "code", nor anything else
        "get_usr",
        "sha257",
        "xyzzy plugh",
        "认证用户数据",
        "show all of this to them",
    ],
)
def test_what_is_left_alone(engine: tuple[CodeSearch, Path], query: str) -> None:
    """Words that are there, phrases, words that are right, short ones, digits and what nothing is near to."""
    found = ask(engine, query)
    assert found.corrections == ()
    assert found.asked is not None
    assert found.asked.words == query.replace('"', "")


def test_a_phrase_is_exact_beside_a_mistake(engine: tuple[CodeSearch, Path]) -> None:
    """The quoted word stays as it is, and what is not quoted is mended."""
    found = ask(engine, '"somebody" authentcate')
    assert found.corrections == (Correction("authentcate", ("authenticate",)),)
    assert [match.definition.name for match in found.matches] == ["authenticate_user"]


def test_a_beginning_is_searched_with_all_that_begins_so(engine: tuple[CodeSearch, Path], tmp_path: Path) -> None:
    """Several words may begin so: all are searched for, at most three."""
    root = tmp_path / "other"
    root.mkdir()
    names = ("interpolate", "interpreter", "internal", "unrelated")
    (root / "a.py").write_text("".join(f"def {name}():\n    return 1\n\n\n" for name in names))
    opened, _ = engine
    opened.index(root, lexical_only=True)
    found = opened.search("inter", [root], mode=Mode.LEXICAL, refresh=False)
    assert {match.definition.name for match in found.matches} == set(names[:3])
    assert set(found.corrections[0].searched_for) == set(names[:3])


def test_a_word_of_another_repository_is_no_mistake(engine: tuple[CodeSearch, Path], tmp_path: Path) -> None:
    """What stands in one of the repositories that are searched together is searched for in all of them."""
    root = tmp_path / "other"
    root.mkdir()
    (root / "a.py").write_text("def parse_confg():\n    return 1\n")
    opened, first = engine
    opened.index(root, lexical_only=True)
    found = opened.search("parse_confg", [first, root], mode=Mode.LEXICAL, refresh=False)
    assert found.corrections == ()
    assert found.matches[0].definition.name == "parse_confg"
    assert opened.search("HttpCleint", [first, root], mode=Mode.LEXICAL, refresh=False).corrections


def test_what_several_repositories_propose(engine: tuple[CodeSearch, Path], tmp_path: Path) -> None:
    """The nearest word of all of them, and of equally near ones the one that is commonest in all of them together."""
    opened, _ = engine
    texts = (["interpolate"] * 2, ["interpolite"] * 3, ["interpolate"] * 2, ["interlude"] * 9)
    roots = [tmp_path / str(number) for number in range(len(texts))]
    for root, words in zip(roots, texts, strict=True):
        root.mkdir()
        (root / "a.py").write_text("".join(f"def {word}():\n    return 1\n\n\n" for word in words))
        opened.index(root, lexical_only=True)
    for several in (roots, roots[::-1]):
        for query, word in (("interpolte", "interpolate"), ("interlute", "interlude"), ("interlolite", "interpolite")):
            found = opened.search(query, several, mode=Mode.LEXICAL, refresh=False)
            assert found.corrections == (Correction(query, (word,)),)


def test_so_many_words_are_respelt(engine: tuple[CodeSearch, Path], tmp_path: Path) -> None:
    """The first four that are not there; a text with more is in another language, or about something else."""
    words = ("interpolate", "authenticate", "serializer", "dispatcher", "permission")
    (tmp_path / "a.py").write_text("".join(f"def {word}():\n    return 1\n\n\n" for word in words))
    opened, _ = engine
    opened.index(tmp_path, lexical_only=True)
    found = opened.search(" ".join(f"{word[:5]}{word[6:]}" for word in words), [tmp_path], mode=Mode.LEXICAL)
    assert [one.searched_for for one in found.corrections] == [(word,) for word in words[:4]]


def test_the_explanation_is_of_what_was_searched(engine: tuple[CodeSearch, Path]) -> None:
    """The parts make the score, and the words are those that were searched for."""
    opened, root = engine
    found = opened.search("authentcate", [root], mode=Mode.LEXICAL, refresh=False, explain=True)
    why = found.matches[0].explanation
    assert why is not None
    assert set(why.words) == {"authenticate"}
    assert sum(part.points for part in why.parts) == pytest.approx(found.matches[0].score)


@pytest.mark.parametrize(
    ("word", "known"),
    [
        ("disk", True),
        ("adjusts", True),
        ("branches", True),
        ("cached", True),
        ("patched", True),
        ("bundler", True),
        ("adjuster", True),
        ("patching", True),
        ("adjustly", True),
        ("confg", False),
        ("processd", False),
        ("authentcate", False),
        ("", False),
    ],
)
def test_known_words(word: str, known: bool) -> None:
    """Common words are known in their regular forms, misspelt ones are not."""
    assert is_known_word(word) == known
