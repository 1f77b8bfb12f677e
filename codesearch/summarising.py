"""The decoder as the indexer's `Summariser`: a line for each function without documentation, or nothing.

What it reads of a definition is what `explain` reads. It is loaded when the first text is to be written; which
definitions those are, and what becomes of them, is the business of `indexer`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from codesearch.explaining import in_one_line, says_something
from codesearch.generation.context import sources_of
from codesearch.reading import as_match

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from codesearch.codet5p import FoundWriter, Writer
    from store import StoredDefinition

# A first sentence is rarely longer, and every one more is read by the encoder in the place of code. Greedy, not with
# the beams of `explain`: these are written by the thousand.
MAX_TOKENS = 32


class Summariser:
    """Summaries by the decoder `found`, which `load` loads; see `indexer.encoder`."""

    def __init__(self, found: FoundWriter, load: Callable[[], Writer]) -> None:
        self.fingerprint = f"{found.fingerprint}+{MAX_TOKENS}"
        self._load = load

    def code_of(self, stored: StoredDefinition) -> str:
        """Return the definition's code at the left margin."""
        (source,) = sources_of([as_match(stored)])
        return source.code

    def summarise(self, codes: Sequence[str]) -> list[str]:
        """Return a line for each code, empty where the decoder's says nothing; raises the errors of `load`."""
        from codesearch.codet5p.writer import Task

        lines = [in_one_line(one.text) for one in self._load().write_many(Task.SUMMARY, codes, MAX_TOKENS)]
        return [line if says_something(line) else "" for line in lines]
