"""Metrics of a ranking whose ranks are known to be right or wrong: of questions about repositories.

A rank has the set of the relevant places that stand there; empty is wrong. Gains are 0 or 1. Metrics of documents
with graded judgements are `metrics`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from codesearch.evaluation.metrics import discounted_gain

if TYPE_CHECKING:
    from collections.abc import Sequence

RECALL_CUTOFFS = (1, 5)  # and the cutoff of the others


def hit_metrics(hits: Sequence[set[int]], places: int, cutoff: int) -> dict[str, float]:
    """Return NDCG and MRR at the cutoff, and recall at 1, 5 and the cutoff, of a question with so many `places`.

    NDCG is that of the published question sets: every rank that is right has the gain 1, and ideally the first
    min(cutoff, places) ranks are.
    """
    gains = [1.0 if hit else 0.0 for hit in hits[:cutoff]]
    first = next((rank for rank, gain in enumerate(gains, 1) if gain), None)
    figures = {
        f"ndcg@{cutoff}": discounted_gain(gains) / discounted_gain([1.0] * min(cutoff, places)),
        f"mrr@{cutoff}": 1 / first if first else 0.0,
    }
    for within in sorted({*(few for few in RECALL_CUTOFFS if few < cutoff), cutoff}):
        figures[f"recall@{within}"] = len(set[int]().union(*hits[:within])) / places
    return figures
