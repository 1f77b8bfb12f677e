"""Batches made ahead by worker processes: the same ones, in their order, and what ends with the run."""

from __future__ import annotations

import dataclasses
import os
import signal
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import active_children

import pytest
import torch

from codesearch.codet5p.config_files import read_config
from codesearch.training.batches import BatchMaker
from codesearch.training.objectives.joint import OBJECTIVES
from codesearch.training.prepared import Part, Preparer, with_tensors
from codesearch.training.sampling import PairStream
from codesearch.training.trainer import Trainer
from codesearch.training.workers import batches, workers_for
from tests.codesearch.training.examples import corpus, example
from tests.codesearch.training.tiny_runs import SETTINGS, settings, stage, write_bert

BARE = [example(documentation="", comments=(), name=f"f_{n}", qualified_name=f"f_{n}", source="b") for n in range(10)]
MIXED = [*corpus(4, 4), *BARE]
EVERY = stage(" ".join(set(OBJECTIVES) - {"distillation"}), steps=2, pairs=8, accumulation=2, queue=6)
WRITING = stage("denoising continuation", name="two", steps=3, pairs=6, frozen=("encoder",))
RUN = settings(EVERY, WRITING, save_every=2, evaluate_every=100)


pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.fixture(scope="module")
def start(tmp_path_factory):
    return write_bert(tmp_path_factory.mktemp("start") / "tiny")


@pytest.fixture
def preparer(start):
    stream = PairStream(MIXED, SETTINGS.styles, SETTINGS.shares, neighbours=2, seed=1)
    return Preparer(stream, BatchMaker(start, read_config(start), SETTINGS), SETTINGS)


def parts(count=12, one=EVERY):
    return [Part(one, step, number) for step in range(count // 2) for number in range(2)]


def as_lists(batch):
    return with_tensors(batch, torch.Tensor, torch.Tensor.tolist)


@pytest.mark.parametrize("workers", [1, 2])
def test_workers_make_the_same_batches(preparer, workers):
    """Twelve batches over several epochs, with the position after each, are those that are made one by one."""
    with batches(preparer, parts(), 0) as made:
        expected = [as_lists(batch) for batch in made]
    assert preparer.stream.position > 60
    preparer.stream.position = 0
    with batches(preparer, parts(), workers) as made:
        assert [as_lists(batch) for batch in made] == expected
    preparer.stream.position = expected[3].position
    with batches(preparer, parts()[4:], workers) as made:
        assert as_lists(next(made)) == expected[4]


def test_what_is_made_can_be_learned_from(preparer):
    """Tensors that came from a worker can be written to and are of the types that a network takes."""
    with batches(preparer, parts(), 1) as made:
        batch = next(made)
    assert batch.read.text.ids.dtype == batch.groups.dtype == torch.int64
    assert (batch.read.text.ids.add_(1) > 0).all()


def weights(trainer):
    return trainer.network.tensors()


@pytest.mark.parametrize("stop", [None, 1, 3])
def test_a_run_does_not_depend_on_its_workers(start, tmp_path, stop):
    """With two workers, and begun with two and gone on with none, a run has bit-identical weights."""
    alone = Trainer(RUN, start, tmp_path / "alone", MIXED, [])
    alone.run()
    with_workers = dataclasses.replace(RUN, workers=2)
    trainer = Trainer(with_workers, start, tmp_path / "run", MIXED, [])
    trainer.run(stop=lambda: trainer.step == stop)
    if stop is not None:
        assert trainer.stopped
        trainer = Trainer(RUN if stop == 1 else with_workers, start, tmp_path / "run", MIXED, [])
        trainer.run()
    assert trainer.step == alone.step == 5
    assert all(torch.equal(tensor, weights(trainer)[name]) for name, tensor in weights(alone).items())
    logs = [(tmp_path / name / "log.jsonl").read_text().count('"examples"') for name in ("alone", "run")]
    assert logs == [5, 5]


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no CUDA device here")
def test_a_gpu_computes_the_same_losses(start, tmp_path):
    """With batches made ahead and padded to few widths, stopped and gone on with, losses are those of the CPU."""
    names = "contrastive text_to_code code_to_text denoising whole_sequence"
    one = stage(names, steps=6, pairs=8, queue=12, momentum=0.9, learning_rate=1e-3)
    losses = {}
    for device, workers in (("cpu", 0), ("cuda", 2)):
        told = []
        for _ in range(2):
            run = settings(one, save_every=100, evaluate_every=100, workers=workers)
            trainer = Trainer(run, start, tmp_path / device, MIXED, MIXED[:8], device)
            trainer.run(told.append, stop=lambda: len(told) == 3)  # noqa: B023 - called within this turn of the loop
        losses[device] = [step.losses for step in told]
    assert len(losses["cpu"]) == len(losses["cuda"]) == 6
    for alone, computed in zip(losses["cpu"], losses["cuda"], strict=True):
        assert {name: computed[name] for name in names.split()} == pytest.approx(
            {name: alone[name] for name in names.split()}, rel=0.03
        )


class Broken(BatchMaker):
    """Fails at the third batch, or kills the process that makes it."""

    kills = False

    def pairs(self, pairs, *, written=True):
        if pairs[0].example.name == "delete_user":
            if self.kills:
                os.kill(os.getpid(), signal.SIGKILL)
            raise LookupError("no such token", 7)
        return super().pairs(pairs, written=written)


@pytest.mark.parametrize("workers", [0, 2])
def test_an_error_is_raised_as_it_is(start, workers):
    """An error of a worker has its type and its data, and comes after the batches before it."""
    maker = Broken(start, read_config(start), SETTINGS)
    stream = PairStream(corpus(4, 6), SETTINGS.styles, SETTINGS.shares, neighbours=2, seed=1)
    one = stage("contrastive", pairs=4, accumulation=2)
    with batches(Preparer(stream, maker, SETTINGS), parts(100, one), workers) as made:
        next(made)
        with pytest.raises(LookupError) as raised:
            list(made)
    assert raised.value.args == ("no such token", 7)


def test_a_worker_that_is_killed_ends_the_run(start):
    """The run does not wait forever for what a killed process had at hand."""
    maker = Broken(start, read_config(start), SETTINGS)
    maker.kills = True
    stream = PairStream(corpus(4, 6), SETTINGS.styles, SETTINGS.shares, neighbours=2, seed=1)
    one = stage("contrastive", pairs=4, accumulation=2)
    with batches(Preparer(stream, maker, SETTINGS), parts(100, one), 2) as made, pytest.raises(BrokenProcessPool):
        list(made)


def test_nothing_to_ask_for_is_an_error(start):
    """As without workers, a corpus without a single pair ends the run."""
    silent = [example(documentation="", comments=(), name="f", qualified_name="f")] * 2
    stream = PairStream(silent, SETTINGS.styles, SETTINGS.shares, neighbours=2, seed=1)
    preparer = Preparer(stream, BatchMaker(start, read_config(start), SETTINGS), SETTINGS)
    with batches(preparer, parts(), 1) as made, pytest.raises(ValueError, match="none of 2 examples"):
        next(made)


def test_workers_end_with_their_run(preparer):
    """Leaving in the middle, by an interruption say, leaves no process behind; an interruption itself ends none."""

    def interrupted():
        with batches(preparer, parts(100), 2) as made:
            next(made)
            workers = active_children()
            assert len(workers) == 2
            for worker in workers:
                os.kill(worker.pid, signal.SIGINT)
            assert len([next(made) for _ in range(10)]) == 10
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert not active_children()


def test_workers_do_not_outlive_a_run_that_is_killed(tmp_path):
    """Processes that a killed run would leave waiting forever end by themselves."""
    read, write = os.pipe()
    run = os.fork()
    if run == 0:
        os.close(read)
        stream = PairStream(MIXED, SETTINGS.styles, SETTINGS.shares, neighbours=2, seed=1)
        with batches(Preparer(stream, None, SETTINGS), [], 2):
            os.write(write, b"x")
            os.kill(os.getpid(), signal.SIGKILL if len(active_children()) == 2 else signal.SIGTERM)
    os.close(write)
    assert os.WTERMSIG(os.waitpid(run, 0)[1]) == signal.SIGKILL
    assert os.read(read, 1) == b"x"
    assert os.read(read, 1) == b""  # the end of a pipe whose last holders were the workers
    os.close(read)


def test_how_many_workers():
    """As many as the settings say; else none on a CPU, and on a GPU the cores but two."""
    assert [workers_for("cpu", wanted) for wanted in (None, 0, 3)] == [0, 0, 3]
    assert [workers_for("cuda:1", wanted) for wanted in (0, 3)] == [0, 3]
    assert workers_for("cuda", None) == max(0, os.cpu_count() - 2)
