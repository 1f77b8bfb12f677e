"""Indexing for a limited time: every search answers with what there is, and brings the index on."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING

import pytest

from codesearch import CodeSearch, Mode, Progress
from codesearch.refreshing import TimeIsUp, TimeLimit

if TYPE_CHECKING:
    from pathlib import Path

NAMES = ("count_apples", "parse_date", "send_upload")
QUESTION = "send an upload"


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A repository of three functions, each in a file."""
    root = tmp_path / "shop"
    root.mkdir()
    for name in NAMES:
        (root / f"{name}.py").write_text(f"def {name}(value):\n    return value + 1\n")
    return root


def test_every_search_without_time_reads_more_files(tmp_path: Path) -> None:
    """With no time at all each search reads 64 files more, and says that there are others."""
    for number in range(150):
        (tmp_path / f"file_{number:03}.py").write_text(f"def send_upload_{number}():\n    return {number}\n")
    for known in (64, 128, 150):
        with CodeSearch(library=tmp_path / "library") as engine:
            found = engine.search(QUESTION, [tmp_path], mode=Mode.LEXICAL, within=0)
        assert found.matches
        assert found.coverage.definitions == known
        assert found.coverage.out_of_time or known == 150
        assert found.coverage.stale is found.coverage.out_of_time


def test_meaning_arrives_with_the_searches_that_follow(shop: Path, tmp_path: Path) -> None:
    """Searches without time embed a batch each, and come to the same answer as one with all the time."""
    (shop / "many.py").write_text("\n".join(f"def function_{n}(value):\n    return {n}\n" for n in range(50)))
    with CodeSearch(library=tmp_path / "library") as engine:
        engine.index(shop, lexical_only=True)
        first = engine.search(QUESTION, [shop], within=0)
        assert 0 < first.coverage.embedded_passages < first.coverage.passages == 53
        assert (first.coverage.stale, first.coverage.out_of_time, first.coverage.complete) == (False, True, False)
        assert first.matches[0].definition.name == "send_upload"
        second = engine.search(QUESTION, [shop], within=0)
        assert (second.coverage.complete, second.coverage.out_of_time) == (True, False)
    with CodeSearch(library=tmp_path / "other") as engine:
        unlimited = engine.search(QUESTION, [shop])
    assert [(one.path, one.definition, one.score) for one in second.matches] == [
        (one.path, one.definition, one.score) for one in unlimited.matches
    ]


def test_with_time_enough_nothing_is_left(shop: Path, tmp_path: Path) -> None:
    """A limit that is not reached changes nothing; nor does any where there is nothing to do."""
    with CodeSearch(library=tmp_path / "library") as engine:
        for seconds in (3600.0, 0.0):
            coverage = engine.search(QUESTION, [shop], within=seconds).coverage
            assert (coverage.complete, coverage.stale, coverage.out_of_time) == (True, False, False)


def test_a_limit_ends_the_work_between_two_parts_of_it() -> None:
    """Over at 5 seconds: not before, not in a short phase, neither before anything is done nor when all is."""
    told: list[Progress] = []
    ticks = count()
    limit = TimeLimit(5, told.append, clock=lambda: float(next(ticks)))  # each look at the clock is a second later
    harmless = [Progress("parse", done, 99) for done in (64, 65, 66, 67)]
    harmless += [Progress("parse", 63, 99), Progress("parse", 99, 99), Progress("walk", 1, 2)]
    harmless += [Progress("embed", 0, 9), Progress("embed", 9, 9), Progress("vectors", 1, 2)]
    for report in harmless:
        limit(report)
    last = Progress("embed", 1, 9)
    with pytest.raises(TimeIsUp):
        limit(last)
    assert told == [*harmless, last]
