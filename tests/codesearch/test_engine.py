"""The public API on small real repositories, with the bundled model."""

from __future__ import annotations

import shutil
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from codesearch import CodeSearch, Filters, Kind, Mode
from codesearch.errors import EmptyQuery, NotIndexed, PathMissing
from store import Library

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

UPLOAD = '''"""Sending files."""

import time


def send_with_patience(client, data):
    """Try again when the network fails."""
    for attempt in range(5):
        try:
            return client.put(data)
        except OSError:
            time.sleep(2**attempt)


class Basket:
    """Things to buy."""

    def total_price(self):
        return sum(item.price for item in self.items)
'''
DATES = """package dates

// IsLeap tells whether a year has 366 days.
func IsLeap(year int) bool {
	return year%4 == 0 && (year%100 != 0 || year%400 == 0)
}
"""


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository of two folders and two languages."""
    root = tmp_path / "shop"
    (root / "network").mkdir(parents=True)
    (root / "calendar").mkdir()
    (root / "network" / "upload.py").write_text(UPLOAD)
    (root / "calendar" / "dates.go").write_text(DATES)
    return root


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[CodeSearch]:
    """An engine with an empty library."""
    with CodeSearch(library=tmp_path / "library") as opened:
        yield opened


def _names(engine: CodeSearch, query: str, *paths: Path, **options: object) -> list[str]:
    found = engine.search(query, paths, **options)  # type: ignore[arg-type]
    return [match.definition.qualified_name for match in found.matches]


def test_the_first_search_indexes(engine: CodeSearch, repository: Path) -> None:
    """A question in other words than the code's finds the function in a folder that was never indexed."""
    results = engine.search("where do we retry failed uploads?", [repository], top_k=1)
    (match,) = results.matches
    assert (match.root, match.path, match.language) == (repository, "network/upload.py", "python")
    assert match.definition.qualified_name == "send_with_patience"
    assert (match.definition.start_line, match.definition.end_line) == (6, 12)
    assert match.dense_rank == 1
    assert results.coverage.complete


def test_a_change_is_found_by_the_next_search(engine: CodeSearch, repository: Path) -> None:
    """What was added is found and what was deleted is gone, unless the refresh is declined."""
    engine.index(repository)
    (repository / "calendar" / "moon.py").write_text("def full_moon_dates(year):\n    return []\n")
    (repository / "calendar" / "dates.go").unlink()
    stale = engine.search("leap year", [repository], refresh=False)
    assert stale.matches[0].definition.name == "IsLeap"
    assert stale.coverage.stale
    names = _names(engine, "full moon", repository)
    assert names[0] == "full_moon_dates"
    assert "IsLeap" not in names


def test_a_folder_below_the_root_is_that_part_of_it(engine: CodeSearch, repository: Path) -> None:
    """The root's index serves its folders and files; no second repository is made."""
    engine.index(repository)
    assert _names(engine, "retry failed uploads", repository / "calendar") == ["IsLeap"]
    assert "send_with_patience" in _names(engine, "leap year", repository / "network" / "upload.py")
    assert [status.root for status in engine.status()] == [repository]


def test_several_paths_at_once(engine: CodeSearch, repository: Path, tmp_path: Path) -> None:
    """Matches of several repositories stand in one list, each definition once."""
    other = tmp_path / "other"
    other.mkdir()
    (other / "leap.py").write_text("def is_leap_year(year):\n    return year % 4 == 0\n")
    matches = engine.search("leap year", [repository, repository / "calendar", other]).matches
    found = [(match.definition.qualified_name, match.root, match.path) for match in matches]
    assert sorted(found[:2]) == [("IsLeap", repository, "calendar/dates.go"), ("is_leap_year", other, "leap.py")]
    assert len(set(found)) == len(found)


def test_filters(engine: CodeSearch, repository: Path) -> None:
    """Language, path and kind each leave the others out."""
    go = Filters(languages=frozenset({"go"}), kinds=frozenset({Kind.FUNCTION}))
    assert _names(engine, "retry uploads", repository, filters=go) == ["IsLeap"]
    assert _names(engine, "price", repository, filters=Filters(kinds=frozenset({Kind.METHOD}))) == [
        "Basket.total_price"
    ]
    assert "IsLeap" not in _names(engine, "leap year", repository, filters=Filters(paths=("network/",)))


@pytest.mark.parametrize("mode", list(Mode))
def test_fewer_matches_are_the_first_of_more(engine: CodeSearch, repository: Path, mode: Mode) -> None:
    """How many are wanted, and whether they are explained, changes neither order nor scores nor texts."""
    for number in range(30):
        (repository / f"retry_{number}.py").write_text(f"def retry_upload_{number}(data):\n    return {number}\n")
    many = engine.search("retry failed uploads", [repository], top_k=20, mode=mode).matches
    few = engine.search("retry failed uploads", [repository], top_k=3, mode=mode).matches
    explained = engine.search("retry failed uploads", [repository], top_k=3, mode=mode, explain=True).matches
    assert few == many[:3]
    assert tuple(replace(match, explanation=None) for match in explained) == few


def test_lexical_search_needs_no_vectors(engine: CodeSearch, repository: Path) -> None:
    """Words are found without a single embedding, and the answer says that nothing is embedded."""
    results = engine.search("total price", [repository], mode=Mode.LEXICAL)
    assert results.matches[0].definition.qualified_name == "Basket.total_price"
    assert (results.matches[0].dense_rank, results.coverage.embedded_passages) == (None, 0)


def test_what_cannot_be_searched(engine: CodeSearch, repository: Path, tmp_path: Path) -> None:
    """A missing path, an unindexed path without refresh and an empty query are errors that name it."""
    with pytest.raises(PathMissing) as missing:
        engine.search("anything", [tmp_path / "nowhere"])
    assert missing.value.path == tmp_path / "nowhere"
    with pytest.raises(NotIndexed) as unindexed:
        engine.search("anything", [repository], refresh=False)
    assert unindexed.value.path == repository
    with pytest.raises(EmptyQuery):
        engine.search(" ?! ", [repository])
    assert engine.status() == []


def test_clear_forgets_the_index_and_not_the_code(engine: CodeSearch, repository: Path) -> None:
    """After clear the library is empty and the files are where they were."""
    engine.index(repository)
    assert engine.clear(repository) == [repository]
    assert engine.status() == []
    assert (repository / "network" / "upload.py").read_text() == UPLOAD


def test_a_repository_that_is_gone_can_be_forgotten(engine: CodeSearch, repository: Path, tmp_path: Path) -> None:
    """Its status says so, and clear takes its path; what is missing below a folder that is there is a mistake."""
    engine.index(repository)
    (tmp_path / "circle").symlink_to(tmp_path / "circle")
    for refused in (engine.status, engine.clear):
        with pytest.raises(PathMissing):
            refused(tmp_path / "circle")
        with pytest.raises(PathMissing):
            refused(repository / "netwrk")
        with pytest.raises(PathMissing):
            refused(tmp_path / "nowhere")
    assert [status.gone for status in engine.status(repository)] == [False]
    shutil.rmtree(repository)
    assert [(status.root, status.gone) for status in engine.status(repository)] == [(repository, True)]
    with pytest.raises(PathMissing):
        engine.search("anything", [repository])
    assert engine.clear(repository) == [repository]
    assert engine.status() == []


def test_status_tells_that_another_is_indexing(engine: CodeSearch, repository: Path) -> None:
    """While another handle holds the lock of a repository, and no longer."""
    engine.index(repository)
    with Library.open(engine.library_folder) as library, library.repository(repository).writing():
        assert [status.being_indexed for status in engine.status()] == [True]
    assert [status.being_indexed for status in engine.status()] == [False]


def test_status_counts(engine: CodeSearch, repository: Path) -> None:
    """Files by language, definitions by kind and skipped files by reason are those on disk."""
    (repository / "logo.py").write_bytes(b"\x00\x01\x02")
    engine.index(repository)
    (status,) = engine.status(repository)
    assert status.files == {"go": 1, "python": 1}
    assert (status.definitions["function"], status.definitions["method"], status.definitions["class"]) == (2, 1, 1)
    assert sum(status.skipped.values()) == 1
    assert [skipped.path for skipped in engine.skipped_files(repository)] == ["logo.py"]
    assert status.model.startswith("bundled")


def test_a_name_finds_what_is_called_so(engine: CodeSearch, tmp_path: Path) -> None:
    """A long type is found by its name, although a hundred short functions mention that name more densely."""
    root = tmp_path / "web"
    root.mkdir()
    members = "".join(f"    def handle_{number}(self, request):\n        return request\n" for number in range(60))
    (root / "core.py").write_text(f"class Router:\n    pass\n\n{members}")
    for number in range(120):
        (root / f"user{number}.py").write_text(f"def router_{number}(router):\n    return router.router\n")
    assert _names(engine, "router", root, mode=Mode.LEXICAL, top_k=1) == ["Router"]
    assert _names(engine, "Router", root, top_k=1) == ["Router"]
    assert "Router" in _names(engine, "where is the RequestRouter or Router", root, mode=Mode.LEXICAL, top_k=100)
    mention = "what a long text mentions beside its subject is seldom meant, such as Router"
    assert "Router" not in _names(engine, mention, root, mode=Mode.LEXICAL, top_k=100)
