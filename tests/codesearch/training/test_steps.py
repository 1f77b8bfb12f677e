"""A step's losses against those computed by hand from the network and the objectives, in float32 on tiny networks."""

from __future__ import annotations

import copy
import dataclasses
from random import Random

import pytest
import torch

from codesearch.codet5p.network import load_network
from codesearch.training.batches import BatchMaker
from codesearch.training.objectives.causal import language_loss
from codesearch.training.objectives.contrastive import ContrastiveLoss, MomentumVectors
from codesearch.training.objectives.groups import Candidates
from codesearch.training.objectives.joint import OBJECTIVES
from codesearch.training.prepared import prepare
from codesearch.training.settings import COUNTED
from codesearch.training.steps import StageSteps, Vectors, embed_groups
from tests.codesearch.training.tiny_runs import PAIRS, SETTINGS, stage, write_bert

EVERY = " ".join(OBJECTIVES)
TEXTS = [pair.query for pair in PAIRS]
CODES = [pair.passage for pair in PAIRS]


pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.fixture(scope="module")
def opened(tmp_path_factory):
    folder = write_bert(tmp_path_factory.mktemp("steps") / "tiny")
    network = load_network(folder, "cpu", torch.float32)
    return network, BatchMaker(folder, network.config, SETTINGS), folder


@pytest.fixture
def network(opened):
    return copy.deepcopy(opened[0])


@pytest.fixture
def maker(opened):
    return opened[1]


class Steps(StageSteps):
    """The steps of a stage, asked with pairs and with what is drawn from, from which it makes its batch."""

    def __init__(self, network, maker, one, teacher=None):
        super().__init__(network, SETTINGS, one, teacher)
        self.one, self.maker = one, maker

    def forward(self, pairs, draw):
        return super().forward(prepare(pairs, self.one, self.maker, draw, self.maker))


class FixedTeacher:
    """Answers with the vectors it was given, whatever is asked."""

    def __init__(self, vectors):
        self.given = vectors

    def vectors(self, read):
        return self.given


def embedded_alone(network, ids):
    """One sequence at a time, without padding."""
    rows = [network.embed(torch.tensor([one]), torch.ones(1, len(one), dtype=torch.int64)) for one in ids]
    return torch.cat(rows)


def by_hand(network, maker):
    batch = maker.pairs(PAIRS)
    texts = [ids[mask == 1].tolist() for ids, mask in zip(*batch.text, strict=True)]
    return batch, Vectors(embedded_alone(network, texts), embedded_alone(network, batch.code))


def test_codes_are_embedded_in_their_order(network, maker, opened):
    """Groups of any size and width, sorted by length, give what each code gives alone, in the order of the codes."""
    batch = maker.pairs([dataclasses.replace(pair, passage="x" * (1 + 7 * n % 5)) for n, pair in enumerate(PAIRS)])
    with torch.no_grad():
        alone = embedded_alone(network, batch.code)
        for tokens, multiple in ((1, 1), (12, 1), (10_000, 1), (100, 16)):
            limited = dataclasses.replace(SETTINGS, tokens_at_once=tokens)
            grouped = BatchMaker(opened[2], network.config, limited, multiple).grouped(batch.code)
            assert all(padded.ids.shape[1] % multiple == 0 for padded in grouped.batches)
            assert torch.allclose(embed_groups(network, grouped), alone, atol=1e-5)
    assert not torch.allclose(alone[0], alone[1], atol=1e-3)


def test_losses_are_those_of_the_objectives(network, maker):
    """Every objective that draws nothing, computed again from its own formula."""
    teacher = FixedTeacher(Vectors(*torch.nn.functional.normalize(torch.randn(2, len(PAIRS), 5), dim=-1)))
    names = "contrastive distillation text_to_code code_to_text whole_sequence"
    steps = Steps(network, maker, stage(names), teacher)
    losses = steps(PAIRS, Random(0))
    assert set(losses) == {*names.split(), "accuracy"}
    with torch.no_grad():
        batch, vectors = by_hand(network, maker)
        similarities = vectors.text @ vectors.code.T
        logits = similarities / SETTINGS.temperature
        own = torch.arange(len(PAIRS))
        both = (torch.nn.functional.cross_entropy(logits, own) + torch.nn.functional.cross_entropy(logits.T, own)) / 2
        assert losses["contrastive"].item() == pytest.approx(both.item(), rel=1e-4)
        assert losses["accuracy"].item() == pytest.approx((logits.argmax(1) == own).float().mean().item())
        wanted = (teacher.given.text @ teacher.given.code.T) / SETTINGS.temperature
        divergences = [
            torch.nn.functional.kl_div(found.log_softmax(1), target.softmax(1), reduction="batchmean")
            for found, target in ((logits, wanted), (logits.T, wanted.T))
        ]
        assert losses["distillation"].item() == pytest.approx(sum(divergences).item() / 2, rel=1e-4)
        for name, made in (
            ("text_to_code", maker.text_to_code(batch)),
            ("code_to_text", maker.code_to_text(batch)),
            ("whole_sequence", maker.whole_sequence([pair.example.code for pair in PAIRS])),
        ):
            states = network.encode(*made.source)
            expected = language_loss(network.language_logits(states, made.source.mask, made.decoder_input), made.labels)
            assert losses[name].item() == pytest.approx(expected.item(), rel=1e-4)


def test_examples_that_are_drawn_follow_the_given_source(network, maker):
    """What is hidden or cut follows `draw`, so that a step can be repeated."""
    steps = Steps(network, maker, stage("denoising continuation"))
    once, again, other = (steps(PAIRS, Random(seed)) for seed in (1, 1, 2))
    for name in ("denoising", "continuation"):
        assert once[name].item() == again[name].item()
        assert once[name].item() != other[name].item()


@pytest.mark.parametrize("name", sorted(COUNTED))
def test_an_objective_reads_as_many_pairs_as_it_is_given(network, maker, name):
    """The first three of six, as if there were no others; what is not counted reads all."""
    counted = Steps(network, maker, stage(f"code_to_text {name}", pairs_of={name: 3}))
    everyone = Steps(network, maker, stage(f"code_to_text {name}"))
    losses = []
    for steps, pairs in ((counted, PAIRS), (everyone, PAIRS[:3]), (everyone, PAIRS)):
        torch.manual_seed(5)  # matching draws its negatives
        losses.append({key: loss.item() for key, loss in steps(pairs, Random(0)).items()})
    assert losses[0][name] == pytest.approx(losses[1][name], rel=1e-4)
    assert losses[0][name] != pytest.approx(losses[2][name], rel=1e-4)
    assert losses[0]["code_to_text"] == pytest.approx(losses[2]["code_to_text"], rel=1e-4)


def test_pairs_of_one_group_are_no_negatives(network, maker):
    """With a pair seen twice, contrast is that of the pairs told apart, and matching never takes the other one."""
    twice = [*PAIRS, PAIRS[0]]
    steps = Steps(network, maker, stage("contrastive matching"))
    with torch.no_grad():
        losses = steps(twice, Random(0))
        vectors = by_hand(network, maker)[1]
        text, code = torch.cat([vectors.text, vectors.text[:1]]), torch.cat([vectors.code, vectors.code[:1]])
        groups = torch.tensor([pair.group for pair in twice])
        expected = ContrastiveLoss(SETTINGS.temperature)(text, code, groups).loss
    assert losses["contrastive"].item() == pytest.approx(expected.item(), rel=1e-4)
    assert losses["contrastive"].item() != pytest.approx(ContrastiveLoss(0.05)(text, code).loss.item(), rel=1e-3)
    assert 0 < losses["matching"].item() < 5
    assert 0 <= losses["matching accuracy"].item() <= 1
    alone = Steps(network, maker, stage("matching"))([PAIRS[0], PAIRS[0]], Random(0))
    states = network.encode(*maker.pairs(PAIRS[:1]).text)
    written = maker.matched(maker.pairs(PAIRS[:1]))
    logits = network.match_logits(states, maker.pairs(PAIRS[:1]).text.mask, *written)
    assert alone["matching"].item() == pytest.approx(-logits.log_softmax(1)[0, 1].item(), rel=1e-4)


def test_matching_is_against_what_was_found_and_half_as_the_encoder_thinks(network, maker):
    """Two pairs: the mined passage of the first, none of the second, the other's text; each decision alone."""
    mined = PAIRS[4].passage
    pairs = [dataclasses.replace(PAIRS[0], mined=mined), PAIRS[1]]
    steps = Steps(network, maker, stage("matching", mined_negatives=True, soft_matching=0.5))
    found = steps(pairs, Random(0))["matching"].item()
    asked = [(0, pairs[0].passage, 1), (1, pairs[1].passage, 1), (0, mined, 0), (1, PAIRS[0].passage, 0)]
    losses = []
    with torch.no_grad():
        for text, passage, label in [*asked, (0, PAIRS[1].passage, 0)]:
            alone = maker.pairs([dataclasses.replace(pairs[text], passage=passage)])
            states = network.encode(*alone.text)
            logits = network.match_logits(states, alone.text.mask, *maker.matched(alone))[0]
            cosine = network.pool(states, alone.text.mask) @ embedded_alone(network, alone.code).T
            wanted = 0.5 * label + 0.5 / (1 + torch.exp((0.45 - cosine.squeeze()) / 0.1))
            losses.append(-(wanted * logits.log_softmax(0)[1] + (1 - wanted) * logits.log_softmax(0)[0]))
    assert found == pytest.approx(torch.stack(losses).mean().item(), rel=1e-4)


def test_the_queue_holds_former_vectors(network, maker):
    """The second step is compared with the first one's vectors, which are no negatives of their own group."""
    steps = Steps(network, maker, stage("contrastive", queue=5))
    first, second = PAIRS[:4], PAIRS[2:6]
    alone = steps(first, Random(0))["contrastive"]
    both = steps(second, Random(0))["contrastive"]
    with torch.no_grad():
        vectors = by_hand(network, maker)[1]
        groups = torch.tensor([pair.group for pair in PAIRS])
        text, code = vectors.text[2:6], vectors.code[2:6]
        queues = Candidates(vectors.text[:4], groups[:4]), Candidates(vectors.code[:4], groups[:4])
        loss = ContrastiveLoss(SETTINGS.temperature)
        expected = loss(text, code, groups[2:6], MomentumVectors(text, code, *queues)).loss
        without = loss(text, code, groups[2:6]).loss
        assert alone.item() == pytest.approx(loss(vectors.text[:4], vectors.code[:4], groups[:4]).loss.item(), rel=1e-4)
    assert both.item() == pytest.approx(expected.item(), rel=1e-4)
    assert both.item() > without.item()
    assert torch.allclose(steps.texts.contents().vectors, vectors.text[[3, 2, 3, 4, 5]], atol=1e-5)
    assert steps.codes.contents().groups.tolist() == groups[[3, 2, 3, 4, 5]].tolist()
    assert not steps.codes.contents().vectors.requires_grad


def test_the_momentum_encoder_makes_what_is_compared(network, maker):
    """It moves towards the network by a tenth; its vectors are the candidates, and it gets no gradient."""
    steps = Steps(network, maker, stage("contrastive", queue=8, momentum=0.9))
    slow = copy.deepcopy(network)
    with torch.no_grad():
        for own, start in zip(network.parameters(), slow.parameters(), strict=True):
            own.add_(0.05 * torch.randn_like(own))
            start.lerp_(own, 0.1)
    loss = steps(PAIRS, Random(0))["contrastive"]
    with torch.no_grad():
        fast, kept = by_hand(network, maker)[1], by_hand(slow, maker)[1]
        nothing = Candidates(torch.zeros(0, 16), torch.zeros(0, dtype=torch.int64))
        momentum = MomentumVectors(kept.text, kept.code, nothing, nothing)
        expected = ContrastiveLoss(SETTINGS.temperature)(fast.text, fast.code, None, momentum).loss
    assert loss.item() == pytest.approx(expected.item(), rel=1e-4)
    assert torch.allclose(steps.texts.contents().vectors, kept.text, atol=1e-5)
    loss.backward()
    assert all(one.grad is None for one in steps.momentum.parameters())
    assert any(one.grad is not None and one.grad.any() for one in network.encoder.parameters())


def test_a_frozen_encoder_gets_no_gradient(network, maker):
    """Whatever the objective; the decoder gets one from each that it takes part in."""
    for names in ("text_to_code", "code_to_text", "denoising", "matching", "continuation whole_sequence"):
        network.zero_grad(set_to_none=True)
        steps = Steps(network, maker, stage(names, frozen=("encoder",)))
        losses = steps(PAIRS, Random(0))
        sum(losses[name] for name in names.split()).backward()
        assert all(one.grad is None for one in [*network.encoder.parameters(), *network.proj.parameters()])
        assert any(one.grad is not None and one.grad.any() for one in network.language_model.parameters())


def test_all_at_once(network, maker):
    """All objectives together reach every parameter that learns."""
    teacher = FixedTeacher(Vectors(*torch.nn.functional.normalize(torch.randn(2, len(PAIRS), 5), dim=-1)))
    steps = Steps(network, maker, stage(EVERY), teacher)
    losses = steps(PAIRS, Random(0))
    assert set(losses) == {*OBJECTIVES, "accuracy", "matching accuracy"}
    sum(losses[name] for name in OBJECTIVES).backward()
    without = [name for name, one in network.named_parameters() if one.grad is None]
    assert [name for name in without if "pooler" not in name] == []
    assert steps.contrastive.log_temperature.grad is not None
    assert "network" not in " ".join(steps.state_dict())
