"""The contrastive loss, against numbers worked out by hand and loops over every pair."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from codesearch.training.objectives.contrastive import ContrastiveLoss, MomentumVectors
from codesearch.training.objectives.groups import Candidates

CLOSE = 1e-5


def unit(seed, *shape):
    vectors = np.random.default_rng(seed).normal(size=shape)
    return (vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)).astype("f4")


def candidates(vectors, groups):
    return Candidates(torch.from_numpy(vectors), torch.tensor(groups))


def one_direction(queries, offered, groups, offered_groups, temperature):
    """Return the mean loss of queries whose own candidate has their place, one sum at a time."""
    losses = []
    for place, query in enumerate(queries):
        allowed = [other for other in range(len(offered)) if other == place or offered_groups[other] != groups[place]]
        likelihood = np.exp([query @ offered[other] / temperature for other in allowed])
        losses.append(-np.log(likelihood[allowed.index(place)] / likelihood.sum()))
    return np.mean(losses)


def test_two_pairs_by_hand():
    """Similarities .6 0 / .8 1 at temperature ½ are logits 1.2 0 / 1.6 2; each loss is ln(1 + e^-difference).

    Text to code: differences 1.2 and .4, so .263282 and .513015. Code to text: -.4 and 2, so .913015 and .126928. The
    mean of the four is .454060. Both texts are nearest to their own code.
    """
    text, code = torch.tensor([[1.0, 0.0], [0.0, 1.0]]), torch.tensor([[0.6, 0.8], [0.0, 1.0]])
    loss, accuracy = ContrastiveLoss(temperature=0.5)(text, code)
    assert loss.item() == pytest.approx(0.454060, abs=CLOSE)
    assert accuracy.item() == 1.0


def test_accuracy_counts_texts():
    """With the codes exchanged the first text is nearest to the wrong code, and so is the second."""
    text, code = torch.tensor([[1.0, 0.0], [0.0, 1.0]]), torch.tensor([[0.0, 1.0], [0.6, 0.8]])
    assert ContrastiveLoss()(text, code).accuracy.item() == 0.0
    assert ContrastiveLoss()(torch.eye(3), torch.eye(3)[[0, 2, 1]]).accuracy.item() == pytest.approx(1 / 3)


def test_duplicates_are_no_negatives():
    """Two pairs of one group, and nothing else: nobody to be told apart from, no loss; of two groups, ln 2."""
    same = torch.tensor([[1.0, 0.0], [1.0, 0.0]])
    assert ContrastiveLoss()(same, same, torch.tensor([7, 7])).loss.item() == 0.0
    assert ContrastiveLoss()(same, same, torch.tensor([7, 8])).loss.item() == pytest.approx(math.log(2), abs=CLOSE)
    assert ContrastiveLoss()(same, same, torch.tensor([-1, -1])).loss.item() == pytest.approx(math.log(2), abs=CLOSE)


def test_momentum_and_queues_as_in_loops():
    """The batch of the momentum encoder and its queues are the candidates."""
    text, code, slow_text, slow_code = (unit(seed, 4, 6) for seed in range(4))
    queued_text, queued_code = unit(4, 5, 6), unit(5, 3, 6)
    groups, text_groups, code_groups = [0, 1, 0, 3], [1, 8, 9, 0, 8], [3, 7, 0]  # some are in the queues already
    momentum = MomentumVectors(
        torch.from_numpy(slow_text),
        torch.from_numpy(slow_code),
        candidates(queued_text, text_groups),
        candidates(queued_code, code_groups),
    )
    found = ContrastiveLoss(0.2)(torch.from_numpy(text), torch.from_numpy(code), torch.tensor(groups), momentum)
    codes, texts = np.concatenate([slow_code, queued_code]), np.concatenate([slow_text, queued_text])
    forth = one_direction(text, codes, groups, groups + code_groups, 0.2)
    back = one_direction(code, texts, groups, groups + text_groups, 0.2)
    assert found.loss.item() == pytest.approx((forth + back) / 2, abs=CLOSE)


def test_temperature_is_learned_within_bounds():
    """Its gradient is that of a difference quotient; a temperature beyond a bound is put on it."""
    text, code = torch.from_numpy(unit(0, 5, 4)), torch.from_numpy(unit(1, 5, 4))
    objective = ContrastiveLoss(0.2)
    objective(text, code).loss.backward()
    step = 1e-2
    with torch.no_grad():
        higher = ContrastiveLoss(0.2 * math.exp(step))(text, code).loss
        lower = ContrastiveLoss(0.2 * math.exp(-step))(text, code).loss
    assert objective.log_temperature.grad.item() == pytest.approx((higher - lower).item() / (2 * step), abs=1e-3)
    for given, held in ((3.0, 0.5), (1e-5, 0.001), (0.07, 0.07)):
        objective = ContrastiveLoss(given)
        objective(text, code)
        assert objective.temperature == pytest.approx(held, rel=CLOSE)
