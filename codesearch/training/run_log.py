"""What a run says of itself: progress for whoever watches, and a line of `log.jsonl` for the curves.

Losses stay on the device until they are read, `log_every` steps at a time, because reading one makes a GPU wait. What
is made of the log is `curves`.
"""

from __future__ import annotations

import json
import time
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import torch

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from torch import Tensor

    from codesearch.training.settings import Stage

LOG_FILE = "log.jsonl"


@dataclass(frozen=True, slots=True)
class TrainingProgress:
    """Where a run is; `losses` are of this step, `mrr` of the last evaluation, seconds are of this process.

    Where only every nth step is logged, `losses` are means over those since the last line.
    """

    stage: str
    step: int
    steps: int
    losses: dict[str, float]
    pairs_per_second: float
    seconds_left: float
    mrr: float | None


class LossSums:
    """Sums of losses since they were last read; adding to them does not wait for the device."""

    def __init__(self) -> None:
        self._sums: dict[str, Tensor] = {}
        self._steps = 0

    def add(self, losses: Mapping[str, Tensor]) -> None:
        """Count one step with these losses, scalars."""
        self._steps += 1
        for name, loss in losses.items():
            loss = loss.detach().float()
            self._sums[name] = self._sums[name] + loss if name in self._sums else loss

    def read(self) -> dict[str, float]:
        """Return the mean of each loss over the steps counted, and begin anew; the device is asked once."""
        values = torch.stack(list(self._sums.values())).tolist() if self._sums else []
        means = {name: value / self._steps for name, value in zip(self._sums, values, strict=True)}
        self._sums, self._steps = {}, 0
        return means


class Pace:
    """How fast a stage goes in this process: seconds a step, from its first step on."""

    def __init__(self, stage: Stage, first_step: int) -> None:
        self._stage = stage
        self._first = first_step
        self._clock = time.monotonic()

    def progress(self, step: int, steps_left: int, losses: dict[str, float], mrr: float | None) -> TrainingProgress:
        """Return where a run is after `step` steps of the stage, with `steps_left` in it and the stages after it."""
        per_step = (time.monotonic() - self._clock) / max(1, step - self._first)
        pairs_per_second = self._stage.pairs / max(per_step, 1e-9)
        return TrainingProgress(
            self._stage.name, step, self._stage.steps, losses, pairs_per_second, per_step * steps_left, mrr
        )


def log_step(
    folder: Path, progress: TrainingProgress, total_step: int, examples: int, rates: Mapping[str, float]
) -> None:
    """Append a line to the log of the run in `folder`: progress, steps of all stages, examples consumed, rates."""
    line = {**asdict(progress), "total_step": total_step, "examples": examples, "learning_rates": dict(rates)}
    with (folder / LOG_FILE).open("a", encoding="utf-8") as log:
        log.write(json.dumps(line) + "\n")
