"""Metrics of pairs against brute force over all of them, and tables worked out by hand."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from codesearch.evaluation.pair_metrics import accuracy_at, average_precision, best_threshold, roc_auc


def samples():
    """Return scores with many ties, with none, and with one kind of pair rare."""
    draw = np.random.default_rng(7)
    made = []
    for size, levels, share in [(2, 2, 0.5), (12, 3, 0.5), (40, 5, 0.2), (60, 10_000, 0.5), (41, 1, 0.7)]:
        right = draw.random(size) < share
        right[:2] = True, False
        made.append(((draw.integers(-levels, levels, size) / 4).astype(np.float32), right))
    return made


@pytest.mark.parametrize(("scores", "right"), samples())
def test_auc_counts_pairs_of_pairs(scores, right):
    """One for every right pair above a wrong one, half for every tie, over all of them."""
    compared = list(itertools.product(scores[right], scores[~right]))
    won = sum((high > low) + (high == low) / 2 for high, low in compared)
    assert roc_auc(scores, right) == pytest.approx(won / len(compared), abs=1e-12)


@pytest.mark.parametrize(("scores", "right"), samples())
def test_average_precision_by_definition(scores, right):
    """For each right pair the share of right ones among all that score at least as high; their mean."""
    precisions = [right[scores >= score].mean() for score in scores[right]]
    assert average_precision(scores, right) == pytest.approx(np.mean(precisions), abs=1e-12)


@pytest.mark.parametrize(("scores", "right"), samples())
def test_best_threshold_of_all(scores, right):
    """No threshold below, between or above the scores decides more pairs; the named one decides as many."""
    candidates = [*scores, scores.min() - 1, *(scores - 0.1), *(scores + 0.1)]
    tried = [np.mean((scores > threshold) == right) for threshold in candidates]
    best = best_threshold(scores, right)
    assert best.accuracy == pytest.approx(max(tried), abs=1e-12)
    assert accuracy_at(scores, right, best.threshold) == best.accuracy


def test_by_hand():
    """Scores 3 right, 2 wrong, 2 right, 1 wrong: 3.5 of 4 comparisons won, precisions 1 and 2/3."""
    scores, right = np.array([1.0, 2.0, 3.0, 2.0]), np.array([False, True, True, False])
    assert roc_auc(scores, right) == 3.5 / 4
    assert average_precision(scores, right) == pytest.approx((1 + 2 / 3) / 2)
    assert best_threshold(scores, right) == (0.75, 2.0)
    assert accuracy_at(scores, right, 1.0) == 0.75
    assert accuracy_at(scores, right, 0.0) == 0.5


def test_thresholds_at_the_ends():
    """Where wrong pairs score higher, the best is to refuse all, or to accept all."""
    scores = np.array([3.0, 2.0, 1.0])
    assert best_threshold(scores, np.array([False, False, True])) == (2 / 3, 3.0)
    assert best_threshold(scores, np.array([False, True, True])) == (2 / 3, 0.0)
    assert roc_auc(scores, np.array([False, True, True])) == 0.0
