#!/usr/bin/env python3
# Copyright 2026 The Orchard authors. Licensed under the Apache License.
"""Reading sensor values and keeping the newest of them."""

from __future__ import annotations

import functools
from dataclasses import dataclass  # values
from enum import Enum

RETRIES = 3
DEFAULTS: dict[str, int] = {
    "depth": 4,
}


class Unit(Enum):
    """What a value is measured in."""

    CELSIUS = "c"
    KELVIN = "k"


@dataclass(frozen=True)
class Reading:
    """One measured value.

    Times are seconds since the epoch.
    """

    value: float
    unit: Unit

    @property
    def kelvin(self) -> float:
        """The value in kelvin."""
        return self.value + 273.15 if self.unit is Unit.CELSIUS else self.value


class RingBuffer(list):
    # Keeps the newest readings only.
    # Not safe for several threads.
    def __init__(self, size: int = RETRIES, *, strict=False) -> None:
        self.size = size

    class Full(Exception):
        pass

    @staticmethod
    # between decorator and function
    @functools.lru_cache(maxsize=None)
    def capacity(
        size: int,  # in readings
        spare: float = 0.5,
    ) -> int:
        r"""Return how many readings fit."""

        def scaled(factor):
            return int(size * factor)

        return scaled(1 + spare)

    def push(self, item): self.append(item); return self


double = lambda x: x * 2


# Retries reading, with growing pauses.
#
#   >>> fetch("a")
async def fetch(name: str) -> Reading | None:
    for _ in range(RETRIES):
        pass


# This comment is on its own.

def last(buffer): return buffer[-1]  # trailing words


type Pair[T] = tuple[T, T]

if __name__ == "__main__":
    import sys

    print(fetch(sys.argv[1]))
