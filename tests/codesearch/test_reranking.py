"""A matching head's opinion and the order so far in one score, against values worked out by hand."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from codesearch.fusion import FusedCandidate
from codesearch.reranking import REPLACING, Reranker, blend, rerank
from store import Definition, Kind, StoredDefinition

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from codesearch.reranking import Ranked

# Of two candidates one is a standard deviation above the mean, and one below.
ABOVE, BELOW = 1 / (1 + math.exp(-1)), 1 / (1 + math.exp(1))


class FakeMatcher:
    """Says of each code the number behind its "# "; remembers what it was asked to read."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, list[str]]] = []

    def scores(self, query: str, codes: Sequence[str]) -> NDArray[np.float32]:
        """Return the numbers, float32."""
        self.calls.append((query, list(codes)))
        return np.array([float(code.split("# ")[1].split()[0]) for code in codes], np.float32)


def candidate(
    number: int, score: float, logit: float, cosine: float | None = None, focus_lines: tuple[int, int] | None = None
) -> Ranked:
    """Return a candidate of which the fake says `logit`."""
    code = f"pass # {logit}"
    definition = Definition(Kind.FUNCTION, "f", "Box.f", "", "", code, 1, 1, 0, len(code))
    stored = StoredDefinition(number, Path("/r"), "src/parts/box.py", "python", definition)
    return FusedCandidate(number, score, number, None, cosine, focus_lines), stored


def result(ranked: Sequence[Ranked], **options: float) -> list[tuple[int, float]]:
    """Return (id, score) of the candidates in their new order."""
    reranker = Reranker(FakeMatcher(), **options)  # type: ignore[arg-type]
    return [(one.definition_id, pytest.approx(one.score, abs=1e-6)) for one, _ in rerank("q", ranked, reranker)]


THREE = [candidate(1, 0.8, 0.0, 0.9), candidate(2, 0.6, 1.6, 0.3), candidate(3, 0.3, 99.0, 0.2)]


@pytest.mark.parametrize(
    ("weight", "expected"),
    [
        # The sums .9 and 1.9 are one deviation from their mean; the third has half the second's former score.
        (0.0, [(1, 1.0), (2, 0.75), (3, 0.375)]),
        (0.3, [(1, 0.7 + 0.3 * BELOW), (2, 0.7 * 0.75 + 0.3 * ABOVE), (3, (0.7 * 0.75 + 0.3 * ABOVE) / 2)]),
        (0.5, [(2, 0.5 * 0.75 + 0.5 * ABOVE), (1, 0.5 + 0.5 * BELOW), (3, (0.5 + 0.5 * BELOW) / 2)]),
        (REPLACING, [(2, ABOVE), (1, BELOW), (3, BELOW / 2)]),
    ],
)
def test_a_blend_by_hand(weight: float, expected: list[tuple[int, float]]) -> None:
    """Two of three are read; the third stays behind them, whatever the head would say of it."""
    assert result(THREE, candidates=2, weight=weight) == expected


def test_the_head_reads_each_candidate_once() -> None:
    """One call with the query and the passages of the best; path and enclosing type stand in a passage."""
    matcher = FakeMatcher()
    found = rerank("where?", THREE, Reranker(matcher, 2))
    context = "parts/box Box\n"
    assert matcher.calls == [("where?", [f"{context}pass # 0.0", f"{context}pass # 1.6"])]
    logits = {one.definition_id: one.matching for one, _ in found}
    assert logits == {1: 0.0, 2: pytest.approx(1.6), 3: None}
    assert rerank("where?", [], Reranker(matcher)) == []
    assert len(matcher.calls) == 1


def test_without_a_vector_the_cosine_is_the_weakest() -> None:
    """Of those read; without any vector the logits alone decide."""
    sums = [candidate(1, 0.5, 1.0, 0.9), candidate(2, 0.5, 1.5), candidate(3, 0.5, 1.3, 0.5), candidate(4, 0.5, 9, 0.1)]
    assert [one for one, _ in result(sums, candidates=3, weight=1)] == [2, 1, 3, 4]  # 1.9, 2.0, 1.8
    alone = [candidate(1, 0.5, 1.0), candidate(2, 0.5, 1.5)]
    assert result(alone, weight=1) == [(2, ABOVE), (1, BELOW)]


def test_ties_go_to_the_smaller_id() -> None:
    """Equal scores before and equal opinions, in whatever order they come."""
    assert [one for one, _ in result([candidate(number, 0.5, 1.0) for number in (7, 3, 5)])] == [3, 5, 7]


def test_a_head_that_cannot_tell_changes_nothing() -> None:
    """Differences of a thousandth are not stretched to opinions: a hair in the order so far weighs more."""
    close = [candidate(1, 0.500, 1.000), candidate(2, 0.495, 1.001)]
    assert [one for one, _ in result(close, weight=0.3)] == [1, 2]
    assert [one for one, _ in result(close, weight=1)] == [2, 1]


@pytest.mark.parametrize("seed", range(5))
def test_scores_fall_down_the_list(seed: int) -> None:
    """Whatever the weight: all within 0 and 1, each candidate once, the unread behind in their order."""
    numbers = np.random.default_rng(seed)
    scores = sorted(numbers.random(40), reverse=True)
    scores[-3:] = [0.0] * 3
    ranked = [candidate(number, score, *numbers.normal(0, 4, 2)) for number, score in enumerate(scores, 1)]
    judged = rerank("q", ranked, Reranker(FakeMatcher(), 32, 0.0))
    for weight in (0.0, 0.3, 0.7, 1.0):
        found = blend(judged, weight)
        new = [one.score for one, _ in found]
        assert new == sorted(new, reverse=True)
        assert 0 <= new[-1] <= new[0] <= 1
        assert sorted(one.definition_id for one, _ in found[:32]) == list(range(1, 33))
        assert [one.definition_id for one, _ in found[32:]] == list(range(33, 41))
        direct = rerank("q", ranked, Reranker(FakeMatcher(), 32, weight))
        assert [one.definition_id for one, _ in found] == [one.definition_id for one, _ in direct]
        assert new == pytest.approx([one.score for one, _ in direct])


def test_the_nearest_passage_is_read() -> None:
    """Of a long definition the passage with the lines that were nearest, else the first; without any, the code."""
    lines = ["def f():", *(f"    step_{number}()  # {number}.0 of many" for number in range(100))]
    long = Definition(Kind.FUNCTION, "f", "f", "def f():", "", "\n".join(lines), 11, 111, 0, 1)
    table = Definition(Kind.BLOCK, "<imports>", "<imports>", "", "", "import a # 7.0\n" * 500, 1, 500, 0, 1)
    stored = [StoredDefinition(n, Path("/r"), "a.py", "python", one) for n, one in enumerate((long, long, table), 1)]
    reranker = Reranker(matcher := FakeMatcher())
    passages = reranker.passages(stored[0])
    assert len(passages) == 3
    focus = (passages[2].start_line, passages[2].end_line)
    spans = [focus, None, None]
    rerank("q", [(FusedCandidate(1, 1, 1, 1, 1, span), one) for span, one in zip(spans, stored, strict=True)], reranker)
    assert matcher.calls[0][1][:2] == [passages[2].text, passages[0].text]
    assert matcher.calls[0][1][2] == table.code[:1_000]


@pytest.mark.parametrize("options", [{"candidates": 0}, {"weight": -0.1}, {"weight": 1.1}])
def test_what_cannot_be_meant(options: dict[str, float]) -> None:
    """No candidate to read, or a share outside of 0 and 1, is a ValueError."""
    with pytest.raises(ValueError, match="weight of"):
        Reranker(FakeMatcher(), **options)  # type: ignore[arg-type]
