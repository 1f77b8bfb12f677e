"""The progress of a training run, on stderr: a bar that says it all on a terminal, a line now and then elsewhere.

A run lasts hours, so unlike the progress of other work it is also told where nobody watches: in a file one reads how
it went. Stopping a run in order is here too, because it is what a person does who watches.
"""

from __future__ import annotations

import signal
import sys
import time
from typing import TYPE_CHECKING, Any, Self, TextIO

from cli import streams

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType, TracebackType

    from codesearch import training

STEPS_A_LINE = 50
_HOUR, _MINUTE = 3_600, 60


class TrainingDisplay:
    """A callback for a run; leaving the context ends the bar, and its last state stays in the terminal.

    `enabled` false makes it silent; `stream` is stderr unless given.
    """

    def __init__(self, *, enabled: bool = True, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stderr
        self._enabled = enabled
        self._terminal = self._stream.isatty()
        self._live: Any = None
        self._bars: Any = None
        self._tasks: dict[str, Any] = {}
        self._told: tuple[str, int] = ("", 0)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._live is not None:
            self._live.stop()
            self._live = None

    def __call__(self, progress: training.TrainingProgress) -> None:
        """Take the report of a step and show it."""
        if not self._enabled:
            return
        if self._terminal:
            self._draw(progress)
        elif self._is_due(progress):
            self._stream.write(f"{line_of(progress)}\n")
            self._stream.flush()

    def _is_due(self, progress: training.TrainingProgress) -> bool:
        stage, step = self._told
        since = progress.step - step if stage == progress.stage else STEPS_A_LINE
        if since < STEPS_A_LINE and progress.step % STEPS_A_LINE and progress.step < progress.steps:
            return False
        self._told = (progress.stage, progress.step)
        return True

    def _draw(self, progress: training.TrainingProgress) -> None:
        from rich.console import Group
        from rich.text import Text

        if self._live is None:
            self._start()
        if progress.stage not in self._tasks:
            self._tasks[progress.stage] = self._bars.add_task(progress.stage, total=progress.steps, pace="")
        self._bars.update(self._tasks[progress.stage], completed=progress.step, pace=pace_of(progress))
        self._live.update(Group(self._bars, Text(f"  {figures_of(progress)}", style="dim")))

    def _start(self) -> None:
        from rich import progress
        from rich.console import Console
        from rich.live import Live

        console = Console(file=self._stream)
        self._bars = progress.Progress(
            progress.TextColumn("{task.description:<12}"),
            progress.BarColumn(bar_width=None),
            progress.MofNCompleteColumn(),
            progress.TextColumn("{task.fields[pace]}", style="progress.data.speed"),
            console=console,
            expand=True,
        )
        self._live = Live(self._bars, console=console, refresh_per_second=4)
        self._live.start()


class StopRequest:
    """Whether the run is to stop after its present step: asked by Ctrl-C (or SIGTERM), or `minutes` are over.

    A second Ctrl-C stops at once; what is saved then is the last state before. `clock` returns seconds.
    """

    def __init__(self, minutes: float | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._deadline = None if minutes is None else clock() + minutes * _MINUTE
        self._before: dict[int, Any] = {}
        self.interrupted = False

    def __enter__(self) -> Self:
        for number in (signal.SIGINT, signal.SIGTERM):
            self._before[number] = signal.signal(number, self._interrupt)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._restore()

    def __call__(self) -> bool:
        """Return whether to stop."""
        return self.interrupted or (self._deadline is not None and self._clock() >= self._deadline)

    def _interrupt(self, number: int, frame: FrameType | None) -> None:  # noqa: ARG002 - what signal handlers are given
        self.interrupted = True
        self._restore()
        streams.note("stopping after this step, to save it; Ctrl-C again to stop at once")

    def _restore(self) -> None:
        while self._before:
            signal.signal(*self._before.popitem())


def line_of(progress: training.TrainingProgress) -> str:
    """Return a report on one line: "contrast 50/4000  contrastive 1.234, ...  47 pairs/s, 4 h 3 min left"."""
    return f"{progress.stage} {progress.step}/{progress.steps}  {figures_of(progress)}  {pace_of(progress)}"


def figures_of(progress: training.TrainingProgress) -> str:
    """Return the losses and the MRR: "contrastive 1.234, accuracy 0.812, MRR 0.745"."""
    figures = [f"{name.replace('_', ' ')} {loss:.3f}" for name, loss in progress.losses.items()]
    if progress.mrr is not None:
        figures.append(f"MRR {progress.mrr:.3f}")
    return ", ".join(figures)


def pace_of(progress: training.TrainingProgress) -> str:
    """Return speed and time: "47 pairs/s, 4 h 3 min left"; the time is that of all stages."""
    speed = progress.pairs_per_second
    return (
        f"{speed:,.0f} pairs/s, {duration(progress.seconds_left)} left"
        if speed >= 10
        else (f"{speed:.1f} pairs/s, {duration(progress.seconds_left)} left")
    )


def duration(seconds: float) -> str:
    """Return a time in its two largest units: "2 h 5 min", "3 min 20 s", "45 s"."""
    whole = round(seconds)
    hours, minutes = divmod(whole // _MINUTE, _HOUR // _MINUTE)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {whole % _MINUTE} s" if minutes else f"{whole} s"
