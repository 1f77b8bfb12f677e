"""The curves of a run: read from its log as it was written, smoothed by hand-worked weights, drawn where it can be."""

from __future__ import annotations

import json
import struct
import sys

import pytest

from codesearch.training import draw_curves
from codesearch.training.curves import CURVES_FILE, PICTURE_FILE, StageSpan, read_curves, smoothed
from codesearch.training.errors import RunMissing


def line(total_step, stage, step, mrr=None, rates=True, **losses):
    """Return a line of a log, as a dictionary."""
    written = {
        "stage": stage,
        "step": step,
        "steps": 3,
        "losses": losses,
        "pairs_per_second": 10.0 * step,
        "seconds_left": 1.0,
        "mrr": mrr,
        "total_step": total_step,
        "examples": 4 * total_step,
    }
    return {**written, "learning_rates": {"encoder": 1e-5 * step}} if rates else written


LINES = [
    line(1, "first", 1, contrastive=4.0, accuracy=0.25),
    line(2, "first", 2, mrr=0.5, contrastive=2.0, accuracy=0.5),
    line(3, "first", 3, mrr=0.5, contrastive=1.0, accuracy=0.5),
    line(4, "second", 1, mrr=0.5, matching=0.7),
    line(5, "second", 2, mrr=0.625, matching=0.6),
]


def write_log(folder, lines, end=""):
    folder.mkdir(exist_ok=True)
    (folder / "log.jsonl").write_text("".join(json.dumps(one) + "\n" for one in lines) + end)
    return folder


def test_each_number_has_its_curve(tmp_path):
    """Losses and shares apart, each at its own steps; the MRR where it was measured; stages from where to where."""
    curves = read_curves(write_log(tmp_path, LINES))
    assert curves.stages == [StageSpan("first", 1, 3), StageSpan("second", 4, 5)]
    assert {name: (curve.steps, curve.values) for name, curve in curves.losses.items()} == {
        "contrastive": ([1, 2, 3], [4.0, 2.0, 1.0]),
        "matching": ([4, 5], [0.7, 0.6]),
    }
    assert curves.accuracies["accuracy"].values == [0.25, 0.5, 0.5]
    assert (curves.mrr.steps, curves.mrr.values) == ([2, 5], [0.5, 0.625])
    assert curves.pairs_per_second.values == [10.0, 20.0, 30.0, 10.0, 20.0]
    assert curves.learning_rates["encoder"].values == pytest.approx([1e-5, 2e-5, 3e-5, 1e-5, 2e-5])


def test_smoothing_by_hand():
    """A value weighs half as much after each half-life, whatever was logged in between."""
    assert smoothed([1, 2, 3], [4.0, 2.0, 1.0], half=1) == pytest.approx([4, (2 + 2) / 1.5, (1 + 1 + 1) / 1.75])
    assert smoothed([10, 30], [1.0, 0.0], half=10) == pytest.approx([1, 0.25 / 1.25])
    assert smoothed([], []) == []


def test_a_stage_is_smoothed_on_its_own(tmp_path):
    """What a loss was in the stage before is not in its mean: batches may be of another size."""
    lines = [line(1, "first", 1, denoising=8.0), line(2, "second", 1, denoising=2.0)]
    assert read_curves(write_log(tmp_path, lines)).losses["denoising"].smoothed == [8.0, 2.0]


def test_a_run_that_was_interrupted(tmp_path):
    """Of a step that was done twice the second counts; a line that was cut off counts nothing."""
    again = [*LINES[:4], line(3, "first", 3, contrastive=1.5)]
    curves = read_curves(write_log(tmp_path, again, end='{"stage": "fir'))
    assert curves.losses["contrastive"].values == [4.0, 2.0, 1.5]
    assert curves.losses["matching"].steps == [4]


def test_a_log_without_learning_rates(tmp_path):
    """Lines from before rates were logged give all other curves."""
    assert read_curves(write_log(tmp_path, [line(1, "one", 1, rates=False, contrastive=1.0)])).learning_rates == {}


def test_the_rate_of_a_decoder_that_learns(tmp_path):
    """A rate is set for the decoder all along: it is none of the run's before the first loss of the decoder's own."""
    rates = {"learning_rates": {"encoder": 1e-5, "decoder": 1e-4}}
    compared = [
        line(1, "first", 1, contrastive=4.0, accuracy=0.25) | rates,
        line(2, "first", 2, contrastive=2.0, distillation=1.0, accuracy=0.5) | rates,
    ]
    matched = {"contrastive": 1.0, "accuracy": 0.5, "matching": 0.7, "matching accuracy": 0.5}
    written = line(3, "second", 1, code_to_text=5.0) | rates
    assert list(read_curves(write_log(tmp_path / "alone", compared)).learning_rates) == ["encoder"]
    both = read_curves(write_log(tmp_path / "both", [*compared, written, line(4, "second", 2, **matched) | rates]))
    assert {name: curve.steps for name, curve in both.learning_rates.items()} == {
        "encoder": [1, 2, 3, 4],
        "decoder": [3, 4],
    }


def test_the_numbers_and_the_picture(tmp_path):
    """The JSON holds the curves; the picture is a PNG of the size that is promised."""
    pytest.importorskip("matplotlib")
    drawn = draw_curves(write_log(tmp_path, LINES))
    assert (drawn.numbers, drawn.picture) == (tmp_path / CURVES_FILE, tmp_path / PICTURE_FILE)
    assert json.loads(drawn.numbers.read_text())["losses"]["matching"]["values"] == [0.7, 0.6]
    image = drawn.picture.read_bytes()
    assert image[:8] == b"\x89PNG\r\n\x1a\n"
    assert struct.unpack(">II", image[16:24]) == (1430, 936)
    assert [path.name for path in tmp_path.glob("*.partial")] == []


def test_panels_are_of_what_was_measured(tmp_path):
    """A decoder behind a frozen encoder is not searched with: no empty panel, and the others share the room."""
    pytest.importorskip("matplotlib")
    from codesearch.training.picture import figure_of

    written = [line(1, "one", 1, code_to_text=4.0), line(2, "one", 2, code_to_text=3.0)]
    for lines, titles in (
        (LINES, ["Loss", "Search", "Speed and learning"]),
        (LINES[:1], ["Loss", "Search", "Speed and learning"]),
        (written, ["Loss", "Speed and learning"]),
    ):
        panels = figure_of(read_curves(write_log(tmp_path, lines))).axes
        assert [title for panel in panels if (title := panel.get_title(loc="left"))] == titles


def test_without_matplotlib(tmp_path, monkeypatch):
    """The numbers are written, and there is no picture."""
    monkeypatch.delitem(sys.modules, "codesearch.training.picture", raising=False)
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    drawn = draw_curves(write_log(tmp_path, LINES))
    assert drawn.picture is None
    assert json.loads(drawn.numbers.read_text())["mrr"]["values"] == [0.5, 0.625]


@pytest.mark.parametrize("log", [None, "", "no json\n"])
def test_where_no_run_is(tmp_path, log):
    """A folder without a log, or with nothing in it, is named."""
    if log is not None:
        (tmp_path / "log.jsonl").write_text(log)
    with pytest.raises(RunMissing) as raised:
        draw_curves(tmp_path)
    assert raised.value.folder == tmp_path
