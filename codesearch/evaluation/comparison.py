"""Two runs of the search over the same queries: how much they differ, whether by chance, and on which queries.

Means weigh repositories alike, as those of the runs do; intervals are those of `intervals`, over the queries'
differences; p-values are those of `paired`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from codesearch.errors import RunUnreadable
from codesearch.evaluation.intervals import bootstrap_intervals, strata_of, stratified_means, weights_of
from codesearch.evaluation.paired import randomisation_p_value

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from codesearch.evaluation.runs import Run, RunQuery

FAVOURITE_METRICS = ("ndcg@10", "mrr@10", "mrr")  # by which queries are said to have changed, the first that there is


@dataclass(frozen=True, slots=True)
class MetricDifference:
    """One metric of both runs over the queries that both have; `difference` is second less first.

    `low` and `high` are the ends of its 95 % interval; `p_value` is two-sided.
    """

    metric: str
    first: float
    second: float
    difference: float
    low: float
    high: float
    p_value: float


@dataclass(frozen=True, slots=True)
class QueryChange:
    """A query whose value differs between the runs."""

    id: str
    query: str
    repository: str
    first: float
    second: float


@dataclass(frozen=True, slots=True)
class ModeComparison:
    """A mode of the first run against one of the second.

    `better` and `worse` are the queries that `metric` has changed most on, for the second run; `changed` counts all of
    each kind, [better, worse].
    """

    first_mode: str
    second_mode: str
    metrics: list[MetricDifference]
    metric: str
    better: list[QueryChange]
    worse: list[QueryChange]
    changed: list[int]


@dataclass(frozen=True, slots=True)
class Comparison:
    """What two runs say of each other, over the `queries` that both have; `unpaired` are in one of them only."""

    first: str
    second: str
    set: str
    queries: int
    unpaired: int
    modes: list[ModeComparison]


def compare_runs(
    first: Run, second: Run, *, mode: str | None = None, with_mode: str | None = None, most_changed: int = 5
) -> Comparison:
    """Compare the modes that both runs have, or `mode` of the first with `with_mode` (the same unless named).

    Queries are paired by repository, id and text. Raises RunUnreadable for runs without values of queries in common.
    """
    rows_first, rows_second = ({query: row for row, query in enumerate(run.asked)} for run in (first, second))
    shared = [query for query in first.asked if query in rows_second]
    for run in (first, second):
        if not run.values:
            raise RunUnreadable(run.path, "it has no values of single queries")
    if not shared:
        raise RunUnreadable(second.path, f"it has no query in common with {first.path}")
    chosen = ([rows_first[query] for query in shared], [rows_second[query] for query in shared])
    return Comparison(
        first=str(first.path),
        second=str(second.path),
        set=first.set,
        queries=len(shared),
        unpaired=len(rows_first.keys() ^ rows_second.keys()),
        modes=[
            _compare_modes((first, second), pair, shared, chosen, most_changed)
            for pair in _mode_pairs(first, second, mode, with_mode)
        ],
    )


def _mode_pairs(first: Run, second: Run, mode: str | None, with_mode: str | None) -> list[tuple[str, str]]:
    if mode is None and with_mode is None:
        pairs = [(one, one) for one in first.values if one in second.values]
        if not pairs and len(first.values) == len(second.values) == 1:
            pairs = [(next(iter(first.values)), next(iter(second.values)))]
    else:
        pairs = [(mode or with_mode or "", with_mode or mode or "")]
    for run, names in ((first, [one for one, _ in pairs]), (second, [other for _, other in pairs])):
        unknown = [name for name in names if name not in run.values]
        if unknown or not names:
            raise RunUnreadable(
                run.path, f"it has the modes {', '.join(run.values)}, not {', '.join(unknown) or 'others'}"
            )
    return pairs


def _compare_modes(
    runs: tuple[Run, Run],
    modes: tuple[str, str],
    shared: Sequence[RunQuery],
    chosen: tuple[Sequence[int], Sequence[int]],
    most_changed: int,
) -> ModeComparison:
    of_first, of_second = (run.values[mode] for run, mode in zip(runs, modes, strict=True))
    metrics = [metric for metric in of_first if metric in of_second]
    if not metrics:
        raise RunUnreadable(runs[1].path, f"its mode {modes[1]} has no metric in common with {runs[0].path}")
    first, second = (
        np.array([[its[metric][row] for metric in metrics] for row in rows])
        for its, rows in zip((of_first, of_second), chosen, strict=True)
    )
    strata = strata_of([query.repository for query in shared])
    favourite = next((metric for metric in FAVOURITE_METRICS if metric in metrics), metrics[0])
    column = metrics.index(favourite)
    better, worse, changed = _changes(shared, first[:, column], second[:, column], most_changed)
    return ModeComparison(*modes, _differences(metrics, first, second, strata), favourite, better, worse, changed)


def _differences(
    metrics: Sequence[str], first: NDArray[np.float64], second: NDArray[np.float64], strata: NDArray[np.int64]
) -> list[MetricDifference]:
    means_first, means_second = stratified_means(first, strata), stratified_means(second, strata)
    low, high = bootstrap_intervals(second - first, strata)
    weights = weights_of(strata)
    return [
        MetricDifference(
            metric=metric,
            first=float(means_first[column]),
            second=float(means_second[column]),
            difference=float(means_second[column] - means_first[column]),
            low=float(low[column]),
            high=float(high[column]),
            p_value=randomisation_p_value(second[:, column] - first[:, column], weights),
        )
        for column, metric in enumerate(metrics)
    ]


def _changes(
    shared: Sequence[RunQuery], first: NDArray[np.float64], second: NDArray[np.float64], most: int
) -> tuple[list[QueryChange], list[QueryChange], list[int]]:
    """Return the queries that are better and worse in the second run, most changed first, and the numbers of both."""
    differences = second - first
    order = np.argsort(-np.abs(differences), kind="stable").tolist()
    changes = [
        (
            float(differences[row]),
            QueryChange(
                shared[row].id, shared[row].query, shared[row].repository, float(first[row]), float(second[row])
            ),
        )
        for row in order
        if differences[row]
    ]
    better = [change for difference, change in changes if difference > 0]
    worse = [change for difference, change in changes if difference < 0]
    return better[:most], worse[:most], [len(better), len(worse)]
