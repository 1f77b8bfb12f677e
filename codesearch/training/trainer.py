"""Runs the stages of a training run: optimiser, schedule, saving and going on, evaluation, progress.

On two cores or on one GPU, in bfloat16 with weights and optimiser in float32. A run is a folder: `state.pt` to go on
from, `log.jsonl` with every step, and at the end `checkpoint/`, in our own format. The same settings, corpus and seed
see the same examples in the same order, whether the run was interrupted or not.
"""

from __future__ import annotations

import json
import math
import random
import time
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import torch

from codesearch.codet5p.checkpoint import write_checkpoint
from codesearch.codet5p.golden import write_golden
from codesearch.codet5p.network import load_network
from codesearch.codet5p.tokenizer import DECODER_TOKENIZER_FILE, tokenizer_text
from codesearch.training.batches import BatchMaker
from codesearch.training.development import mean_reciprocal_rank
from codesearch.training.errors import RunDiffers, TrainingDiverged
from codesearch.training.sampling import PairStream
from codesearch.training.steps import StageSteps

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from codesearch.codet5p.network import Network
    from codesearch.training.corpus import Example
    from codesearch.training.settings import Settings, Stage

STATE_FILE = "state.pt"
LOG_FILE = "log.jsonl"
CHECKPOINT_FOLDER = "checkpoint"

_NOT_DECAYED = ("norm", "bias", "temperature")  # of AdamW's weight decay, as usual: norms and biases


@dataclass(frozen=True, slots=True)
class TrainingProgress:
    """Where a run is; `losses` are of this step, `mrr` of the last evaluation, seconds are of this process."""

    stage: str
    step: int
    steps: int
    losses: dict[str, float]
    pairs_per_second: float
    seconds_left: float
    mrr: float | None


class Trainer:
    """A run in `folder`, from the checkpoint in `start`; made anew or gone on with, see `run`."""

    def __init__(
        self,
        settings: Settings,
        start: Path,
        folder: Path,
        examples: Sequence[Example],
        held_out: Sequence[Example],
        device: str = "cpu",
    ) -> None:
        self._settings = settings
        self._start = start
        self._folder = folder
        self._held_out = held_out
        self._device = device
        self._network = load_network(start, device, torch.float32)  # in evaluation mode: dropout costs a third of a step
        self._maker = BatchMaker(start, self._network.config, settings, device)
        self._stream = PairStream(
            examples, settings.styles, settings.shares, neighbours=settings.neighbours, seed=settings.seed
        )
        self._step = 0
        self._mrr: float | None = None

    @property
    def network(self) -> Network:
        """The network in its present state."""
        return self._network

    def run(self, report: Callable[[TrainingProgress], None] = lambda _: None) -> Path:
        """Train to the end and return the folder of the checkpoint; go on where a saved state of this run is.

        Raises RunDiffers when the folder's state is of other settings or examples, and TrainingDiverged.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        saved = self._saved()
        torch.manual_seed(self._settings.seed)
        before = 0
        for number, stage in enumerate(self._settings.stages):
            if self._step < before + stage.steps:
                self._run_stage(number, stage, before, saved, report)
                saved = None
            before += stage.steps
        return self._write()

    def _run_stage(
        self, number: int, stage: Stage, before: int, saved: dict[str, Any] | None, report: Callable[[TrainingProgress], None]
    ) -> None:
        steps = StageSteps(self._network, self._maker, self._settings, stage).to(self._device)
        optimiser = _optimiser(self._network, steps, stage, self._settings.weight_decay)
        if saved is not None:
            self._restore(saved, number, steps, optimiser)
        clock, first = time.monotonic(), self._step
        while self._step < before + stage.steps:
            losses = self._one_step(stage, self._step - before, steps, optimiser)
            self._step += 1
            if self._step % self._settings.evaluate_every == 0 or self._step == before + stage.steps:
                self._evaluate()
            progress = self._progress(stage, self._step - before, losses, time.monotonic() - clock, self._step - first)
            self._log(progress)
            report(progress)
            if self._step % self._settings.save_every == 0 or self._step == before + stage.steps:
                self._save(number, steps, optimiser)

    def _one_step(
        self, stage: Stage, step: int, steps: StageSteps, optimiser: torch.optim.Optimizer
    ) -> dict[str, float]:
        for group in optimiser.param_groups:
            group["lr"] = group["peak"] * schedule(step, stage.warm_up, stage.steps)
        sums: dict[str, float] = {}
        for part in range(stage.accumulation):
            pairs = self._stream.take(stage.pairs // stage.accumulation)
            draw = random.Random(f"{self._settings.seed} {self._step} {part}")
            with torch.autocast(self._device.partition(":")[0], dtype=torch.bfloat16):
                losses = steps(pairs, draw)
            total = sum(weight * losses[name] for name, weight in stage.objectives.items())
            (total / stage.accumulation).backward()
            for name, loss in losses.items():
                sums[name] = sums.get(name, 0.0) + float(loss.detach()) / stage.accumulation
        if not all(map(math.isfinite, sums.values())):
            raise TrainingDiverged(self._step)
        torch.nn.utils.clip_grad_norm_(
            [tensor for group in optimiser.param_groups for tensor in group["params"]], self._settings.clip
        )
        optimiser.step()
        optimiser.zero_grad()
        return sums

    def _evaluate(self) -> None:
        if self._held_out:
            with torch.autocast(self._device.partition(":")[0], dtype=torch.bfloat16):
                self._mrr = mean_reciprocal_rank(self._network, self._maker, self._held_out, self._settings)

    def _progress(
        self, stage: Stage, step: int, losses: dict[str, float], seconds: float, done: int
    ) -> TrainingProgress:
        per_step = seconds / done
        stages = self._settings.stages
        left = per_step * (stage.steps - step) + per_step * sum(later.steps for later in stages[stages.index(stage) + 1 :])
        return TrainingProgress(stage.name, step, stage.steps, losses, stage.pairs / per_step, left, self._mrr)

    def _log(self, progress: TrainingProgress) -> None:
        line = {**asdict(progress), "total_step": self._step, "examples": self._stream.position}
        with (self._folder / LOG_FILE).open("a", encoding="utf-8") as log:
            log.write(json.dumps(line) + "\n")

    def _save(self, number: int, steps: StageSteps, optimiser: torch.optim.Optimizer) -> None:
        state = {
            "identity": self._identity(),
            "step": self._step,
            "stage": number,
            "position": self._stream.position,
            "network": self._network.state_dict(),
            "steps": steps.state_dict(),
            "optimiser": optimiser.state_dict(),
            "mrr": self._mrr,
            "random": torch.get_rng_state(),
        }
        partial = self._folder / f"{STATE_FILE}.partial"
        torch.save(state, partial)
        partial.replace(self._folder / STATE_FILE)

    def _saved(self) -> dict[str, Any] | None:
        file = self._folder / STATE_FILE
        if not file.is_file():
            return None
        saved: dict[str, Any] = torch.load(file, map_location=self._device, weights_only=True)
        for what, value in self._identity().items():
            if saved["identity"].get(what) != value:
                raise RunDiffers(self._folder, what)
        self._network.load_state_dict(saved["network"])
        self._step = saved["step"]
        self._stream.position = saved["position"]
        self._mrr = saved["mrr"]
        return saved

    def _restore(self, saved: dict[str, Any], number: int, steps: StageSteps, optimiser: torch.optim.Optimizer) -> None:
        torch.set_rng_state(saved["random"].cpu())
        if saved["stage"] == number:
            steps.load_state_dict(saved["steps"])
            optimiser.load_state_dict(saved["optimiser"])

    def _identity(self) -> dict[str, str]:
        """What must be the same for a run to go on: the settings, the starting checkpoint and the number of examples."""
        return {"settings": repr(self._settings), "start": self._start.name, "examples": str(self._stream.size)}

    def _write(self) -> Path:
        config = self._network.config
        folder = self._folder / CHECKPOINT_FOLDER
        tensors = self._network.tensors()
        own = tokenizer_text(self._start, DECODER_TOKENIZER_FILE) if config.decoder_special else None
        write_checkpoint(folder, config, tensors, tokenizer_text(self._start), own)
        write_golden(folder, config, tensors)
        return folder


def schedule(step: int, warm_up: int, steps: int) -> float:
    """Return the learning rate's share of its peak: linearly up during `warm_up` steps, then linearly to 0."""
    if step < warm_up:
        return (step + 1) / warm_up
    return max(0.0, (steps - step) / max(1, steps - warm_up))


def _optimiser(network: Network, steps: StageSteps, stage: Stage, decay: float) -> torch.optim.AdamW:
    """AdamW with a learning rate for the encoder's side and one for the decoder's; what is frozen is in none."""
    groups: dict[tuple[float, float], list[torch.nn.Parameter]] = {}
    for name, parameter in [*network.named_parameters(), *steps.contrastive.named_parameters()]:
        decoder = name.startswith(("language_model", "itm_head", "enc_to_dec_proj"))
        frozen = ("decoder" if decoder else "encoder") in stage.frozen
        parameter.requires_grad_(not frozen)
        if not frozen:
            rate = stage.decoder_learning_rate if decoder else stage.learning_rate
            kept = any(part in name.lower() for part in _NOT_DECAYED)
            groups.setdefault((rate, 0.0 if kept else decay), []).append(parameter)
    described = [{"params": found, "peak": rate, "weight_decay": decayed} for (rate, decayed), found in groups.items()]
    return torch.optim.AdamW(described, lr=0.0, fused=True)
