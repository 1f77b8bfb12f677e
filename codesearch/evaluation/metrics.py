"""Retrieval metrics over one query's ranked documents, with graded or binary relevance.

Pure functions of a ranking and its judgements; they know nothing of engines or files. Definitions as in the field's
standard (Järvelin and Kekäläinen 2002 for NDCG, with gain = relevance and discount log2(rank + 1)).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def reciprocal_rank(ranking: Sequence[str], relevance: Mapping[str, float], cutoff: int) -> float:
    """Return 1 / rank of the first relevant document within the cutoff, else 0."""
    for rank, document in enumerate(ranking[:cutoff], 1):
        if relevance.get(document, 0) > 0:
            return 1 / rank
    return 0.0


def recall(ranking: Sequence[str], relevance: Mapping[str, float], cutoff: int) -> float:
    """Return the share of the relevant documents that stand within the cutoff."""
    relevant = {document for document, grade in relevance.items() if grade > 0}
    return len(relevant.intersection(ranking[:cutoff])) / len(relevant)


def ndcg(ranking: Sequence[str], relevance: Mapping[str, float], cutoff: int) -> float:
    """Return the normalised discounted cumulative gain within the cutoff."""
    ideal = sorted(relevance.values(), reverse=True)[:cutoff]
    return discounted_gain([relevance.get(document, 0) for document in ranking[:cutoff]]) / discounted_gain(ideal)


def discounted_gain(grades: Sequence[float]) -> float:
    """Return the sum of the grades of ranks 1, 2, ..., each divided by log2(rank + 1)."""
    return sum(grade / math.log2(rank + 1) for rank, grade in enumerate(grades, 1))
