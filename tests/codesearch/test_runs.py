"""Runs that are kept, read again, compared and drawn."""

from __future__ import annotations

import json
import os
import sys
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from codesearch import __version__
from codesearch.errors import DrawingUnavailable, RunUnreadable
from codesearch.evaluation import compare_runs, draw_history, keep_run, kept_runs, read_run
from codesearch.evaluation.history import lines_of

if TYPE_CHECKING:
    from pathlib import Path

MOMENT = datetime(2026, 11, 23, 6, 30, tzinfo=UTC)
WEIGHTS = (1 / 4, 1 / 4, 1 / 2)  # of two queries to one repository and one to another


def _document(values: dict[str, list[float]], **others: Any) -> dict[str, Any]:
    """Return a run over two repositories with these values of MRR by mode."""
    asked = [("shop:1", "retry", "shop"), ("shop:2", "drop", "shop"), ("clock:1", "tick", "clock")]
    modes = {
        mode: {"mrr@10": sum(one * weight for one, weight in zip(its, WEIGHTS, strict=True))}
        for mode, its in values.items()
    }
    return {
        "set": "questions",
        "model": "some/folder/bundled@0123",
        "modes": modes,
        "repositories": [],
        "asked": [dict(zip(("id", "query", "repository"), one, strict=True)) for one in asked],
        "values": {mode: {"mrr@10": its} for mode, its in values.items()},
        **others,
    }


def _kept(folder: Path, values: dict[str, list[float]], **others: Any):
    return read_run(keep_run(folder, _document(values, **others), MOMENT))


def test_a_run_is_kept_and_read(tmp_path: Path) -> None:
    """The file is named by date, set and model, and has the version and the cores beside what was measured."""
    run = _kept(tmp_path / "new" / "runs", {"lexical": [1.0, 0.5, 0.0]})
    assert run.path == tmp_path / "new" / "runs" / "2026-11-23T06-30-00_questions_bundled.json"
    assert (run.moment, run.version, run.cores) == (MOMENT, __version__, os.cpu_count())
    assert (run.set, run.model, run.repositories) == ("questions", "some/folder/bundled@0123", True)
    assert run.modes == {"lexical": {"mrr@10": 0.375}}
    assert run.values == {"lexical": {"mrr@10": [1.0, 0.5, 0.0]}}
    assert (run.asked[2].query, run.asked[2].repository) == ("tick", "clock")


def test_names_of_kept_runs(tmp_path: Path) -> None:
    """A second run of the same second does not replace the first; a run by words has no model; blanks are no names."""
    names = [
        keep_run(tmp_path, {"set": "a b", "model": model, "modes": {}}, MOMENT).name for model in ("m@1", "m@1", "")
    ]
    head = "2026-11-23T06-30-00_a-b"
    assert names == [f"{head}_m.json", f"{head}_m-2.json", f"{head}_words.json"]


def test_history_is_in_order_of_time(tmp_path: Path) -> None:
    """The oldest is first, whatever the names; other files, and runs without a date, are left out."""
    for hours, value in ((2, 0.3), (0, 0.1), (1, 0.2)):
        keep_run(tmp_path, _document({"lexical": [value] * 3}), MOMENT + timedelta(hours=hours))
    (tmp_path / "a.json").write_text("[]")
    (tmp_path / "b.json").write_text(json.dumps(_document({"lexical": [0.9] * 3})))
    runs = kept_runs(tmp_path)
    assert [run.modes["lexical"]["mrr@10"] for run in runs] == pytest.approx([0.1, 0.2, 0.3])
    line = lines_of(runs, "mrr@10")["questions lexical"]
    assert [moment for moment, _ in line] == [MOMENT + timedelta(hours=hours) for hours in (0, 1, 2)]
    assert lines_of(runs, "ndcg@10") == {}


@pytest.mark.parametrize(
    ("text", "detail"),
    [
        ("{", "it is not JSON"),
        ("{}", "it has no figures of modes"),
        ('{"modes": {"lexical": {"mrr": 1}}}', "its fields are not those of a run"),
        (
            '{"modes": {"lexical": {"mrr": 1}}, "set": "s", "values": {"lexical": {"mrr": [1]}}}',
            "a value for each query",
        ),
        ('{"modes": {"lexical": {"mrr": 1}}, "set": "s", "date": "soon"}', "its fields are not those of a run"),
    ],
)
def test_what_is_no_run_is_said(tmp_path: Path, text: str, detail: str) -> None:
    """A file that is no run is named with the reason."""
    (tmp_path / "run.json").write_text(text)
    with pytest.raises(RunUnreadable) as wrong:
        read_run(tmp_path / "run.json")
    assert detail in wrong.value.detail


def test_what_is_not_there_is_said(tmp_path: Path) -> None:
    """A file, a folder and runs in it that do not exist."""
    for read in (
        lambda: read_run(tmp_path / "a.json"),
        lambda: kept_runs(tmp_path / "runs"),
        lambda: kept_runs(tmp_path),
    ):
        with pytest.raises(RunUnreadable):
            read()


def test_comparison(tmp_path: Path) -> None:
    """Differences weigh repositories alike; of two changes all four ways to swap are as large or larger."""
    first = _kept(tmp_path, {"lexical": [1.0, 0.5, 0.5], "dense": [0.0] * 3})
    second = _kept(tmp_path, {"lexical": [0.5, 0.5, 1.0]})
    comparison = compare_runs(first, second)
    assert (comparison.queries, comparison.unpaired, comparison.set) == (3, 0, "questions")
    [mode] = comparison.modes
    assert (mode.first_mode, mode.second_mode, mode.metric, mode.changed) == ("lexical", "lexical", "mrr@10", [1, 1])
    [metric] = mode.metrics
    assert (metric.first, metric.second, metric.difference) == (0.625, 0.75, 0.125)
    # The one query to `clock` is always drawn and adds .25; two draws of -.5 and 0 to `shop` add 0, -.125 or -.25.
    assert (metric.low, metric.high) == (0.0, 0.25)
    assert metric.p_value == 1.0  # with any signs -.125 and .25 make .125 or .375
    assert [(one.query, one.first, one.second) for one in mode.better] == [("tick", 0.5, 1.0)]
    assert [(one.query, one.first, one.second) for one in mode.worse] == [("retry", 1.0, 0.5)]


def test_comparison_of_two_modes_of_one_run(tmp_path: Path) -> None:
    """Any mode of one can be put beside any of the other; how many queries are named can be chosen."""
    run = _kept(tmp_path, {"lexical": [0.0, 0.1, 0.2], "dense": [1.0, 0.5, 1.0]})
    [mode] = compare_runs(run, run, mode="lexical", with_mode="dense", most_changed=2).modes
    assert (mode.first_mode, mode.second_mode, mode.changed) == ("lexical", "dense", [3, 0])
    assert [change.query for change in mode.better] == ["retry", "tick"]
    assert mode.metrics[0].p_value == 2 / 8
    [same] = compare_runs(run, run, mode="dense").modes
    assert (same.second_mode, same.metrics[0].difference, same.metrics[0].p_value) == ("dense", 0.0, 1.0)


def test_runs_of_one_mode_each_are_compared(tmp_path: Path) -> None:
    """Where each has one mode, it needs no name."""
    first, second = _kept(tmp_path, {"lexical": [0.0] * 3}), _kept(tmp_path, {"hybrid": [1.0] * 3})
    assert [one.second_mode for one in compare_runs(first, second).modes] == ["hybrid"]


def test_only_common_queries_count(tmp_path: Path) -> None:
    """A query that one run lacks is counted as unpaired, and pairs do not depend on the order."""
    first = _kept(tmp_path, {"lexical": [0.2, 0.4, 0.6]})
    document = _document({"lexical": [0.6, 0.4, 0.2]})
    document["asked"] = document["asked"][::-1]
    document["asked"][1]["query"] = "another"
    second = read_run(keep_run(tmp_path, document, MOMENT))
    comparison = compare_runs(first, second)
    assert (comparison.queries, comparison.unpaired) == (2, 2)
    assert comparison.modes[0].changed == [0, 0]


def test_runs_that_cannot_be_compared(tmp_path: Path) -> None:
    """Other queries, other modes, and runs without values of queries are refused with the reason."""
    run = _kept(tmp_path, {"lexical": [0.0] * 3, "dense": [0.0] * 3})
    asked = [{"id": str(number), "query": "else"} for number in range(3)]
    other = _kept(tmp_path, {"lexical": [0.0] * 3}, asked=asked)
    with pytest.raises(RunUnreadable, match="no query in common"):
        compare_runs(run, other)
    with pytest.raises(RunUnreadable, match="it has the modes lexical, dense, not hybrid"):
        compare_runs(run, run, mode="hybrid")
    with pytest.raises(RunUnreadable, match="no values of single queries"):
        compare_runs(run, read_run(keep_run(tmp_path, _document({"lexical": [0.0] * 3}) | {"values": {}}, MOMENT)))


def test_a_picture_is_drawn(tmp_path: Path) -> None:
    """The file is a PNG, in a folder that is made; nothing else is left beside it."""
    pytest.importorskip("matplotlib")
    for hours in range(3):
        keep_run(tmp_path, _document({"lexical": [hours / 4] * 3}), MOMENT + timedelta(hours=hours))
    target = tmp_path / "pictures" / "mrr.png"
    draw_history(kept_runs(tmp_path), "mrr@10", target)
    assert target.read_bytes().startswith(b"\x89PNG")
    assert [path.name for path in target.parent.iterdir()] == ["mrr.png"]


def test_without_matplotlib_there_is_no_picture(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is missing is said with an error of our own, and no file is written."""
    keep_run(tmp_path, _document({"lexical": [0.5] * 3}), MOMENT)
    for name in [name for name in sys.modules if name.partition(".")[0] == "matplotlib"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(DrawingUnavailable):
        draw_history(kept_runs(tmp_path), "mrr@10", tmp_path / "mrr.png")
    assert not (tmp_path / "mrr.png").exists()
