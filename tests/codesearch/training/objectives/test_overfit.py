"""All four objectives of the second stage together: a tiny model learns a handful of pairs by heart.

It then finds each code with its text, tells every pair from all wrong ones, and writes either side from the other; its
fresh self does none of these.
"""

from __future__ import annotations

import pytest
import torch

from codesearch.training.objectives import joint
from codesearch.training.objectives.causal import code_to_text, language_batch, language_loss, text_to_code
from codesearch.training.objectives.contrastive import ContrastiveLoss, MomentumVectors
from codesearch.training.objectives.groups import Candidates
from codesearch.training.objectives.matching import (
    EncodedTexts,
    batch_negatives,
    draw_negatives,
    matching_loss,
    queue_negatives,
)
from codesearch.training.objectives.momentum import MomentumEncoder, MomentumQueue
from codesearch.training.objectives.sequences import pad_sequences
from tests.codesearch.training.objectives.tiny import CODES, PAIRS, SPECIAL, TEXTS, tiny_network

STEPS = 120
# At the loss's own temperature, 0.065 by then, far candidates are hardly ever drawn and their scores stay anything: 6
# of 8 seeds matched all pairs, at this one all 8.
DRAWING_TEMPERATURE = 0.3
COUNT = len(PAIRS)


pytestmark = pytest.mark.usefixtures("one_thread")


class Training:
    """The second stage on all pairs at once, with the momentum encoder and queues of twice the batch."""

    def __init__(self, network):
        self.network = network
        self.contrastive = ContrastiveLoss()
        self.momentum = MomentumEncoder(network, momentum=0.9)  # a few steps must be enough
        self.queues = tuple(MomentumQueue(2 * COUNT, network.config.dimension, tokens=8) for _ in range(2))
        self.texts, self.codes = pad_sequences(TEXTS, 0), pad_sequences(CODES, 0)
        self.groups = torch.arange(COUNT)
        self.generator = torch.Generator().manual_seed(0)
        forth = [text_to_code(text, code, SPECIAL) for text, code in PAIRS]
        back = [code_to_text(code, text, SPECIAL) for text, code in PAIRS]
        self.to_code, self.to_text = language_batch(forth, 0, 0), language_batch(back, 0, 0)
        parameters = [*network.parameters(), *self.contrastive.parameters()]
        self.optimiser = torch.optim.AdamW(parameters, lr=4e-3)
        self.schedule = torch.optim.lr_scheduler.LinearLR(self.optimiser, 1.0, 0.0, total_iters=STEPS)

    def step(self):
        """Take one step; return the loss of each objective."""
        network, texts, codes = self.network, self.texts, self.codes
        self.momentum.update(network)
        states, code_states = network.encode(*texts), network.encode(*codes)
        text, code = network.pool(states, texts.mask), network.pool(code_states, codes.mask)
        slow = [self.momentum.embed(*side) for side in (texts, codes)]
        queued = [queue.contents() for queue in self.queues]
        contrast = self.contrastive(text, code, self.groups, MomentumVectors(*slow, *queued))
        losses = {
            joint.CONTRASTIVE: contrast.loss,
            joint.MATCHING: self.matching(states, text, code, queued),
            joint.TEXT_TO_CODE: self.writing(states, self.to_code),
            joint.CODE_TO_TEXT: self.writing(code_states, self.to_text),
        }
        total = joint.joint_loss(dict.fromkeys(losses, 1.0), losses)
        self.optimiser.zero_grad()
        total.backward()
        self.optimiser.step()
        self.schedule.step()
        for queue, vectors, side in zip(self.queues, slow, (texts, codes), strict=True):
            queue.push(vectors, self.groups, side)
        return {name: part.item() for name, part in losses.items()}

    def matching(self, states, text, code, queued):
        """Take negatives out of the batch, and out of the queues once there are any."""
        encoded = EncodedTexts(states, self.texts.mask)
        sides = queued if len(self.queues[0]) else [Candidates(text, self.groups), Candidates(code, self.groups)]
        codes_drawn = draw_negatives(text, self.groups, sides[1], DRAWING_TEMPERATURE, self.generator)
        texts_drawn = draw_negatives(code, self.groups, sides[0], DRAWING_TEMPERATURE, self.generator)
        if len(self.queues[0]):
            negatives = queue_negatives(self.network, self.queues, codes_drawn, texts_drawn)
        else:
            negatives = batch_negatives(encoded, self.codes, codes_drawn, texts_drawn)
        return matching_loss(self.network, encoded, self.codes, negatives).loss

    def writing(self, states, batch):
        logits = self.network.language_logits(states, batch.source.mask, batch.decoder_input)
        return language_loss(logits, batch.labels)


@torch.no_grad()
def reciprocal_ranks(network):
    """Return 1 / rank of each text's code among all codes, by cosine."""
    text, code = (network.embed(*pad_sequences(side, 0)) for side in (TEXTS, CODES))
    similarities = text @ code.T
    ranks = (similarities >= similarities.diagonal().unsqueeze(1)).sum(dim=1)
    return [1 / rank for rank in ranks.tolist()]


@torch.no_grad()
def matches_above_negatives(network):
    """Return how many pairs have a higher score than every wrong code for their text and wrong text for their code."""
    texts, codes = pad_sequences(TEXTS, 0), pad_sequences(CODES, 0)
    states = network.encode(*texts)
    rows = torch.arange(COUNT).repeat_interleave(COUNT)
    every = codes.take(torch.arange(COUNT).repeat(COUNT))
    scores = network.match_scores(states[rows], texts.mask[rows], *every).reshape(COUNT, COUNT)
    wrong = scores.masked_fill(torch.eye(COUNT, dtype=torch.bool), -torch.inf)
    right = scores.diagonal()
    return int(((right > wrong.amax(dim=0)) & (right > wrong.amax(dim=1))).sum())


@torch.no_grad()
def written(network, source, start):
    """Return what the decoder writes greedily after `start`, up to </s>."""
    texts = pad_sequences([source], 0)
    states = network.encode(*texts)
    ids = [start]
    while len(ids) < 12 and ids[-1] != SPECIAL.eos:
        logits = network.language_logits(states, texts.mask, torch.tensor([ids]))
        ids.append(int(logits[0, -1].argmax()))
    return ids[1:]


def reproduced(network):
    """Return how many codes and texts, of all pairs, are written exactly."""
    codes = sum(written(network, text, SPECIAL.code_start) == code[1:] for text, code in PAIRS)
    return codes + sum(written(network, code, SPECIAL.text_start) == text[1:] for text, code in PAIRS)


def test_a_tiny_model_learns_pairs_by_heart():
    """MRR 1, every pair above its negatives, every side written from the other: none of it before training."""
    network = tiny_network()
    assert sum(reciprocal_ranks(network)) < 0.7 * COUNT
    assert matches_above_negatives(network) < COUNT / 2
    assert reproduced(network) == 0

    training = Training(network)
    history = [training.step() for _ in range(STEPS)]

    assert reciprocal_ranks(network) == [1.0] * COUNT
    assert matches_above_negatives(network) == COUNT
    assert reproduced(network) == 2 * COUNT
    assert all(history[-1][name] < history[0][name] for name in history[0])
