"""What a run is asked to do: how large, how often, with which repositories and peers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much is measured.

    `encoded` functions are encoded; repositories of `indexed` files are indexed with vectors, one of `parsed` files
    without; queries are asked among `definitions` definitions; vector indexes hold `vectors` vectors, mixtures of those
    of `mixed` functions. What is slow is repeated `repeats` times, and `questions` questions are asked.
    """

    encoded: int
    indexed: tuple[int, ...]
    parsed: int
    definitions: tuple[int, ...]
    vectors: tuple[int, ...]
    mixed: int
    repeats: int
    questions: int


# Ten minutes on two cores.
DEFAULT = Sizes(600, (50, 150, 450), 1_000, (1_000, 10_000, 100_000), (10_000, 100_000), 4_000, 3, 100)
# Two minutes on two cores: is everything still measured, and is anything far off?
QUICK = Sizes(200, (20, 60), 200, (1_000, 5_000), (10_000,), 1_000, 2, 30)
# What the choice of index was made by; an hour and 8 GiB of memory. The other questions are asked as by default.
FULL = Sizes(
    2_000, (50, 150, 450, 1_350), 3_000, (1_000, 10_000, 100_000), (10_000, 100_000, 1_000_000), 20_000, 3, 200
)


@dataclass(frozen=True, slots=True)
class Settings:
    """One run.

    `repository` is a folder whose files are taken (None: those of installed packages), `work` is removed afterwards,
    `peers_python` belongs to the peers' virtual environment (None: peers are left out).
    """

    sizes: Sizes
    repository: Path | None
    work: Path
    peers_python: Path | None
