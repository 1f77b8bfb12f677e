"""Words of a repository that are near to one that it has not, compared with a scan over all of its words."""

from __future__ import annotations

import random
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from store.lexical import indexed_text
from store.library import DATABASE_NAME
from store.spelling import begin_alike, folded, mistakes_allowed, mistakes_between
from tests.store.samples import entry, function

if TYPE_CHECKING:
    from pathlib import Path

    from store import Library, Repository

WORDS = """
    authenticate authentication config configuration client connection connect context parse parser parsing token
    tokenizer tokenize request response respond retry upload download database transaction commit index vector search
    settings selection serialize serialization validate validation directory iterator generator permission scheduler
    größe élément файл парсер соединение
"""


@pytest.fixture
def filled(repository: Repository) -> Repository:
    """A repository in which the words stand in code, in documentation, and as parts of names; some in many rows."""
    words = WORDS.split()
    draw = random.Random(5)
    definitions = []
    for number, word in enumerate(words):
        for _ in range(1 + number % 4):
            code = " ".join(draw.sample(words, 3))
            definitions.append(function(f"{draw.choice(words)}_{word}", code, f"The {word}."))
    repository.save_files([entry("a.py", *definitions)])
    return repository


def all_words(repository: Repository) -> dict[str, set[int]]:
    """Return the definitions of each word, by a scan."""
    found: dict[str, set[int]] = {}
    for one in repository.definitions(range(1, 1_000)):
        texts = one.definition
        text = f"{texts.name} {texts.qualified_name} {one.path} {texts.documentation} {texts.code}"
        for word in indexed_text(text).split():
            found.setdefault(word, set()).add(one.id)
    return found


def misspelt(word: str, draw: random.Random) -> str:
    """Return a word with one letter swapped, dropped, doubled or changed, not the first."""
    at = draw.randrange(1, len(word) - 1)
    letter = draw.choice("aeinst")
    return draw.choice(
        [
            word[:at] + word[at + 1] + word[at] + word[at + 2 :],
            word[:at] + word[at + 1 :],
            word[:at] + letter + word[at:],
            word[:at] + letter + word[at + 1 :],
        ]
    )


def test_the_nearest_words_are_those_of_a_scan(filled: Repository) -> None:
    """For misspelt words of every kind the proposed ones are as near as the nearest, and the first is the commonest."""
    known = all_words(filled)
    draw = random.Random(3)
    for number in range(150):
        term = misspelt(draw.choice(WORDS.split()), draw)
        term = misspelt(term, draw) if number % 3 == 0 and len(term) > 8 else term
        term = folded(term)
        near = {word: mistakes_between(term, folded(word)) for word in known if begin_alike(term, folded(word))}
        near = {word: mistakes for word, mistakes in near.items() if mistakes <= mistakes_allowed(term)}
        found = filled.vocabulary.near(term)
        if not near:
            continue  # a form of a known word may still be meant
        fewest = min(near.values())
        assert found, (term, near)
        assert {one.mistakes for one in found} == {fewest}, term
        nearest = {word for word in near if near[word] == fewest}
        assert {one.word for one in found} <= nearest
        nearest = {word for word in nearest if folded(word)[1] == term[1] or not term.isascii()} or nearest
        # A row is counted for all forms of a word: so at least the rows that have the word itself.
        most = max(len(known[word]) for word in nearest)
        assert found[0].definitions >= most, term


@pytest.mark.parametrize(
    ("term", "meant"),
    [
        ("authentcate", "authenticate"),
        ("tokenzier", "tokenizer"),
        ("confg", "config"),
        ("cleint", "client"),
        ("größse", "größe"),
        ("elemant", "élément"),
        ("сойдинение", "соединение"),
        ("vectorz", "vector"),
    ],
)
def test_misspelt_words(filled: Repository, term: str, meant: str) -> None:
    """A word with a mistake or two brings the word that was meant, whatever its ending or its accents."""
    assert [one.word for one in filled.vocabulary.near(term)][:1] == [meant]


@pytest.mark.parametrize("term", ["xyzzy", "cat", "sha256", "数据库连", "ocnfig", "", "qqqqqqqqqq"])
def test_nothing_is_near(filled: Repository, term: str) -> None:
    """Short words, digits, scripts without spaces, another first letter and strange words bring nothing."""
    assert filled.vocabulary.near(term) == []


def test_a_form_that_stands_nowhere(repository: Repository) -> None:
    """A misspelt form of a word brings that word, though only another form of it is there."""
    repository.save_files([entry("a.py", function("f", "configuration"), function("g", "unrelated"))])
    assert [(one.word, one.mistakes) for one in repository.vocabulary.near("cofnigure")] == [("configuration", 1)]
    repository.save_files([entry("b.py", function("h", "using names"), function("i", "nothing"))])
    assert [one.word for one in repository.vocabulary.near("namng")] == ["names"]


def test_a_form_has_one_mistake_at_most(repository: Repository) -> None:
    """What is put together from a stem and an ending may be no word: with two mistakes it is not meant."""
    repository.save_files([entry("a.py", function("f", "configuration"))])
    assert repository.vocabulary.near("cofnigrue") == []


def test_the_commonest_three_and_one_form_of_each(repository: Repository) -> None:
    """Of words that begin so those of most definitions are proposed; of two forms of a word that are near, one."""
    words = ["interpolate", *["interpret"] * 4, *["internal"] * 3, *["interval"] * 2, "token", "tokens"]
    repository.save_files([entry("a.py", *(function("f", word) for word in words))])
    begun = [(one.word, one.definitions) for one in repository.vocabulary.beginning_with("inter")]
    assert begun == [("interpret", 4), ("internal", 3), ("interval", 2)]
    assert len(repository.vocabulary.near("tokes")) == 1


def test_stop_words_are_not_meant(repository: Repository) -> None:
    """A word that carries the sentence is never what stands for another, however near and common it is."""
    repository.save_files([entry("a.py", function("f", "with this", "With their own width."))])
    assert [one.word for one in repository.vocabulary.near("widt")] == ["width"]
    assert repository.vocabulary.near("thier") == []


def test_missing_words(filled: Repository) -> None:
    """Missing is what stands in no definition in any form; stop words are not asked for."""
    text = "how does parse_confg authenticates the clients, сойдинение"
    assert filled.vocabulary.missing(text) == ["confg", "parseconfg", "сойдинение"]
    assert filled.vocabulary.missing("") == []


def test_words_that_begin_so(filled: Repository) -> None:
    """The commonest words with a beginning come first, one for all the forms of a word; the beginning may be a word."""
    found = {term: {one.word for one in filled.vocabulary.beginning_with(term)} for term in ("authenti", "tokeniz")}
    assert found["authenti"] & {"authenticate", "authentication"}
    assert found["tokeniz"] & {"tokenize", "tokenizer"}
    assert all(word.startswith(term) for term, words in found.items() for word in words)
    assert filled.vocabulary.beginning_with("aut") == []
    assert filled.vocabulary.beginning_with("nothing") == []
    known = all_words(filled)
    counts = [one.definitions for one in filled.vocabulary.beginning_with("conn")]
    assert counts == sorted(counts, reverse=True)
    assert counts[0] >= max(len(ids) for word, ids in known.items() if word.startswith("conn"))


def test_a_removed_repository_has_no_words(library: Library, tmp_path: Path) -> None:
    """A handle to a repository that was removed proposes nothing and misses nothing."""
    repository = library.repository(tmp_path / "gone")
    repository.save_files([entry("a.py", function("config"))])
    library.remove(repository.root)
    assert repository.vocabulary.missing("confg") == []
    assert repository.vocabulary.near("confg") == []
    assert repository.vocabulary.beginning_with("conf") == []


def test_letters_that_the_index_does_not_know(repository: Repository) -> None:
    """A letter of a younger Unicode, which parts words for SQLite, breaks nothing and hides no word behind it."""
    strange = "\U0001df00"
    repository.save_files([entry("a.py", function("f", f"a{strange}b{strange}c x{strange}y configuration"))])
    assert [one.word for one in repository.vocabulary.near("configuratoin")] == ["configuration"]
    assert [one.word for one in repository.vocabulary.near("cofnigure")] == ["configuration"]


def test_words_are_read_while_others_write(library: Library, filled: Repository) -> None:
    """Neither a lock nor a writer keeps a search from asking for words, and nothing of it stays in the library."""
    with closing(sqlite3.connect(library.folder / DATABASE_NAME, isolation_level=None)) as database:
        before = database.execute("SELECT name FROM sqlite_master ORDER BY name").fetchall()
        database.execute("BEGIN IMMEDIATE")
        assert [one.word for one in filled.vocabulary.near("confg")] == ["config"]
        database.execute("ROLLBACK")
        assert database.execute("SELECT name FROM sqlite_master ORDER BY name").fetchall() == before
    filled.save_files([entry("b.py", function("confgi"))])
    assert filled.vocabulary.missing("confgi") == []
