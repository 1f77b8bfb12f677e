"""Definitions that hold a phrase, compared with a search of the same texts in Python; what is left out by filters."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from store import Filters
from tests.store.samples import entry, function

if TYPE_CHECKING:
    from store import Repository

TEXTS = [
    ("Reader.read_line", "raise OSError('Connection reset by peer')", ""),
    ("retry", "return x  # 100% sure", "After a CONNECTION RESET it waits."),
    ("grüßen", 'print("Grüße aus Köln")', ""),
    ("a_b", "axb", "数据库连接"),
    ("quote", 'it\'s "so" /* [a-z]+ */ \\d', ""),
]


@pytest.fixture
def filled(repository: Repository) -> Repository:
    """A repository with the texts, one file each."""
    files = [entry(f"{number}/f.py", function(*text)) for number, text in enumerate(TEXTS)]
    repository.save_files(files)
    return repository


@pytest.mark.parametrize(
    "phrase",
    [
        "connection reset",
        "nection res",  # parts of words
        "connection  reset",  # blanks are literal too
        "100% sure",
        "a_b",
        "_",
        "%",
        "/",
        "KÖLN",
        "据库连",
        '"so"',
        "[a-z]+",
        "\\d",
        "it's",
        "def retry()",
        "nowhere",
        "x" * 60_000,  # longer than SQLite takes for a pattern
    ],
)
def test_phrases_are_literal(filled: Repository, phrase: str) -> None:
    """Found are those whose name, signature, documentation or code has the phrase as it stands, in any case."""
    texts = ["\n".join([name, f"def {name}()", code, documentation]) for name, code, documentation in TEXTS]
    expected = [number for number, text in enumerate(texts, 1) if phrase.lower() in text.lower()]
    assert filled.containing([phrase]) == expected


def test_every_phrase_must_be_there(filled: Repository) -> None:
    """Two phrases are in one definition; a lone surrogate is no error."""
    assert filled.containing(["reset", "return"]) == [2]
    assert filled.containing(["reset", "köln"]) == []
    assert filled.containing(["\ud800"]) == []


def test_filters_come_first(filled: Repository) -> None:
    """What the filters leave out is not found."""
    assert filled.containing(["connection"], Filters(paths=("0/",))) == [1]
    assert filled.containing(["connection"], Filters(not_paths=("0/",))) == [2]
    assert filled.containing(["connection"], Filters(not_paths=("0/", "1/"))) == []


def test_definitions_as_a_filter(filled: Repository) -> None:
    """Only the given ids are found, by words and by name; of none, nothing."""
    found = filled.lexical("connection reset", 9, Filters(definitions=frozenset({2, 3})))
    assert [one for one, _ in found] == [2]
    assert filled.named("retry", 9, Filters(definitions=frozenset({1}))) == []
    assert filled.lexical("connection", 9, Filters(definitions=frozenset())) == []
