"""Fusion against scores worked out by hand from the formula."""

from __future__ import annotations

import pytest

from codesearch.fusion import fuse
from store import Candidate


def _lexical(*ids: int) -> list[tuple[int, float]]:
    """Pairs in this order, with falling scores."""
    return [(one, 9.0 - rank) for rank, one in enumerate(ids)]


def _dense(*ids: int) -> list[Candidate]:
    """Candidates in this order, with falling scores and lines that tell the id."""
    return [Candidate(one, 1 - rank / 10, one * 10, one * 10 + 5) for rank, one in enumerate(ids)]


def test_scores_are_weighted_shares_of_the_best() -> None:
    """BM25 as a share of its best, cosines from the last to the best, weighted; absent sides give nothing."""
    dense = [Candidate(2, 0.9, 1, 2), Candidate(3, 0.7, 1, 2), Candidate(4, 0.4, 1, 2)]
    fused = {one.definition_id: one for one in fuse([(1, 8.0), (2, 6.0)], dense, dense_weight=0.75)}
    assert fused[1].score == pytest.approx(0.25)
    assert fused[2].score == pytest.approx(0.25 * 6 / 8 + 0.75)
    assert fused[3].score == pytest.approx(0.75 * 0.3 / 0.5)
    assert fused[4].score == 0.0
    assert (fused[2].lexical_rank, fused[2].dense_rank) == (2, 1)
    assert (fused[2].words, fused[3].meaning) == pytest.approx((0.75, 0.6))
    assert (fused[1].dense_rank, fused[3].lexical_rank) == (None, None)


def test_scores_without_differences_are_the_best() -> None:
    """One candidate, equal ones, and ones that no word was found in: nothing is divided by zero."""
    assert [one.score for one in fuse([], [Candidate(1, 0.2, 1, 2)], dense_weight=1.0)] == [1.0]
    assert [one.score for one in fuse([], [Candidate(1, -0.2, 1, 2)], dense_weight=1.0)] == [1.0]
    equal = [Candidate(one, 0.2, 1, 2) for one in (1, 2)]
    assert [one.score for one in fuse([(1, 0.0), (2, 0.0)], equal, dense_weight=0.5)] == [1.0, 1.0]


def test_best_first_and_ties_by_id() -> None:
    """The order is by score; equal scores go to the smaller id."""
    equal = [(7, 4.0), (9, 4.0), (5, 4.0)]
    assert [one.definition_id for one in fuse(equal, [], dense_weight=0.5)] == [5, 7, 9]
    assert [one.definition_id for one in fuse(equal, [], dense_weight=0.5, limit=1)] == [5]
    assert [one.definition_id for one in fuse(_lexical(7, 5), _dense(5, 7), dense_weight=0.5)] == [5, 7]
    assert [one.definition_id for one in fuse(_lexical(1, 2), _dense(2, 1), dense_weight=0.9)] == [2, 1]


def test_the_dense_side_tells_similarity_and_lines() -> None:
    """Cosine and the best passage's lines come from the dense side; without it they are absent."""
    lexical_only, both = sorted(fuse(_lexical(1, 2), _dense(2), dense_weight=0.5), key=lambda one: one.definition_id)
    assert (both.similarity, both.focus_lines) == (1.0, (20, 25))
    assert (lexical_only.similarity, lexical_only.focus_lines) == (None, None)


def test_one_side_alone_keeps_its_order() -> None:
    """With an empty side the other's order stands, whatever the weight."""
    assert [one.definition_id for one in fuse(_lexical(3, 1, 2), [], dense_weight=0.0)] == [3, 1, 2]
    assert [one.definition_id for one in fuse([], _dense(3, 1, 2), dense_weight=1.0)] == [3, 1, 2]
