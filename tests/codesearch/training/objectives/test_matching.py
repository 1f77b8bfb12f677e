"""Hard negatives and the matching loss, against hand-worked numbers, frequencies and one pair at a time."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from codesearch.training.objectives.groups import Candidates
from codesearch.training.objectives.matching import (
    Drawn,
    EncodedTexts,
    SoftTargets,
    batch_negatives,
    draw_negatives,
    matching_loss,
    queue_negatives,
    sample_hard_negatives,
)
from codesearch.training.objectives.momentum import MomentumQueue
from codesearch.training.objectives.sequences import pad_sequences
from tests.codesearch.training.objectives.tiny import CODES, TEXTS, tiny_network

DRAWS = 20_000


class TableOfLogits:
    """A matching head that looks the logit of "matches" up by text and code, and notes what it was asked."""

    def __init__(self, table):
        self.table = torch.tensor(table)
        self.asked = []

    def match_logits(self, text_states, text_mask, code_ids, code_mask):
        texts = (text_states * text_mask.unsqueeze(-1)).sum(dim=(1, 2)).long()
        codes = (code_ids * code_mask).sum(dim=1)
        self.asked = list(zip(texts.tolist(), codes.tolist(), strict=True))
        matched = self.table[texts, codes]
        return torch.stack([torch.zeros_like(matched), matched], dim=1)


def drawn(*places, valid=None, similarities=None):
    valid = [True] * len(places) if valid is None else valid
    return Drawn(torch.tensor(places), torch.tensor(valid), torch.tensor(similarities or [0.0] * len(places)))


def test_harder_is_likelier():
    """Frequencies are softmax(similarity / temperature) over what is allowed; what is forbidden is never drawn."""
    similarities = torch.tensor([[0.9, 0.8, 0.7, 0.95]])
    forbidden = torch.tensor([[False, False, False, True]])
    generator = torch.Generator().manual_seed(0)
    found = sample_hard_negatives(
        similarities.expand(DRAWS, 4), 0.1, forbidden.expand(DRAWS, 4), generator
    ).places.bincount(minlength=4)
    weights = np.exp([9.0, 8.0, 7.0, -np.inf])
    assert found[3] == 0
    assert found.numpy() / DRAWS == pytest.approx(weights / weights.sum(), abs=0.015)


def test_a_generator_makes_the_draw_repeatable():
    """The same seed draws the same, another one does not."""
    similarities, free = torch.zeros(50, 50), torch.zeros(50, 50, dtype=torch.bool)
    first, again, other = (
        sample_hard_negatives(similarities, 0.07, free, torch.Generator().manual_seed(seed)).places.tolist()
        for seed in (3, 3, 4)
    )
    assert first == again != other


def test_a_far_candidate_is_drawn_when_it_is_the_only_one():
    """At the lowest temperature the forbidden best one does not press the allowed one down to nothing."""
    found = sample_hard_negatives(torch.tensor([[1.0, -1.0]]), 0.001, torch.tensor([[True, False]]))
    assert (found.places.tolist(), found.valid.tolist()) == ([1], [True])


def test_where_all_are_forbidden_nothing_is_valid():
    """A row without any negative says so; the others are not touched by it."""
    forbidden = torch.tensor([[True, True], [False, True]])
    found = sample_hard_negatives(torch.zeros(2, 2), 0.07, forbidden)
    assert found.valid.tolist() == [False, True]
    assert found.places[1] == 0
    with pytest.raises(ValueError, match="no candidates"):
        sample_hard_negatives(torch.zeros(2, 0), 0.07, torch.zeros(2, 0, dtype=torch.bool))


def test_own_group_is_never_drawn():
    """A batch against itself: of groups 0 1 0, the rows of group 0 can only have row 1."""
    vectors, groups = torch.eye(3), torch.tensor([0, 1, 0])
    for seed in range(20):
        generator = torch.Generator().manual_seed(seed)
        places = draw_negatives(vectors, groups, Candidates(vectors, groups), 0.07, generator).places.tolist()
        assert (places[0], places[2]) == (1, 1)
        assert places[1] in {0, 2}


def test_how_similar_what_was_drawn_is():
    """The dot product of the row and of the candidate in the place that was drawn."""
    queries, candidates = torch.randn(2, 9, 5).unbind()
    found = draw_negatives(queries, torch.arange(9), Candidates(candidates, torch.arange(9)), 1.0)
    assert torch.allclose(found.similarities, (queries * candidates[found.places]).sum(dim=1), atol=1e-6)


def test_three_decisions_a_pair_by_hand():
    """Two pairs, each the other's negatives; the logits are 0 and ln 3 for the pairs, ln 3 and 0 for the wrong ones.

    With a logit l of "matches" against 0, a positive costs ln(1 + e^-l) and a negative ln(1 + e^l). Positives: l(1,1)
    = 0 costs ln 2, l(2,2) = ln 3 costs ln 4/3. Negatives: (1,2) = ln 3 and (2,1) = 0, each asked twice: ln 4, ln 2,
    ln 2, ln 4. The sum is ln(2 x 4/3 x 4 x 2 x 2 x 4) = ln 170.667, a sixth of it .856619. Right is only (2,2), and
    (2,1) twice, since at equal logits the first class wins.
    """
    network = TableOfLogits([[0.0, 0.0, 0.0], [0.0, 0.0, math.log(3)], [0.0, 0.0, math.log(3)]])
    texts = EncodedTexts(torch.tensor([[[1.0]], [[2.0]]]), torch.ones(2, 1, dtype=torch.int64))
    codes = pad_sequences([[1], [2]], pad=0)
    loss, accuracy = matching_loss(network, texts, codes, batch_negatives(texts, codes, drawn(1, 0), drawn(1, 0)))
    assert network.asked == [(1, 1), (2, 2), (1, 2), (2, 1), (2, 1), (1, 2)]
    assert loss.item() == pytest.approx(math.log(512 / 3) / 6, abs=1e-6) == pytest.approx(0.856619, abs=1e-6)
    assert accuracy.item() == pytest.approx(3 / 6)


def test_what_is_no_negative_counts_nothing():
    """Without the two decisions about (1,2), the sum above is ln(2 x 4/3 x 2 x 2), and it is of four."""
    network = TableOfLogits([[0.0, 0.0, 0.0], [0.0, 0.0, math.log(3)], [0.0, 0.0, math.log(3)]])
    texts = EncodedTexts(torch.tensor([[[1.0]], [[2.0]]]), torch.ones(2, 1, dtype=torch.int64))
    codes = pad_sequences([[1], [2]], pad=0)
    negatives = batch_negatives(texts, codes, drawn(1, 0, valid=[False, True]), drawn(1, 0, valid=[True, False]))
    loss, accuracy = matching_loss(network, texts, codes, negatives)
    assert loss.item() == pytest.approx(math.log(32 / 3) / 4, abs=1e-6)
    assert accuracy.item() == pytest.approx(3 / 4)


def test_soft_targets_by_hand():
    """The two pairs above, half of each target the encoder's: a cosine of .45 is even, ln 3 tenths more are 3 to 1.

    A logit of 0 costs ln 2 whatever is wanted, three times. One of ln 3 costs t ln 4/3 + (1 - t) ln 4, where t is half
    of the label and half of what the encoder thinks: (2,2), at 3 to 1, has t = 7/8; (1,2) is asked twice, at even t =
    1/4 and at 1 to 3 t = 1/8. The sum is 3 ln 2 + 5/4 ln 4/3 + 7/4 ln 4.
    """
    network = TableOfLogits([[0.0, 0.0, 0.0], [0.0, 0.0, math.log(3)], [0.0, 0.0, math.log(3)]])
    texts = EncodedTexts(torch.tensor([[[1.0]], [[2.0]]]), torch.ones(2, 1, dtype=torch.int64))
    codes = pad_sequences([[1], [2]], pad=0)
    likely, even, unlikely = 0.45 + math.log(3) / 10, 0.45, 0.45 - math.log(3) / 10
    negatives = batch_negatives(
        texts, codes, drawn(1, 0, similarities=[even, 0.9]), drawn(1, 0, similarities=[0.2, unlikely])
    )
    soft = SoftTargets(0.5, torch.tensor([0.7, likely]))
    loss, accuracy = matching_loss(network, texts, codes, negatives, soft)
    by_hand = 3 * math.log(2) + 5 / 4 * math.log(4 / 3) + 7 / 4 * math.log(4)
    assert loss.item() == pytest.approx(by_hand / 6, abs=1e-6)
    assert accuracy.item() == pytest.approx(3 / 6)


def pairs_one_by_one(network, pairs):
    """Return the mean cross entropy of (text, code, label), each computed alone and without padding."""
    losses = []
    for text, code, label in pairs:
        texts, codes = pad_sequences([text], 0), pad_sequences([code], 0)
        logits = network.match_logits(network.encode(*texts), texts.mask, *codes)[0].double().numpy()
        losses.append(np.log(np.exp(logits).sum()) - logits[label])
    return np.mean(losses)


def test_queue_negatives_are_those_of_the_queue():
    """The real network on negatives of other lengths out of the queues: the loss is that of each pair alone."""
    network = tiny_network()
    queues = (MomentumQueue(4, 2, tokens=12), MomentumQueue(4, 2, tokens=12))
    old_texts = [[1, 9, 2], [1, *range(30, 39), 2], [1, 8, 8, 2]]
    old_codes = [[1, 40, 41, 40, 41, 40, 41, 40, 2], [1, 42, 2], [1, 43, 43, 2]]
    for queue, sequences in zip(queues, (old_texts, old_codes), strict=True):
        queue.push(torch.zeros(3, 2), torch.arange(3), pad_sequences(sequences, 0))
    texts, codes = pad_sequences(TEXTS[:2], 0), pad_sequences(CODES[:2], 0)
    with torch.no_grad():
        encoded = EncodedTexts(network.encode(*texts), texts.mask)
        negatives = queue_negatives(network, queues, drawn(0, 2), drawn(1, 0))
        found = matching_loss(network, encoded, codes, negatives).loss.item()
        expected = pairs_one_by_one(
            network,
            [
                *((text, code, 1) for text, code in zip(TEXTS[:2], CODES[:2], strict=True)),
                *((text, code, 0) for text, code in zip(TEXTS[:2], (old_codes[0], old_codes[2]), strict=True)),
                *((text, code, 0) for text, code in zip((old_texts[1], old_texts[0]), CODES[:2], strict=True)),
            ],
        )
    assert found == pytest.approx(expected, abs=1e-5)


def test_texts_are_encoded_once():
    """Negatives of the batch cost no pass of the encoder, and the gradient of matching reaches the encoder."""
    network = tiny_network()
    passes = []
    network.encoder.register_forward_hook(lambda *_: passes.append(1))
    texts, codes = pad_sequences(TEXTS, 0), pad_sequences(CODES, 0)
    encoded = EncodedTexts(network.encode(*texts), texts.mask)
    order = torch.arange(len(TEXTS)).roll(1).tolist()
    negatives = batch_negatives(encoded, codes, drawn(*order), drawn(*order))
    matching_loss(network, encoded, codes, negatives).loss.backward()
    assert len(passes) == 1
    assert network.encoder.block[0].layer[0].SelfAttention.q.weight.grad.abs().max() > 0
