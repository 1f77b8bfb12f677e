"""Stopwatches: of a call, and of a whole process with the memory it needed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

ROOT = Path(__file__).parents[1]
_COMMAND = "import sys; sys.argv[0] = 'codesearch'; from cli.main import main; main()"
_LAUNCHER = Path(__file__).with_name("launcher.py")
FAILED = 2  # the exit code of an error; 1 is "nothing found"


@dataclass(frozen=True, slots=True)
class Execution:
    """What one process took: seconds from start to end, and the most memory it had, in bytes."""

    seconds: float
    peak_bytes: int
    output: str


class CommandFailed(Exception):
    """A measured command ended with an error."""


def seconds(work: Callable[[], object]) -> float:
    """Return how long one call takes."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def median_seconds(work: Callable[[], object], repeats: int) -> float:
    """Return the median of several calls."""
    return median(seconds(work) for _ in range(repeats))


def percentiles(values: Sequence[float]) -> tuple[float, float]:
    """Return the 50th and the 95th percentile of at least two values."""
    cuts = quantiles(values, n=20, method="inclusive")
    return median(values), cuts[-1]


def execute(command: Sequence[str], environment: Mapping[str, str] | None = None, given: str = "") -> Execution:
    """Run a command to its end; CommandFailed when its exit code says that it failed."""
    variables = {**os.environ, **(environment or {})}
    variables.pop("PYTHONDONTWRITEBYTECODE", None)  # an installed package has bytecode: its start is what is measured
    with tempfile.TemporaryDirectory() as folder:
        said = Path(folder) / "said.json"
        done = subprocess.run(
            [sys.executable, "-I", "-S", str(_LAUNCHER), str(said), *command],
            env=variables,
            input=given,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise CommandFailed(f"{Path(command[0]).name}: {_last_line(done.stderr)}")
        taken = json.loads(said.read_text(encoding="utf-8"))
    if taken["code"] < 0 or taken["code"] >= FAILED:
        raise CommandFailed(f"{Path(command[0]).name} ended with {taken['code']}: {_last_line(done.stderr)}")
    return Execution(taken["seconds"], taken["peak_bytes"], done.stdout)


def _last_line(text: str) -> str:
    return (text.strip().splitlines() or [""])[-1]


def codesearch(*arguments: str, library: Path) -> Execution:
    """Run the command line of this checkout with a library of its own."""
    environment = {"CODESEARCH_LIBRARY": str(library), "PYTHONPATH": str(ROOT)}
    return execute([sys.executable, "-c", _COMMAND, *arguments], environment)
