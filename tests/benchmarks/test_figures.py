"""Runs are kept as they were, and compared with peers by ratios worked out by hand."""

from __future__ import annotations

import json
import os
import platform
from typing import TYPE_CHECKING

import pytest

from benchmarks.__main__ import main
from benchmarks.figures import Figure, Run, read_run, write_run
from benchmarks.machine import describe
from benchmarks.report import markdown, ratios

if TYPE_CHECKING:
    from pathlib import Path

RUN = Run(
    "2026-01-02",
    {"processor": "one", "cores": 2},
    {"sizes": "quick"},
    (
        Figure("embedding", "codesearch", "functions encoded", 120.0, "1/s", 10, "functions"),
        Figure("embedding", "sentence-transformers", "functions encoded", 15.0, "1/s", 10, "functions"),
        Figure("indexing", "codesearch", "first index", 6.0, "s", 50, "files"),
        Figure("indexing", "semble", "first index", 1.5, "s", 50, "files"),
        Figure("indexing", "semble", "first index", 9.0, "s", 60, "files"),
        Figure("searching", "ripgrep", "whole command", None, "s", note="not installed"),
        Figure("searching", "codesearch", "whole command", 0.5, "s", 7, "definitions"),
    ),
)


def test_a_run_is_read_back_as_it_was(tmp_path: Path) -> None:
    """What was written is what is read, down to figures without a value; another format is refused."""
    path = tmp_path / "results" / "run.json"
    write_run(RUN, path)
    assert read_run(path) == RUN
    path.write_text(json.dumps({**json.loads(path.read_text()), "format": 99}))
    with pytest.raises(ValueError, match="format"):
        read_run(path)


def test_ratios_say_how_many_times_better() -> None:
    """More per second is better, fewer seconds are; only what was measured of both at one size is compared."""
    found = [(ours.name, theirs.subject, ratio) for ours, theirs, ratio in ratios(RUN)]
    assert found == [("functions encoded", "sentence-transformers", 8.0), ("first index", "semble", 0.25)]


def test_the_report_shows_values_and_reasons() -> None:
    """Each figure has a row, one without a value its reason."""
    lines = markdown(RUN).splitlines()
    assert "| first index | 50 files | 6 s | semble: 1.5 s | 0.25 |" in lines
    assert "| ripgrep | whole command |  | not measured: not installed |" in lines
    assert "| codesearch | functions encoded | 10 functions | 120 1/s |" in lines


def test_a_machine_is_described_without_its_name() -> None:
    """Neither host nor user nor a path is in what a result says about the machine."""
    described = describe()
    assert described["cores"] == len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    told = " ".join(str(value) for value in described.values())
    assert "/" not in told.replace("@", "")
    assert platform.node() not in told.split()


@pytest.mark.parametrize("wrong", [["--name", "a/b"], ["--only", "quality"], ["--quick", "--full"]])
def test_wrong_arguments_are_refused(wrong: list[str]) -> None:
    """A name that is a path, a question that is none, and two sizes at once end the command before it measures."""
    with pytest.raises(SystemExit) as ended:
        main(wrong)
    assert ended.value.code == 2


def test_pictures_are_drawn(tmp_path: Path) -> None:
    """A picture for each curve that has points, and one of the ratios; none for what was not measured."""
    pytest.importorskip("matplotlib", reason="matplotlib is not installed")
    from benchmarks.plots import draw

    drawn = draw(RUN, tmp_path)
    assert {path.name for path in drawn} == {"index_time.png", "command_time.png", "beside_peers.png"}
    assert all(path.read_bytes().startswith(b"\x89PNG") for path in drawn)
