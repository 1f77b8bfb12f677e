"""The answer by words that a person gets while a repository's meaning is still being prepared.

The engine decides when that is worth it (`words_first` of its `search`); how matches are shown is left to `search`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from cli import streams
from cli.errors import ExitCode

if TYPE_CHECKING:
    from collections.abc import Callable

    from cli.progress import ProgressDisplay
    from codesearch import SearchResults

HEADING = "By words, while meaning is still being prepared:\n"
NOTHING_YET = "Nothing by words; meaning is still being prepared."
FULL_HEADING = "By words and meaning:\n"
STOPPED = "stopped; the answer by words stands, and what was embedded is kept: search again to go on"


class WordsFirst:
    """Shows a first answer with `show` and takes the progress bars off the screen meanwhile; remembers that it did."""

    def __init__(self, show: Callable[[SearchResults], None], progress: ProgressDisplay) -> None:
        self._show, self._progress = show, progress
        self.shown = False

    def __call__(self, results: SearchResults) -> None:
        """Show the first answer; what follows says of itself that it is the full one."""
        self._progress.clear()
        self.shown = True
        if not results.matches:
            streams.note(NOTHING_YET)
            return
        streams.note(HEADING)
        self._show(results)
        streams.flush()
        streams.note("")

    def introduce_full_answer(self) -> None:
        """Say that the full answer follows, where there was a first one."""
        if self.shown:
            streams.note(FULL_HEADING)

    def stop(self) -> None:
        """End after an interruption: quietly where there was a first answer, else as any command does."""
        if not self.shown:
            raise KeyboardInterrupt
        streams.note(STOPPED)
        raise typer.Exit(ExitCode.STOPPED)
