"""What an evaluation says: figures per mode, over the whole set and by group; or per score, over judged pairs.

Plain data. Every report of a search has the figures of each query too, so that two of them can be compared.
"""

from __future__ import annotations

from dataclasses import dataclass, field

Figures = dict[str, float]  # a metric to its value


@dataclass(frozen=True, slots=True)
class AskedQuery:
    """A query as it was asked, and the groups that it counts in; "" where a set has no such groups."""

    id: str
    query: str
    repository: str = ""
    category: str = ""
    language: str = ""


@dataclass(frozen=True, slots=True)
class EvaluationReport:
    """Figures of one judged set.

    `modes` maps a mode to its metrics ("mrr@10", "ndcg@10", "recall@10": means over the queries, 0 to 1; for a set in a
    published format and the modes that its paper has, "mrr", "recall@1", "recall@5" and "recall@10" over the whole
    ranking); `intervals` maps it to the 95 % interval of each; `latency` to "p50_ms" and "p95_ms", milliseconds a
    query. `model` is empty where none was needed. `by_language` maps a mode to a language to the same metrics, the
    language being that of the relevant documents. `values` maps a mode to each metric's values for the queries of
    `asked`, in that order. `summarised` documents were found by what a model wrote of them; None: it was not asked to.
    """

    set: str
    queries: int
    documents: int
    model: str
    modes: dict[str, Figures]
    by_language: dict[str, dict[str, Figures]] = field(default_factory=dict)
    seconds: float = 0.0
    intervals: dict[str, dict[str, list[float]]] = field(default_factory=dict)
    latency: dict[str, Figures] = field(default_factory=dict)
    asked: list[AskedQuery] = field(default_factory=list)
    values: dict[str, dict[str, list[float]]] = field(default_factory=dict)
    summarised: int | None = None


@dataclass(frozen=True, slots=True)
class RepositoryFigures:
    """Figures of one repository: `modes` and `latency` as in `RepositoriesReport`.

    `index_seconds` is what indexing took this time, when `indexed_files` of its `files` were new or changed.
    """

    name: str
    language: str
    queries: int
    files: int
    indexed_files: int
    definitions: int
    passages: int
    index_seconds: float
    modes: dict[str, Figures]
    latency: dict[str, Figures]


@dataclass(frozen=True, slots=True)
class RepositoriesReport:
    """Figures of questions to real repositories.

    `modes` maps a mode to its metrics ("ndcg@10", "mrr@10", "recall@1", ...; 0 to 1), means over the repositories of
    the means over their queries; `intervals` and `latency` are as in `EvaluationReport`, the latter over all queries.
    `by_category` maps a mode to a category to means over its queries, `by_language` to a language to means over its
    repositories. `missing` has the repositories that were left out for want of a checkout, `other_revisions` those
    whose checkout is of another revision than the set names, `unresolved` the places that are asked for and are no
    definition, which nothing can find. `asked` and `values` are as in `EvaluationReport`.
    """

    set: str
    queries: int
    model: str
    modes: dict[str, Figures]
    intervals: dict[str, dict[str, list[float]]]
    latency: dict[str, Figures]
    by_category: dict[str, dict[str, Figures]]
    by_language: dict[str, dict[str, Figures]]
    repositories: list[RepositoryFigures]
    missing: list[str] = field(default_factory=list)
    other_revisions: list[str] = field(default_factory=list)
    unresolved: list[str] = field(default_factory=list)
    seconds: float = 0.0
    asked: list[AskedQuery] = field(default_factory=list)
    values: dict[str, dict[str, list[float]]] = field(default_factory=dict)


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
    scores: dict[str, Figures]
    seconds: float = 0.0
