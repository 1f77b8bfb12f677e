"""Runs of tiny networks: schedule, going on, refusals, what is frozen, what is written; and something is learned."""

from __future__ import annotations

import dataclasses
import json
import math

import numpy as np
import pytest
import torch

from codesearch.codet5p.config_files import read_config, write_config
from codesearch.codet5p.encoders import load_encoder
from codesearch.codet5p.network import load_network
from codesearch.codet5p.verify import verify_folder
from codesearch.training.batches import BatchMaker
from codesearch.training.development import mean_reciprocal_rank, own_ranks
from codesearch.training.errors import RunDiffers, TrainingDiverged
from codesearch.training.optimisation import schedule
from codesearch.training.trainer import STATE_FILE, Trainer
from tests.codesearch.training.examples import corpus
from tests.codesearch.training.tiny_runs import EXAMPLES, settings, stage, write_bert

CONTRAST = stage("contrastive", steps=4, queue=12, momentum=0.9)
WRITING = stage("matching text_to_code denoising", name="two", steps=2, frozen=("encoder",), accumulation=2)
TWO = settings(CONTRAST, WRITING, save_every=3, evaluate_every=100)
ONE = settings(stage("contrastive", steps=3), save_every=1, evaluate_every=100)


pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.fixture(scope="module")
def start(tmp_path_factory):
    return write_bert(tmp_path_factory.mktemp("start") / "tiny")


class Interrupted(Exception):
    """What a test raises in the middle of a run."""


def weights(trainer):
    return {name: tensor.clone() for name, tensor in trainer.network.tensors().items()}


def equal(one, other):
    return {name: torch.equal(one[name], other[name]) for name in one}


def log(folder):
    lines = [json.loads(line) for line in (folder / "log.jsonl").read_text().splitlines()]
    return [{name: line[name] for name in ("stage", "step", "total_step", "examples", "losses")} for line in lines]


@pytest.fixture(scope="module")
def uninterrupted(start, tmp_path_factory):
    folder = tmp_path_factory.mktemp("whole")
    trainer = Trainer(TWO, start, folder, EXAMPLES, [])
    trainer.run()
    return folder, weights(trainer)


def test_the_schedule_by_hand():
    """Up to the peak in four steps, down to zero in ten; without warming up it begins at the peak."""
    shares = [schedule(step, 4, 10) for step in range(11)]
    assert shares == pytest.approx([0.25, 0.5, 0.75, 1.0, 1.0, 5 / 6, 4 / 6, 3 / 6, 2 / 6, 1 / 6, 0.0])
    assert [schedule(step, 0, 2) for step in range(3)] == [1.0, 0.5, 0.0]
    assert [schedule(step, 5, 2) for step in range(2)] == [0.2, 0.4]


@pytest.mark.parametrize("last", [3, 4, 5])
def test_going_on_is_as_if_nothing_had_happened(start, uninterrupted, tmp_path, last):
    """A run that broke off, and goes on from the state of step 3 or of the stage's end, has bit-identical weights."""

    def report(progress):
        if log(tmp_path)[-1]["total_step"] == last + 1 or (last == 3 and progress.step == 4):
            raise Interrupted

    with pytest.raises(Interrupted):
        Trainer(TWO, start, tmp_path, EXAMPLES, []).run(report)
    saved = torch.load(tmp_path / STATE_FILE, weights_only=True)["step"]
    assert saved == (3 if last == 3 else 4)
    before = len(log(tmp_path))
    gone_on = Trainer(TWO, start, tmp_path, EXAMPLES, [])
    gone_on.run()
    assert all(equal(weights(gone_on), uninterrupted[1]).values())
    assert log(tmp_path)[before:] == log(uninterrupted[0])[saved:]


def test_stopping_when_asked(start, uninterrupted, tmp_path):
    """A run that is asked to stop is saved where it is, has a checkpoint, and ends like the others."""
    stopped = Trainer(TWO, start, tmp_path, EXAMPLES, [])
    folder = stopped.run(stop=lambda: stopped.step == 2)
    assert (stopped.step, stopped.stopped) == (2, True)
    assert verify_folder("tiny", folder).passed
    gone_on = Trainer(TWO, start, tmp_path, EXAMPLES, [])
    gone_on.run()
    assert (gone_on.step, gone_on.stopped) == (6, False)
    assert all(equal(weights(gone_on), uninterrupted[1]).values())
    again = Trainer(TWO, start, tmp_path, EXAMPLES, [])
    again.run()
    assert all(equal(weights(again), uninterrupted[1]).values())
    assert log(tmp_path) == log(uninterrupted[0])


def test_another_run_is_refused(start, uninterrupted, tmp_path):
    """Other settings, examples or another start do not go on with a saved state."""
    folder, _ = uninterrupted
    other_start = write_bert(tmp_path / "other")
    for what, arguments in {
        "settings": (dataclasses.replace(TWO, seed=2), start, folder, EXAMPLES, []),
        "examples": (TWO, start, folder, EXAMPLES[1:], []),
        "start": (TWO, other_start, folder, EXAMPLES, []),
    }.items():
        with pytest.raises(RunDiffers) as raised:
            Trainer(*arguments).run()
        assert (raised.value.folder, raised.value.what) == (folder, what)


@pytest.mark.parametrize("broken", ["loss", "gradient"])
def test_a_run_that_diverges_ends_before_it_is_saved(start, tmp_path, broken):
    """A loss or a gradient that is no number ends the run; what was saved before it is whole."""
    trainer = Trainer(ONE, start, tmp_path, EXAMPLES, [])

    def report(progress):
        if progress.step == 2 and broken == "loss":
            trainer.network.proj.register_forward_hook(lambda _, __, vectors: vectors * math.nan)
        elif progress.step == 2:
            trainer.network.proj.weight.register_hook(lambda gradient: gradient * math.nan)

    with pytest.raises(TrainingDiverged) as raised:
        trainer.run(report)
    assert raised.value.step == 3
    saved = torch.load(tmp_path / STATE_FILE, weights_only=True)
    assert saved["step"] == 2
    assert all(bool(tensor.isfinite().all()) for tensor in saved["network"].values())


@pytest.mark.parametrize("part", ["encoder", "decoder"])
def test_what_is_frozen_stays(start, tmp_path, part):
    """Of two parts one learns and the other has the weights that it began with, bit by bit."""
    one = stage("matching text_to_code", steps=2, frozen=(part,), learning_rate=1e-2)
    trainer = Trainer(settings(one), start, tmp_path, EXAMPLES, [])
    before = weights(trainer)
    trainer.run()
    same = equal(before, weights(trainer))
    of_decoder = {name for name in same if name.startswith(("decoder.", "itm_head", "enc_to_dec_proj", "shared"))}
    assert 0 < len(of_decoder) < len(same)
    learned = of_decoder if part == "encoder" else set(same) - of_decoder
    assert all(same[name] for name in set(same) - learned)
    moved = {name for name in learned if not same[name]}
    assert len(moved) > 0.8 * len(learned)


def test_weights_decay_but_norms_and_biases_do_not(start, tmp_path):
    """With a gradient of zero a weight shrinks by rate x decay a step, at the schedule's rates; a norm stays."""
    one = stage("contrastive", steps=2, warm_up=1, learning_rate=0.1, decoder_learning_rate=0.2)
    trainer = Trainer(settings(one, weight_decay=0.5), start, tmp_path, EXAMPLES, [])
    before = weights(trainer)
    for parameter in trainer.network.parameters():
        parameter.register_hook(torch.zeros_like)
    trainer.run()
    after = weights(trainer)
    names = [name for name in before if name.startswith("encoder.layer.0")]
    shrunk = (1 - 0.1 * 0.5) * (1 - 0.1 * 0.5)  # the peak in both steps: (2 - 1) / (2 - 1) and the end of warming up
    for name in names:
        kept = "LayerNorm" in name or name.endswith("bias")
        assert torch.allclose(after[name], before[name] * (1.0 if kept else shrunk), rtol=1e-5)


def test_the_checkpoint_is_the_network(start, tmp_path):
    """What is written verifies, has the network's weights in half precision, and embeds as it does in search."""
    trainer = Trainer(settings(stage("contrastive", steps=2)), start, tmp_path / "run", EXAMPLES, [])
    folder = trainer.run()
    assert folder == tmp_path / "run" / "checkpoint"
    assert verify_folder("tiny", folder).passed
    read = load_network(folder, "cpu", torch.float32)
    trained = weights(trainer)
    assert all(torch.equal(tensor, trained[name].half().float()) for name, tensor in read.tensors().items())
    texts = [one.code for one in EXAMPLES[:5]]
    found = load_encoder(str(folder), cache_folder=tmp_path / "cache", device="cpu").encode_passages(texts)
    maker = BatchMaker(folder, read.config, settings())
    padded = maker.padded_code(maker.read(texts, read.config.passage_tokens))
    with torch.no_grad():
        expected = trainer.network.embed(padded.ids, padded.mask).numpy()
    assert np.einsum("ij,ij->i", found, expected).min() > 0.99


def test_what_a_decoder_was_found_to_write_is_not_said_of_the_next(tmp_path):
    """A checkpoint that is limited to summaries may be trained to write code; nobody has measured it yet."""
    start = write_bert(tmp_path / "tiny")
    write_config(start, dataclasses.replace(read_config(start), writes=("summary",)))
    folder = Trainer(settings(stage("matching", steps=1)), start, tmp_path / "run", EXAMPLES, []).run()
    assert read_config(folder).writes is None


def test_a_frozen_encoder_is_measured_once(start, tmp_path, monkeypatch):
    """While the encoder stays what it is, its figure stands; a run that begins with a frozen one measures it once."""
    measured = []

    def measure(*arguments):
        measured.append(1.0 / (len(measured) + 1))
        return measured[-1]

    monkeypatch.setattr("codesearch.training.trainer.mean_reciprocal_rank", measure)
    learning = stage("contrastive", steps=2)
    writing = stage("text_to_code", steps=3, frozen=("encoder",))
    told = []
    Trainer(settings(learning, writing, evaluate_every=1), start, tmp_path / "two", EXAMPLES, EXAMPLES).run(told.append)
    assert [step.mrr for step in told] == [1.0, 0.5, 0.5, 0.5, 0.5]
    Trainer(settings(writing, evaluate_every=1), start, tmp_path / "one", EXAMPLES, EXAMPLES).run()
    assert len(measured) == 3


def test_ranks_by_hand():
    """The rank of the own column among all; of equal ones the middle, so that nothing but equals is chance."""
    similarities = torch.tensor([[0.9, 0.1, 0.2], [0.5, 0.4, 0.3], [0.3, 0.3, 0.3]])
    assert own_ranks(similarities).tolist() == [1.0, 2.0, 2.0]


def test_a_run_learns_to_search(start, tmp_path):
    """On functions it never saw, made of words that it did, search is near chance before and right after."""
    every = corpus()
    held_out = every[::5]
    seen = [one for one in every if one not in held_out]
    one = settings(stage("contrastive", steps=24, pairs=16, learning_rate=4e-3, warm_up=3), evaluate_every=100)
    trainer = Trainer(one, start, tmp_path, seen, held_out)
    before = mean_reciprocal_rank(trainer.network, BatchMaker(start, trainer.network.config, one), held_out, one)
    progress = []
    trainer.run(progress.append)
    assert before < 0.6
    assert trainer.mrr > 0.9
    assert progress[-1].mrr == trainer.mrr
    losses = [step.losses["contrastive"] for step in progress]
    assert len(losses) == 24
    assert np.mean(losses[-5:]) < 0.5 * np.mean(losses[:5])
    assert mean_reciprocal_rank(trainer.network, BatchMaker(start, trainer.network.config, one), [], one) == 0.0
