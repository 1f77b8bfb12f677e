"""The value that every benchmark yields, and the file that one run is kept in.

A file names the processor and the versions, never the machine, a user or a path.
"""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

FORMAT = 1
CODESEARCH = "codesearch"


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured number.

    `question` is the module that measured it, `subject` what was measured (codesearch or a peer), `value` the median of
    the repetitions in `unit`, and `size` what it grows with, in `size_unit`. Without a value `note` says why there is
    none.
    """

    question: str
    subject: str
    name: str
    value: float | None
    unit: str
    size: int = 0
    size_unit: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Run:
    """All figures of one run and what they were measured on."""

    date: str
    machine: dict[str, str | int | float]
    settings: dict[str, str | int | bool]
    figures: tuple[Figure, ...] = field(default=())


def write_run(run: Run, path: Path) -> None:
    """Write a run to a JSON file; its folder is made."""
    path.parent.mkdir(parents=True, exist_ok=True)
    content = {"format": FORMAT, **dataclasses.asdict(run)}
    path.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


def read_run(path: Path) -> Run:
    """Read a run back; ValueError when the file is not one."""
    content = json.loads(path.read_text(encoding="utf-8"))
    if content.pop("format", None) != FORMAT:
        raise ValueError(f"{path.name} is not a run of format {FORMAT}")
    return Run(**{**content, "figures": tuple(Figure(**one) for one in content["figures"])})
