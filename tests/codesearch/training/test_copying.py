"""A tiny model learns to take from the retrieved function what its text does not say."""

from __future__ import annotations

import dataclasses
import math
from random import Random

import pytest
import torch

from codesearch.codet5p.network import load_network
from codesearch.training.batches import BatchMaker
from codesearch.training.byte_pairs import train_byte_pairs
from codesearch.training.initial import ScratchShape, assemble_from_scratch
from codesearch.training.prepared import prepare
from codesearch.training.sampling import Pair
from codesearch.training.steps import StageSteps
from tests.codesearch.training.examples import corpus, example
from tests.codesearch.training.tiny_runs import SETTINGS, stage

pytestmark = pytest.mark.usefixtures("one_thread")

SHAPE = ScratchShape(width=32, layers=1, decoder_layers=1, heads=4, feed_forward=64, projection=8)
WORDS = "abcdefghijklmnopqrstuvwxyz"
STEPS, PAIRS = 240, 24


@pytest.fixture(scope="module")
def start(tmp_path_factory):
    folder = tmp_path_factory.mktemp("start") / "tiny"
    assemble_from_scratch(train_byte_pairs([one.code for one in corpus()], 400), folder, shape=SHAPE)
    return folder


def pairs(draw, retrieved):
    """Functions with a word that no text tells; what is retrieved has it too, in another place."""
    words = [draw.choice(WORDS) for _ in range(PAIRS)]
    plain = Pair(example(), "the word", "", 0)
    return [
        dataclasses.replace(plain, example=example(code=f"= {word}"), retrieved=f"; {word} ;" if retrieved else "")
        for word in words
    ]


def test_a_word_is_copied_from_what_is_retrieved(start):
    """Without the retrieved code all words stay equally likely, ln 26 for one of each code's tokens; with it one is."""
    network = load_network(start, "cpu", torch.float32)
    limits = dataclasses.replace(SETTINGS, source_tokens=32, decoder_tokens=16)
    maker, one = BatchMaker(start, network.config, limits), stage("retrieved_code")
    steps = StageSteps(network, limits, one)
    optimiser = torch.optim.AdamW(network.parameters(), lr=5e-3, weight_decay=0.0)
    schedule = torch.optim.lr_scheduler.LinearLR(optimiser, 1.0, 0.1, total_iters=STEPS)
    draw = Random(0)
    for number in range(STEPS):
        loss = steps(prepare(pairs(draw, retrieved=number % 4 != 0), one, maker, draw))["retrieved_code"]
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        schedule.step()
    with torch.no_grad():
        unseen = Random(1)
        found, alone = (
            steps(prepare(pairs(unseen, given), one, maker, unseen))["retrieved_code"].item() for given in (True, False)
        )
    labels = maker.retrieved_code(pairs(unseen, retrieved=False)).labels
    at_best = math.log(len(WORDS)) / (labels >= 0).sum(1).float().mean().item()
    assert alone > 0.9 * at_best
    assert found < 0.25 * at_best
