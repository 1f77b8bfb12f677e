"""When progress is shown, and what of it."""

from __future__ import annotations

import io
import re

import pytest

from cli.progress import FREE_COLUMNS, ProgressDisplay, rate_text
from codesearch import Progress


class Terminal(io.StringIO):
    """A stderr that says it is a terminal."""

    def isatty(self):
        return True


class Clock:
    """A clock that stands until it is moved."""

    now = 100.0

    def __call__(self):
        return self.now


@pytest.fixture
def terminal(monkeypatch):
    """Return a terminal of 100 columns."""
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setenv("TERM", "xterm")
    return Terminal()


def test_quick_work_shows_nothing(terminal):
    """What is over within half a second leaves the screen alone."""
    clock = Clock()
    with ProgressDisplay(stream=terminal, clock=clock) as progress:
        progress(Progress("parse", 1, 10))
        clock.now += 0.4
        progress(Progress("parse", 10, 10))
    assert terminal.getvalue() == ""


def test_what_is_wiped_is_drawn_anew(terminal):
    """After an answer in between the same phase gets its bar again, and the answer stands above it."""
    clock = Clock()
    with ProgressDisplay(stream=terminal, clock=clock) as progress:
        progress(Progress("embed", 1, 10))
        clock.now += 0.6
        progress(Progress("embed", 4, 10))
        progress.clear()
        terminal.write("an answer")
        progress(Progress("embed", 7, 10))
    before, after = terminal.getvalue().split("an answer")
    assert before.endswith("\x1b[2K")
    assert "4/10" in before
    assert "7/10" in after


def test_long_work_shows_phase_and_count(terminal):
    """After half a second there is a bar with what is done of how much; the last thing written wipes it."""
    clock = Clock()
    with ProgressDisplay(stream=terminal, clock=clock) as progress:
        progress(Progress("parse", 1, 10))
        clock.now += 0.6
        progress(Progress("parse", 4, 10))
        progress(Progress("embed", 0, 0))
    written = terminal.getvalue()
    assert "Reading code" in written
    assert "4/10" in written
    assert "Embedding" in written
    assert written.endswith("\x1b[2K")  # the line is erased


def test_the_end_of_the_line_stays_free(terminal):
    """There is room for the ^C that a terminal writes behind a bar: else another line than the bar's is wiped."""
    clock = Clock()
    with ProgressDisplay(stream=terminal, clock=clock) as progress:
        progress(Progress("embed", 1, 1000))
        clock.now += 0.6
        progress(Progress("embed", 400, 1000))
    lines = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", terminal.getvalue()).replace("\r", "\n").split("\n")
    assert max(map(len, lines)) == 100 - FREE_COLUMNS


def test_nothing_is_shown_without_a_terminal():
    """A log gets no bars, however long it takes."""
    stream, clock = io.StringIO(), Clock()
    with ProgressDisplay(stream=stream, clock=clock) as progress:
        for _ in range(3):
            progress(Progress("parse", 1, 10))
            clock.now += 10
    assert stream.getvalue() == ""


def test_nothing_is_shown_when_quiet(terminal):
    """Switched off, it stays silent on a terminal too."""
    clock = Clock()
    with ProgressDisplay(enabled=False, stream=terminal, clock=clock) as progress:
        progress(Progress("parse", 1, 10))
        clock.now += 10
        progress(Progress("parse", 2, 10))
    assert terminal.getvalue() == ""


@pytest.mark.parametrize(
    ("speed", "text"),
    [(None, ""), (0.0, ""), (0.26, "0.3 files/s"), (9.94, "9.9 files/s"), (12345.6, "12,346 files/s")],
)
def test_rates(speed, text):
    """Whole from ten on, a decimal below, nothing while unknown."""
    assert rate_text(speed, "files").plain == text
