"""How a training run is told of, and how it is asked to stop."""

from __future__ import annotations

import io
import os
import signal

import pytest

from cli.training_progress import STEPS_A_LINE, StopRequest, TrainingDisplay, duration, line_of
from codesearch.training import TrainingProgress
from tests.cli.test_progress import Clock, Terminal


def progress(step, stage="contrast", steps=400, mrr=None, speed=47.4):
    return TrainingProgress(stage, step, steps, {"text_to_code": 1.23456, "accuracy": 0.5}, speed, 14_590.0, mrr)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.4, "0 s"), (59.6, "1 min 0 s"), (200, "3 min 20 s"), (3_599, "59 min 59 s"), (7_530, "2 h 5 min")],
)
def test_durations(seconds, text):
    """The two largest units, rounded to seconds first."""
    assert duration(seconds) == text


def test_a_line_says_it_all():
    """Stage, step, losses, MRR where there is one, speed with a decimal where it is slow, time left."""
    assert line_of(progress(50, mrr=0.7454)) == (
        "contrast 50/400  text to code 1.235, accuracy 0.500, MRR 0.745  47 pairs/s, 4 h 3 min left"
    )
    assert line_of(progress(50, speed=2.04)).endswith("accuracy 0.500  2.0 pairs/s, 4 h 3 min left")


def test_a_file_gets_a_line_now_and_then():
    """The first step of a stage, every fiftieth, and the last one; also where not every step is told."""
    stream = io.StringIO()
    with TrainingDisplay(stream=stream) as display:
        for step in range(1, 121):
            display(progress(step, steps=120))
        for step in range(7, 141, 7):
            display(progress(step, stage="pairs", steps=140))
    told = [line.split("  ")[0] for line in stream.getvalue().splitlines()]
    assert STEPS_A_LINE == 50
    assert told == [
        *(f"contrast {step}/120" for step in (1, 50, 100, 120)),
        *(f"pairs {step}/140" for step in (7, 63, 119, 140)),
    ]


def test_a_terminal_gets_a_bar(monkeypatch):
    """The bar shows the stage, the count and the time left, the line below it the losses; quiet shows nothing."""
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setenv("TERM", "xterm")
    for enabled in (True, False):
        terminal = Terminal()
        with TrainingDisplay(enabled=enabled, stream=terminal) as display:
            display(progress(3))
            display(progress(4, mrr=0.25))
        shown = [part in terminal.getvalue() for part in ("contrast", "4/400", "4 h 3 min left", "MRR 0.250")]
        assert shown == [enabled] * 4


def test_time_runs_out():
    """After the minutes given, and not before; without any it never does."""
    clock = Clock()
    with StopRequest(1.5, clock) as stop, StopRequest(None, clock) as never:
        clock.now = 100 + 89.0
        assert not stop()
        clock.now = 100 + 90.0
        assert stop()
        assert not never()
        assert not stop.interrupted


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_asks_and_asks_once(number, capsys):
    """The first signal is a request, with a word on what happens; the next is what it always was."""
    before = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)
    with StopRequest() as stop:
        assert not stop()
        os.kill(os.getpid(), number)
        assert stop()
        assert stop.interrupted
        assert (signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)) == before
    assert "stopping after this step" in capsys.readouterr().err
