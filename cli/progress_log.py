"""The progress of long work where stderr is no terminal: a line now and then, for a log that somebody watches.

What a terminal shows is in `progress`; nothing is written of work that is over quickly.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from cli import streams
from cli.counting import number_of
from cli.progress import phase_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from codesearch import Progress

LOGGED_EVERY_SECONDS = 30.0  # often enough to see that it is alive; an hour's work is 120 lines


class ProgressLog:
    """A callback for the engine that writes a line whenever `LOGGED_EVERY_SECONDS` are over.

    `write` is given the lines, `clock` returns seconds.
    """

    def __init__(
        self, write: Callable[[str], None] = streams.note, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._write, self._clock = write, clock
        self._said = clock()
        self._phase, self._began, self._done_before = "", 0.0, 0

    def __call__(self, report: Progress) -> None:
        """Take a report of the engine."""
        now = self._clock()
        if report.phase != self._phase:  # what was done until here took no time that is known
            self._phase, self._began, self._done_before = report.phase, now, report.done
        if now - self._said >= LOGGED_EVERY_SECONDS and report.total:
            self._said = now
            self._write(log_line(report, now - self._began, report.done - self._done_before))


def log_line(report: Progress, seconds: float, done: int) -> str:
    """Return how far a phase is, and how long it will take when it goes on as in the last `seconds`, with `done`."""
    title, unit = phase_of(report.phase)
    line = f"{title}: {report.done:,} of {number_of(report.total, unit) if unit else f'{report.total:,}'}"
    if done <= 0 or seconds <= 0:
        return line
    return f"{line}, {done / seconds:,.0f} a second, {_duration((report.total - report.done) * seconds / done)} left"


def _duration(seconds: float) -> str:
    minutes = round(seconds / 60)
    if minutes < 1:
        return "less than a minute"
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"
