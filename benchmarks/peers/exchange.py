"""How a peer is asked and answers: one JSON object on its standard input, one on the last line of its output.

Standard library only: this is imported by the peers' Python, which has none of the project's packages.
"""

from __future__ import annotations

import json
import sys
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable


def request() -> dict[str, Any]:
    """Return what is asked of this process."""
    asked: dict[str, Any] = json.load(sys.stdin)
    return asked


def answer(**values: object) -> None:
    """Say what was measured."""
    sys.stdout.write("\n" + json.dumps(values) + "\n")


def seconds(work: Callable[[], object]) -> float:
    """Return how long one call takes."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started
