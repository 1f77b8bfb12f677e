"""Runs the stages of a training run: steps, saving and going on, evaluation, progress.

On two cores or on one GPU, in bfloat16 with weights and optimiser in float32. A run is a folder: `state.pt` to go on
from, `log.jsonl` with every step, and at the end `checkpoint/`, in our own format. The same settings, corpus and seed
see the same examples in the same order, whether the run was interrupted or not.
"""

from __future__ import annotations

import dataclasses
import math
from typing import TYPE_CHECKING, Any

import torch

from codesearch.codet5p.checkpoint import write_checkpoint
from codesearch.codet5p.golden import write_golden
from codesearch.codet5p.network import load_network
from codesearch.codet5p.tokenizer import DECODER_TOKENIZER_FILE, tokenizer_text
from codesearch.training.batches import BatchMaker
from codesearch.training.development import mean_reciprocal_rank
from codesearch.training.errors import RunDiffers, TrainingDiverged
from codesearch.training.identity import run_identity
from codesearch.training.objectives.joint import joint_loss
from codesearch.training.optimisation import optimiser_of, schedule
from codesearch.training.prepared import Part, Preparer, on_device
from codesearch.training.retrieval import Embedder, retrieved_for
from codesearch.training.run_log import LossSums, Pace, TrainingProgress, log_step
from codesearch.training.sampling import PairStream
from codesearch.training.settings import mines, uses_retrieval
from codesearch.training.steps import StageSteps
from codesearch.training.teacher import Teacher
from codesearch.training.workers import batches, workers_for

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from codesearch.codet5p.network import Network
    from codesearch.training.corpus import Example
    from codesearch.training.prepared import Prepared
    from codesearch.training.settings import Settings, Stage

STATE_FILE = "state.pt"
CHECKPOINT_FOLDER = "checkpoint"

_GRADIENT = "gradient norm"  # among the losses of a step, but not logged
_WIDTHS = 16  # on a GPU, sequences are padded to multiples of it: few shapes, each of which its kernels like


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
        self._examples = examples
        self._held_out = held_out
        self._device = device
        self._on_gpu = torch.device(device).type == "cuda"
        # in evaluation mode: dropout costs a third of a step
        self._network = load_network(start, device, torch.float32)
        widths = _WIDTHS if self._on_gpu else 1
        self._teacher = None if settings.teacher is None else Teacher(settings.teacher, settings, device, widths)
        self._maker = BatchMaker(start, self._network.config, settings, widths)
        self._stream = PairStream(
            examples,
            settings.styles,
            settings.shares,
            neighbours=settings.neighbours,
            seed=settings.seed,
            unasked=settings.unasked,
            bare=settings.bare,
        )
        self._identity = run_identity(settings, start.name, len(examples))
        self._position = 0  # of the stream after the last step; the stream itself may be further ahead
        self._step = 0
        self._mrr: float | None = None
        self._report: Callable[[TrainingProgress], None] = lambda _: None
        self._stop: Callable[[], bool] = lambda: False
        self._stopped = False

    @property
    def network(self) -> Network:
        """The network in its present state."""
        return self._network

    @property
    def step(self) -> int:
        """How many steps of all stages are done."""
        return self._step

    @property
    def mrr(self) -> float | None:
        """The mean reciprocal rank of the last evaluation."""
        return self._mrr

    @property
    def stopped(self) -> bool:
        """Whether `run` ended because it was asked to, before the last step."""
        return self._stopped

    def run(
        self,
        report: Callable[[TrainingProgress], None] = lambda _: None,
        stop: Callable[[], bool] = lambda: False,
    ) -> Path:
        """Train to the end and return the folder of the checkpoint; go on where a saved state of this run is.

        `report` is called after each step that is logged, `stop` after each step: once it says so, the run is saved
        where it is, its checkpoint written, and the rest is left to another call.
        Raises RunDiffers when the folder's state is of other settings or examples, and TrainingDiverged.
        """
        self._report, self._stop, self._stopped = report, stop, False
        self._folder.mkdir(parents=True, exist_ok=True)
        saved = self._saved()
        if uses_retrieval(self._settings) and not self._stream.retrieves:
            embed = Embedder(self._network, self._maker, self._device)
            found = retrieved_for(self._folder, self._settings, self._stream, self._examples, embed)
            self._stream.retrieve(found, self._settings.unretrieved, mined=mines(self._settings))
        if saved is not None:
            self._take_over(saved)
        torch.manual_seed(self._settings.seed)
        self._stream.position = self._position
        teacher = None if self._teacher is None else self._teacher.maker
        preparer = Preparer(self._stream, self._maker, self._settings, teacher)
        workers = workers_for(self._device, self._settings.workers)
        before = 0
        with batches(preparer, self._parts(self._step), workers) as made:
            for number, stage in enumerate(self._settings.stages):
                if self._step < before + stage.steps and not self._stopped:
                    self._run_stage(number, before, made, saved)
                    saved = None
                before += stage.steps
        return self._write()

    def _parts(self, first: int) -> Iterator[Part]:
        """Yield every forward pass of the run from step `first` on."""
        before = 0
        for stage in self._settings.stages:
            for step in range(max(first, before), before + stage.steps):
                yield from (Part(stage, step, number) for number in range(stage.accumulation))
            before += stage.steps

    def _run_stage(self, number: int, before: int, made: Iterator[Prepared], saved: dict[str, Any] | None) -> None:
        stage = self._settings.stages[number]
        steps = StageSteps(self._network, self._settings, stage, self._teacher).to(self._device)
        optimiser = optimiser_of(self._network, steps.contrastive, stage, self._settings.weight_decay)
        if saved is not None:
            self._restore(saved, number, steps, optimiser)
        pace, losses, end = Pace(stage, self._step - before), LossSums(), before + stage.steps
        while self._step < end and not self._stopped:
            for group in optimiser.param_groups:
                group["lr"] = group["peak"] * schedule(self._step - before, stage.warm_up, stage.steps)
            self._one_step(stage, made, steps, optimiser, losses)
            self._step += 1
            self._stopped = self._step < self._last_step and self._stop()
            last = self._step == end
            save = last or self._stopped or self._due(self._settings.save_every)
            if last or self._due(self._settings.evaluate_every):
                self._evaluate(stage)
            if save or self._due(self._settings.log_every):
                self._tell(pace, stage, self._step - before, losses)
            if save:
                self._save(number, steps, optimiser)

    @property
    def _last_step(self) -> int:
        return sum(stage.steps for stage in self._settings.stages)

    def _due(self, every: int) -> bool:
        return self._step % every == 0

    def _tell(self, pace: Pace, stage: Stage, step: int, losses: LossSums) -> None:
        """Log and report the mean losses since the last time; raise TrainingDiverged where one is no number."""
        means = losses.read()
        if not all(map(math.isfinite, means.values())):
            raise TrainingDiverged(self._step)
        del means[_GRADIENT]
        progress = pace.progress(step, self._last_step - self._step, means, self._mrr)
        share = schedule(step - 1, stage.warm_up, stage.steps)
        peaks = {"encoder": stage.learning_rate, "decoder": stage.decoder_learning_rate}
        rates = {part: peak * share for part, peak in peaks.items() if part not in stage.frozen}
        log_step(self._folder, progress, self._step, self._position, rates)
        self._report(progress)

    def _one_step(
        self,
        stage: Stage,
        made: Iterator[Prepared],
        steps: StageSteps,
        optimiser: torch.optim.Optimizer,
        sums: LossSums,
    ) -> None:
        means: dict[str, torch.Tensor] = {}
        for _ in range(stage.accumulation):
            batch = next(made)
            with torch.autocast(self._device.partition(":")[0], dtype=torch.bfloat16):
                losses = steps(on_device(batch, self._device))
            self._position = batch.position
            total = joint_loss(stage.objectives, losses) / stage.accumulation
            total.backward()  # type: ignore[no-untyped-call]
            for name, loss in losses.items():
                means[name] = means.get(name, 0.0) + loss.detach() / stage.accumulation
        parameters = [tensor for group in optimiser.param_groups for tensor in group["params"]]
        norm = torch.nn.utils.clip_grad_norm_(parameters, self._settings.clip)
        sums.add({**means, _GRADIENT: norm})  # where the loss is a number and its gradient none, weights are lost
        optimiser.step()
        optimiser.zero_grad()

    def _evaluate(self, stage: Stage) -> None:
        known = self._mrr is not None and "encoder" in stage.frozen
        if self._held_out and not known:
            with torch.autocast(self._device.partition(":")[0], dtype=torch.bfloat16):
                self._mrr = mean_reciprocal_rank(self._network, self._maker, self._held_out, self._settings)

    def _save(self, number: int, steps: StageSteps, optimiser: torch.optim.Optimizer) -> None:
        state = {
            "identity": self._identity,
            "step": self._step,
            "stage": number,
            "position": self._position,
            "network": self._network.state_dict(),
            "steps": steps.state_dict(),
            "optimiser": optimiser.state_dict(),
            "mrr": self._mrr,
            "random": torch.get_rng_state(),
        }
        if self._on_gpu:
            state["gpu random"] = torch.cuda.get_rng_state(self._device)
        partial = self._folder / f"{STATE_FILE}.partial"
        torch.save(state, partial)
        partial.replace(self._folder / STATE_FILE)

    def _saved(self) -> dict[str, Any] | None:
        file = self._folder / STATE_FILE
        if not file.is_file():
            return None
        saved: dict[str, Any] = torch.load(file, map_location=self._device, weights_only=True)
        own, other = self._identity, saved["identity"]
        for what in {**own, **other}:
            if own.get(what) != other.get(what):
                raise RunDiffers(self._folder, what)
        return saved

    def _take_over(self, saved: dict[str, Any]) -> None:
        self._network.load_state_dict(saved["network"])
        self._step = saved["step"]
        self._position = saved["position"]
        self._mrr = saved["mrr"]

    def _restore(self, saved: dict[str, Any], number: int, steps: StageSteps, optimiser: torch.optim.Optimizer) -> None:
        torch.set_rng_state(saved["random"].cpu())
        if self._on_gpu and "gpu random" in saved:
            torch.cuda.set_rng_state(saved["gpu random"].cpu(), self._device)
        if saved["stage"] == number:
            steps.load_state_dict(saved["steps"])
            optimiser.load_state_dict(saved["optimiser"])

    def _write(self) -> Path:
        config = dataclasses.replace(self._network.config, writes=None)  # what it is good for now, nobody has measured
        folder = self._folder / CHECKPOINT_FOLDER
        tensors = {name: tensor.half().cpu() for name, tensor in self._network.tensors().items()}  # as it is kept
        own = tokenizer_text(self._start, DECODER_TOKENIZER_FILE) if config.decoder_special else None
        write_checkpoint(folder, config, tensors, tokenizer_text(self._start), own)
        write_golden(folder, config, tensors)
        return folder
