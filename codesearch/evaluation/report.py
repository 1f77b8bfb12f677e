"""What an evaluation says: figures per mode, over the whole set and per language; or per score, over judged pairs."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class EvaluationReport:
    """Figures of one judged set.

    `modes` maps a mode to its metrics ("mrr@10", "ndcg@10", "recall@10": means over the queries, 0 to 1);
    `by_language` maps a mode to a language to the same metrics, the language being that of the relevant documents.
    """

    set: str
    queries: int
    documents: int
    model: str
    modes: dict[str, dict[str, float]]
    by_language: dict[str, dict[str, dict[str, float]]] = field(default_factory=dict)
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class MatchingReport:
    """Figures of judged pairs, `right` of them being right.

    `scores` maps a score to its metrics. The scores are "matching" (the head's logit of "matches"), "cosine" (of the
    embeddings of query and code) and "sum" (of the two, by which CodeT5+ orders candidates); only "cosine" for a model
    without a matching head. The metrics are "auc" (area under the ROC curve), "ap" (average precision), "accuracy" (at
    the best "threshold") and "accuracy@0" (at the threshold 0).
    """

    set: str
    pairs: int
    right: int
    model: str
    scores: dict[str, dict[str, float]]
    seconds: float = 0.0
