"""Metrics against values worked out by hand."""

from __future__ import annotations

import math

import pytest

from codesearch.evaluation.metrics import ndcg, recall, reciprocal_rank

RANKING = ["d", "b", "a", "c"]


@pytest.mark.parametrize(
    ("relevant", "cutoff", "expected"),
    [({"a": 1}, 10, 1 / 3), ({"a": 1, "d": 1}, 10, 1.0), ({"a": 1}, 2, 0.0), ({"x": 1}, 10, 0.0), ({"d": 0}, 10, 0.0)],
)
def test_reciprocal_rank(relevant: dict[str, float], cutoff: int, expected: float) -> None:
    """The first relevant document within the cutoff counts, at one over its rank."""
    assert reciprocal_rank(RANKING, relevant, cutoff) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("relevant", "cutoff", "expected"),
    [({"a": 1, "x": 1}, 10, 0.5), ({"a": 1, "d": 1}, 1, 0.5), ({"b": 1, "c": 0}, 2, 1.0)],
)
def test_recall(relevant: dict[str, float], cutoff: int, expected: float) -> None:
    """Recall is the share of the relevant documents within the cutoff; grade 0 is not relevant."""
    assert recall(RANKING, relevant, cutoff) == expected


def test_ndcg_with_grades() -> None:
    """Gains 1 at rank 2 and 2 at rank 3, over the ideal 2 then 1."""
    expected = (1 / math.log2(3) + 2 / math.log2(4)) / (2 / math.log2(2) + 1 / math.log2(3))
    assert ndcg(RANKING, {"b": 1, "a": 2}, 10) == pytest.approx(expected)


def test_ndcg_ideal_is_cut_too() -> None:
    """With more relevant documents than places, a ranking full of relevant ones is perfect."""
    assert ndcg(RANKING, {"d": 1, "b": 1, "a": 1}, 2) == pytest.approx(1.0)
