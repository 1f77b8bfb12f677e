"""The progress of long work, on stderr: a bar, a count, a rate and the time left for each phase.

Nothing is shown where stderr is no terminal (what `index` writes there is in `progress_log`), nor for work that is over
quickly.
"""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Self, TextIO

from cli.counting import plural

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from rich import progress
    from rich.text import Text

    from codesearch import Progress

# Columns at the right that bars leave free. A terminal writes ^C behind them when Ctrl-C is pressed; on a line that was
# full it went to the next one, and that one was wiped instead.
FREE_COLUMNS = 3

SHOWN_AFTER_SECONDS = 0.5  # a bar that flashes up and goes is worse than none

# What a phase does and what it counts, in the singular; a phase that is not here goes by its own name.
PHASES: dict[str, tuple[str, str]] = {
    "walk": ("Looking for files", "file"),
    "parse": ("Reading code", "file"),
    "summarise": ("Summarising", "function"),
    "embed": ("Embedding", "passage"),
    "vectors": ("Building vectors", "vector"),
    "overlap": ("Reading judged sets", ""),
    "harvest": ("Reading sources", "source"),
    "select": ("Choosing", "function"),
    "write": ("Writing", "function"),
    "ask hybrid": ("Asking (hybrid)", "query"),
    "ask dense": ("Asking (dense)", "query"),
    "ask lexical": ("Asking (lexical)", "query"),
    "solve": ("Solving", "problem"),
    "match": ("Matching", "pair"),
}


def phase_of(name: str) -> tuple[str, str]:
    """Return what a phase is called and what it counts, "" for nothing in particular."""
    return PHASES.get(name, (name.capitalize(), ""))


class ProgressDisplay:
    """A callback for the engine that draws what it is told; leaving the context wipes it from the screen.

    `enabled` false makes it silent; `stream` is stderr unless given; `clock` returns seconds.
    """

    def __init__(
        self, *, enabled: bool = True, stream: TextIO | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._stream = stream or sys.stderr
        self._enabled = enabled and self._stream.isatty()
        self._clock = clock
        self._first_call: float | None = None
        self._bars: progress.Progress | None = None
        self._tasks: dict[str, progress.TaskID] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.clear()

    def clear(self) -> None:
        """Wipe everything from the screen, so that something can be written; the next report draws anew."""
        if self._bars is not None:
            self._bars.stop()
            self._bars = None
            self._tasks = {}

    def __call__(self, report: Progress) -> None:
        """Take a report of the engine; draw it once the work has lasted a while."""
        if not self._enabled:
            return
        now = self._clock()
        if self._first_call is None:
            self._first_call = now
        if self._bars is None and now - self._first_call < SHOWN_AFTER_SECONDS:
            return
        self._draw(report)

    def _draw(self, report: Progress) -> None:
        if self._bars is None:
            self._bars = new_bars(self._stream)
            self._bars.start()
        total = report.total or None
        if report.phase not in self._tasks:
            title, unit = phase_of(report.phase)
            self._tasks[report.phase] = self._bars.add_task(title, total=total, unit=plural(unit) if unit else "")
        self._bars.update(self._tasks[report.phase], completed=report.done, total=total)


def new_bars(stream: TextIO) -> progress.Progress:
    """Return rich's bars on the stream with our columns; they vanish when stopped."""
    from rich import progress
    from rich.console import Console, ConsoleOptions

    class Narrower(Console):
        """A console that leaves some columns free."""

        @property
        def options(self) -> ConsoleOptions:
            whole = super().options
            return whole.update_width(max(1, whole.max_width - FREE_COLUMNS))

    class Rate(progress.ProgressColumn):
        """How much a second, in the phase's own unit."""

        def render(self, task: progress.Task) -> Text:
            return rate_text(task.finished_speed or task.speed, str(task.fields.get("unit", "")))

    return progress.Progress(
        progress.TextColumn("{task.description:<18}"),
        progress.BarColumn(bar_width=None),
        progress.MofNCompleteColumn(),
        Rate(),
        progress.TimeRemainingColumn(compact=True),
        console=Narrower(file=stream),
        transient=True,
        expand=True,
    )


def rate_text(speed: float | None, unit: str) -> Text:
    """Return a speed in units a second: whole from ten on, else with one decimal; nothing while it is unknown."""
    from rich.text import Text

    if not speed:
        return Text("")
    return Text(f"{speed:,.0f} {unit}/s" if speed >= 10 else f"{speed:.1f} {unit}/s", style="progress.data.speed")
