"""What a run of the indexer did, in numbers and names; `codesearch` passes it on and `cli` words it."""

from __future__ import annotations

import re
import time
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

_DETAIL = re.compile(r"\s*[:(].*", re.DOTALL)
_IGNORED = re.compile(r"ignored by (?:.*/)?([^/:]+):\d+")


@dataclass(frozen=True, slots=True)
class Failure:
    """A file that should be searched and is not: it could not be read, or not be parsed."""

    path: str
    reason: str

    def __str__(self) -> str:
        return f"{self.path}: {self.reason}"


@dataclass(frozen=True, slots=True)
class IndexReport:
    """What one run did.

    `added`, `changed`, `removed` and `unchanged` count files that are searched; a file that is left out from now on
    is removed, one that is taken in is added. `skipped` counts what is left out now, by kind of reason; a whole
    folder counts once. `definitions` and `passages` are those of the files that were read. `embedded` passages went
    through the encoder, in this run, also for files of an earlier, interrupted one; `reused` passages of the files that
    were read had an embedding already. `summarised` definitions were given what a model wrote of them, now or before;
    `unsummarised` wait for that, because this run had no model that writes. `seconds` is all of the run,
    `phase_seconds` its parts.
    """

    added: int = 0
    changed: int = 0
    removed: int = 0
    unchanged: int = 0
    skipped: Mapping[str, int] = field(default_factory=dict)
    definitions: int = 0
    passages: int = 0
    embedded: int = 0
    reused: int = 0
    summarised: int = 0
    unsummarised: int = 0
    seconds: float = 0.0
    phase_seconds: Mapping[str, float] = field(default_factory=dict)
    failures: tuple[Failure, ...] = ()


class Stopwatch:
    """Measures the phases of a run."""

    def __init__(self) -> None:
        self._started = time.perf_counter()
        self.phases: dict[str, float] = {}

    @property
    def seconds(self) -> float:
        """The time since this was made."""
        return time.perf_counter() - self._started

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        """Measure what is done inside under this name."""
        started = time.perf_counter()
        try:
            yield
        finally:
            self.phases[name] = time.perf_counter() - started


def count_reasons(reasons: Iterable[str]) -> dict[str, int]:
    """Count reasons by their kind, the most frequent first: "not source code (json)" is "not source code"."""
    counts = Counter(_kind(reason) for reason in reasons)
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def _kind(reason: str) -> str:
    ignored = _IGNORED.fullmatch(reason)
    return f"ignored by {ignored[1]}" if ignored else _DETAIL.sub("", reason)
