"""The steps of a search over several repositories, and what a query says besides its words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from codesearch import Filters, Mode
from codesearch.search import Place, find, is_symbol, without_language_names
from store import Library
from tests.store.samples import MODEL, embed, entry, function, vector_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from store import Heading, Repository


class SampleEncoder:
    """An encoder of the vectors that stand for texts in the samples."""

    fingerprint = MODEL

    def encode_query(self, text: str) -> NDArray[np.float32]:
        """Return the vector of a text."""
        return vector_of(text)


class Edited:
    """A repository of which a file is removed by somebody else as soon as the headings were read."""

    def __init__(self, repository: Repository, path: str) -> None:
        self._repository = repository
        self._path = path

    def __getattr__(self, name: str) -> object:
        return getattr(self._repository, name)

    def headings(self, ids: Sequence[int]) -> list[Heading]:
        """Return the headings; the next statement sees the library without the file."""
        found = self._repository.headings(ids)
        self._repository.remove_files([self._path])
        return found


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    """Open an empty library."""
    with Library.open(tmp_path / "library") as opened:
        yield opened


def test_equal_candidates_of_several_repositories(library: Library, tmp_path: Path) -> None:
    """They rank by their ids on either side, whatever the order in which the repositories are named."""
    repositories = [library.repository(tmp_path / name) for name in ("first", "second")]
    for repository in repositories:
        repository.save_files([entry("a.py", function("retry", "again"))])
    embed(repositories[0], ["again"])
    places = [Place(repository, Filters(), SampleEncoder()) for repository in repositories]
    for several in (places, places[::-1]):
        found = find("again", several, Mode.HYBRID)
        assert [(one.definition_id, one.lexical_rank, one.dense_rank) for one, _ in found] == [(1, 1, 1), (2, 2, 2)]


def test_what_is_removed_during_a_search_is_no_answer(library: Library, tmp_path: Path) -> None:
    """A definition whose text is gone when it is to be shown is left out; the others are found."""
    repository = library.repository(tmp_path / "project")
    repository.save_files([entry("a.py", function("retry")), entry("b.py", function("retry"))])
    found = find("retry", [Place(Edited(repository, "a.py"), Filters(), None)], Mode.LEXICAL)
    assert [stored.path for _, stored in found] == ["b.py"]


@pytest.mark.parametrize(
    "query", ["parseUrl", "parse_url", "HttpClient.send", "std::vector", "open()", "Foo#bar", "_private_name"]
)
def test_names_are_symbols(query: str) -> None:
    """One word written as it stands in code is a symbol."""
    assert is_symbol(query)


@pytest.mark.parametrize(
    "query", ["parse", "parse a url", "where is parse_url used", "retries?", "HTTP", "", "哪里调用parse_url"]
)
def test_words_are_not_symbols(query: str) -> None:
    """Words, one or many, are not."""
    assert not is_symbol(query)


@pytest.mark.parametrize(
    ("query", "kept"),
    [
        ("python check if a list is empty", "check if a list is empty"),
        ("sort a map in Go?", "sort a map in"),
        ("how to parse json (C++)", "how to parse json"),
        ("python", "python"),
        ("¿cómo leer un archivo en python?", "¿cómo leer un archivo en"),
        ("读取文件 python\uff1f", "读取文件"),
        ("javascript_engine", "javascript_engine"),
    ],
)
def test_language_names_are_left_out(query: str, kept: str) -> None:
    """The lexical side is not asked for the name of a language, unless that is all there is."""
    assert without_language_names(query) == kept
