"""Queries with filters, phrases and other scripts, and their explanations, from the API to a small real repository."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from codesearch import CodeSearch, Filters, Mode
from codesearch.errors import LanguageUnknown, OnlyFilters
from codesearch.reranking import Reranker
from codesearch.search import CANDIDATES, Place, find
from codesearch.why_found import why_found
from indexer import index_repository
from store import Library
from tests.fakes import FakeEncoder

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FILES = {
    "net/client.py": '''\
class HttpClient:
    def send(self, request):
        """Send it, and again after a Connection Reset."""
        return self.retry(request)

    def close(self):
        raise OSError("connection was reset")
''',
    "net/chinese.py": """\
# 解析网址并返回主机名
def host_of(url):
    return url.split("/")[2]


# 将数据写入数据库
def persist(rows):
    return rows
""",
    "net/spanish.py": """\
# Valida la contraseña del usuario
def check(user):
    return user


# Читает файл настроек
def settings(path):
    return path
""",
    "web/server.go": """\
package web

// Send answers after a connection reset.
func Send(request Request) error {
	return nil
}
""",
    "tests/test_client.py": """\
def test_send():
    assert send("connection reset")
""",
}


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[CodeSearch, Path]]:
    """Return an engine, and the repository that it has indexed by words."""
    folder: Path = tmp_path_factory.mktemp("asking")
    for path, text in FILES.items():
        (folder / "shop" / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / "shop" / path).write_text(text, encoding="utf-8")
    for number in range(CANDIDATES + 20):  # more than a side gives, all better by their words than a rare phrase
        (folder / "shop" / f"many{number}.rb").write_text(f"def common_{number}(rare)\n  rare phrase(rare)\nend\n")
    (folder / "shop" / "odd.rb").write_text("def odd\n  x = 'a rather rare, phrased thing'\nend\n")
    with CodeSearch(library=folder / "library") as opened:
        opened.index(folder / "shop", lexical_only=True)
        yield opened, folder / "shop"


def names(engine: tuple[CodeSearch, Path], query: str, **options: object) -> list[str]:
    """Return the qualified names that a search by words finds, best first."""
    opened, root = engine
    found = opened.search(query, [root], mode=Mode.LEXICAL, refresh=False, **options)  # type: ignore[arg-type]
    return [match.definition.qualified_name for match in found.matches]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("send lang:go", {"Send"}),
        ("lang:python send -path:tests/ kind:method", {"HttpClient.send"}),
        ("path:tests,web send", {"test_send", "Send"}),
        ('send "connection reset"', {"HttpClient.send", "Send", "test_send"}),
        ('send "connection reset" lang:py path:net/', {"HttpClient.send"}),
        ('"ection res" lang:go', {"Send"}),
        ('"ASSERT send(" kind:function', {"test_send"}),
        ('"nothing like it"', set()),
        ('"rare, phra"', {"odd"}),
    ],
)
def test_filters_and_phrases(engine: tuple[CodeSearch, Path], query: str, expected: set[str]) -> None:
    """What is found passes every filter and holds every phrase, also as a part of a word, however rare it is."""
    assert set(names(engine, query)) == expected


def test_filters_beside_the_query_add_up(engine: tuple[CodeSearch, Path]) -> None:
    """A language in the query and another beside it: both."""
    found = names(engine, "send lang:go kind:function", filters=Filters(frozenset({"python"})))
    assert set(found) == {"Send", "test_send", "HttpClient.send"}


def test_the_query_as_it_was_read(engine: tuple[CodeSearch, Path]) -> None:
    """The answer says what was asked, in both forms."""
    opened, root = engine
    results = opened.search('lang:go "connection reset"', [root], mode=Mode.LEXICAL, refresh=False)
    assert results.query == 'lang:go "connection reset"'
    assert results.asked is not None
    assert (results.asked.words, results.asked.phrases) == ("connection reset", ("connection reset",))
    for query, error in (("lang:go", OnlyFilters), ("x lang:gox", LanguageUnknown)):
        with pytest.raises(error):
            opened.search(query, [root], refresh=False)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("网址", "host_of"),  # a part of what the comment says in one run
        ("如何解析网址\uff1f", "host_of"),
        ("哪里写入数据库", "persist"),
        ("在哪里调用host_of函数", "host_of"),
        ("persistはどこで使われますか", "persist"),
        ("¿dónde se valida la contrasena?", "check"),
        ("где читает файл", "settings"),
        ("где вызывается `persist`", "persist"),
        ("where is `persist` called", "persist"),
        ("who calls settings() first", "settings"),
        ("how does HttpClient#send retry", "HttpClient.send"),
        ("what is http_client::close for", "HttpClient.close"),
    ],
)
def test_other_scripts_and_names_in_sentences(engine: tuple[CodeSearch, Path], query: str, expected: str) -> None:
    """Words of a comment in the question's language, and identifiers in a sentence of any, lead to the function."""
    assert names(engine, query)[0] == expected


class Likes:
    """A matching head that likes codes with a word."""

    def __init__(self, word: str) -> None:
        self.word = word

    def scores(self, query, codes):  # type: ignore[no-untyped-def]
        """Return 3 for each code that has the word, else -3."""
        import numpy as np

        return np.array([3.0 if self.word in code else -3.0 for code in codes], np.float32)


@pytest.mark.parametrize("mode", list(Mode))
@pytest.mark.parametrize("reranked", [False, True])
def test_explanations_add_up(engine: tuple[CodeSearch, Path], tmp_path: Path, mode: Mode, reranked: bool) -> None:
    """In each mode the parts make the score, and the words are those that the definition has."""
    encoder = FakeEncoder()
    reranker = Reranker(Likes("Reset"), candidates=3) if reranked else None
    with Library.open(tmp_path / "library") as library:
        repository = library.repository(engine[1])
        index_repository(repository, encoder, None)
        places = [Place(repository, Filters(paths=("net/", "web/")), None if mode == Mode.LEXICAL else encoder)]
        query = "how do we send after a connection reset"
        found = find(query, places, mode, reranker)
        reasons = why_found(query, places, mode, reranker, found, 4)
    assert len(reasons) == 4
    for (candidate, _), why in zip(found, reasons, strict=False):
        assert sum(part.points for part in why.parts) == pytest.approx(candidate.score)
    words = {stored.definition.qualified_name: set(why.words) for (_, stored), why in zip(found, reasons, strict=False)}
    if mode == Mode.DENSE:
        assert set().union(*words.values()) == set()
    else:
        assert words["HttpClient.send"] == {"send", "after", "connection", "reset"}


def test_an_explanation_from_the_api(engine: tuple[CodeSearch, Path]) -> None:
    """Only where it is asked for; the BM25 of its words together is the score of the query."""
    opened, root = engine
    found = opened.search("send a request", [root], mode=Mode.LEXICAL, refresh=False, explain=True)
    best = found.matches[0]
    assert best.explanation is not None
    assert sum(part.points for part in best.explanation.parts) == pytest.approx(best.score)
    assert list(best.explanation.words) == sorted(
        best.explanation.words,
        key=lambda word: -best.explanation.words[word],  # type: ignore[union-attr]
    )
    assert opened.search("send", [root], mode=Mode.LEXICAL, refresh=False).matches[0].explanation is None
