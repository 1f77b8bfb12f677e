"""A decoder that learns everything it is for behind a frozen encoder: what is computed once, and going on with it."""

from __future__ import annotations

import dataclasses
from collections import Counter
from random import Random

import pytest
import torch

from codesearch.codet5p.network import load_network
from codesearch.training.batches import BatchMaker
from codesearch.training.errors import RunDiffers
from codesearch.training.prepared import prepare
from codesearch.training.retrieval import RETRIEVED_FILE
from codesearch.training.run import settings_file
from codesearch.training.settings import read_settings
from codesearch.training.steps import StageSteps
from codesearch.training.trainer import STATE_FILE, Trainer
from tests.codesearch.training.examples import corpus
from tests.codesearch.training.tiny_runs import PAIRS, SETTINGS, settings, stage, write_bert

pytestmark = pytest.mark.usefixtures("one_thread")

EXAMPLES = corpus(5, 5)
ROUTE = "matching retrieved_code code_to_text completion"
RUN = settings(
    stage(ROUTE, steps=4, pairs=6, frozen=("encoder",), decoder_learning_rate=1e-2),
    save_every=2,
    evaluate_every=100,
    retrieval_corpus=20,
    unretrieved=0.3,
)


@pytest.fixture(scope="module")
def start(tmp_path_factory):
    return write_bert(tmp_path_factory.mktemp("start") / "tiny")


def weights(trainer):
    return {name: tensor.clone() for name, tensor in trainer.network.tensors().items()}


@pytest.fixture(scope="module")
def uninterrupted(start, tmp_path_factory):
    folder = tmp_path_factory.mktemp("whole")
    trainer = Trainer(RUN, start, folder, EXAMPLES, [])
    trainer.run()
    return folder, weights(trainer)


def test_everything_is_read_once_and_without_a_graph(start):
    """Of a step the encoder reads each text, each passage, each source once; nothing of it can get a gradient."""
    network = load_network(start, "cpu", torch.float32)
    pairs = [dataclasses.replace(pair, retrieved=f"def x{n}", alike=f"x{n} = {n}") for n, pair in enumerate(PAIRS)]
    maker = BatchMaker(start, network.config, SETTINGS)
    one = stage(ROUTE, frozen=("encoder",))
    read = []

    def spy(_, __, given, states):
        assert not states.last_hidden_state.requires_grad
        for ids, mask in zip(given["input_ids"], given["attention_mask"], strict=True):
            read.append(tuple(ids[mask == 1].tolist()))

    network.encoder.register_forward_hook(spy, with_kwargs=True)
    batch = prepare(pairs, one, maker, Random(0))
    losses = StageSteps(network, SETTINGS, one)(batch)
    sum(losses[name] for name in ROUTE.split()).backward()
    made = maker.pairs(pairs)
    wanted = [*maker.read([pair.query for pair in pairs], SETTINGS.query_tokens), *made.code]
    for name in ("retrieved_code", "completion"):
        wanted += [ids[mask == 1].tolist() for ids, mask in zip(*batch.language[name].source, strict=True)]
    assert Counter(read) == Counter(map(tuple, wanted))
    assert all(parameter.grad is None for parameter in [*network.encoder.parameters(), *network.proj.parameters()])
    assert set(losses) == {*ROUTE.split(), "matching accuracy"}


@pytest.mark.parametrize("stop", [1, 2, 3])
def test_going_on_is_as_if_nothing_had_happened(start, uninterrupted, tmp_path, stop):
    """Stopped after any step, a run that retrieves goes on to bit-identical weights, with its first table."""
    stopped = Trainer(RUN, start, tmp_path, EXAMPLES, [])
    stopped.run(stop=lambda: stopped.step == stop)
    table = (tmp_path / RETRIEVED_FILE).read_bytes()
    gone_on = Trainer(RUN, start, tmp_path, EXAMPLES, [])
    gone_on.run()
    assert (tmp_path / RETRIEVED_FILE).read_bytes() == table
    assert gone_on.step == 4
    expected, found = uninterrupted[1], weights(gone_on)
    assert all(torch.equal(tensor, expected[name]) for name, tensor in found.items())
    before = load_network(start, "cpu", torch.float32).tensors()
    changed = {name for name, tensor in found.items() if not torch.equal(tensor, before[name])}
    assert changed
    assert all(name.startswith(("decoder.", "itm_head", "enc_to_dec_proj", "shared", "lm_head")) for name in changed)


def test_what_is_retrieved_belongs_to_the_run(start, uninterrupted):
    """With another sample, share or length a saved run does not go on."""
    for change in (
        {"retrieval_corpus": 19},
        {"unretrieved": 0.0},
        {"source_tokens": 99},
        {"retrieval_in_source": True},
    ):
        with pytest.raises(RunDiffers) as raised:
            Trainer(dataclasses.replace(RUN, **change), start, uninterrupted[0], EXAMPLES, []).run()
        assert raised.value.what == "retrieval"
    fewer = dataclasses.replace(RUN.stages[0], pairs_of={"completion": 3})
    with pytest.raises(RunDiffers) as raised:
        Trainer(dataclasses.replace(RUN, stages=(fewer,)), start, uninterrupted[0], EXAMPLES, []).run()
    assert raised.value.what == "pairs_of"


def test_a_run_that_retrieves_nothing_has_no_table(start, tmp_path):
    """And its state knows nothing of it: runs that were saved before there was retrieval go on."""
    trainer = Trainer(settings(stage("matching", steps=1), save_every=1), start, tmp_path, EXAMPLES, [])
    trainer.run()
    assert not (tmp_path / RETRIEVED_FILE).exists()
    identity = torch.load(tmp_path / STATE_FILE, weights_only=True)["identity"]
    assert set(identity) == {"settings", "start", "examples", "negative_temperature"}


def test_the_route_is_this_one():
    """The route of the package trains these objectives with a frozen encoder, on passages as search shows them."""
    route = read_settings(settings_file("decoder"))
    first, second = route.stages
    assert set(first.objectives) == {"matching"}
    assert set(second.objectives) == set(ROUTE.split())
    assert first.frozen == second.frozen == ("encoder",)
    assert first.negative_temperature > second.negative_temperature
    assert route.shares.place > 0.5
    assert route.shares.documentation > 0


class TestQueuedNegatives:
    """Wrong candidates for matching out of the momentum queues, as in the paper's second stage."""

    STAGE = stage("contrastive matching", queue=6, momentum=0.9, queued_negatives=True)

    def test_the_queues_keep_what_the_decoder_reads(self, start):
        """After a step they hold the batch's texts and passages, in each one's own ids."""
        network = load_network(start, "cpu", torch.float32)
        maker = BatchMaker(start, network.config, SETTINGS)
        steps = StageSteps(network, SETTINGS, self.STAGE)
        batch = prepare(PAIRS, self.STAGE, maker, Random(0))
        steps(batch)
        every = torch.arange(6)
        for queue, padded in ((steps.texts, batch.read.text), (steps.codes, batch.written_code)):
            assert [part.tolist() for part in queue.take(every)] == [part.tolist() for part in padded]

    def test_the_next_step_reads_them(self, start):
        """With one pair at a time there is no other in the batch: what is told apart is the pair before."""
        network = load_network(start, "cpu", torch.float32)
        maker = BatchMaker(start, network.config, SETTINGS)
        steps = StageSteps(network, SETTINGS, self.STAGE)
        first, second = (prepare(PAIRS[n : n + 1], self.STAGE, maker, Random(0)) for n in (0, 1))
        alone = steps(first)["matching"].item()
        with torch.no_grad():
            old, new = (network.encode(*one.read.text) for one in (first, second))
            old_mask, new_mask = first.read.text.mask, second.read.text.mask

            def loss(states, mask, code, label):
                return -network.match_logits(states, mask, *code).log_softmax(1)[0, label].item()

            own = loss(old, old_mask, first.written_code, 1)
            three = [
                loss(new, new_mask, second.written_code, 1),
                loss(new, new_mask, first.written_code, 0),
                loss(old, old_mask, second.written_code, 0),
            ]
        assert alone == pytest.approx(own, rel=1e-4)
        assert steps(second)["matching"].item() == pytest.approx(sum(three) / 3, rel=1e-4)
