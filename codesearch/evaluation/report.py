"""What an evaluation says: figures per mode, over the whole set and per language."""

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
