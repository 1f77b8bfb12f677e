"""From the figures of single queries to those of a report: means, intervals, groups, milliseconds.

A row is what one query has in one mode: its metrics by name, the same names in every row of a mode.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import numpy as np

from codesearch.evaluation.intervals import bootstrap_intervals, stratified_means

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from codesearch.evaluation.report import Figures

Row = dict[str, float]

DECIMALS = 4  # of a mean: finer than any set can tell
VALUE_DECIMALS = 6  # of one query: means of what was saved are those that were reported


def means_of(rows: Sequence[Row], strata: NDArray[np.int64] | None = None) -> Figures:
    """Return the mean of each metric, over the means of the strata where there are any."""
    means = stratified_means(_array_of(rows), _one_stratum(rows) if strata is None else strata)
    return {name: round(value, DECIMALS) for name, value in zip(rows[0], means.tolist(), strict=True)}


def intervals_of(rows: Sequence[Row], strata: NDArray[np.int64] | None = None) -> dict[str, list[float]]:
    """Return the 95 % interval of each mean: [lower end, upper end]."""
    ends = bootstrap_intervals(_array_of(rows), _one_stratum(rows) if strata is None else strata)
    pairs = ends.round(DECIMALS).T.tolist()
    return dict(zip(rows[0], pairs, strict=True))


def values_of(rows: Sequence[Row]) -> dict[str, list[float]]:
    """Return the values of each metric in the order of the rows."""
    return {name: [round(row[name], VALUE_DECIMALS) for row in rows] for name in rows[0]}


def means_by_group(rows: Sequence[Row], groups: Iterable[Iterable[str]]) -> dict[str, Figures]:
    """Return the means of each group's rows, by name; a row counts in all the groups that it is in."""
    grouped: dict[str, list[Row]] = defaultdict(list)
    for row, names in zip(rows, groups, strict=True):
        for name in names:
            grouped[name].append(row)
    return {name: means_of(grouped[name]) for name in sorted(grouped)}


def latency_of(seconds: Sequence[float]) -> Figures:
    """Return the median and the 95th percentile in milliseconds."""
    middle, late = np.percentile(seconds, [50, 95]).tolist()
    return {"p50_ms": round(middle * 1000, 2), "p95_ms": round(late * 1000, 2)}


def _array_of(rows: Sequence[Row]) -> NDArray[np.float64]:
    return np.array([list(row.values()) for row in rows], dtype=np.float64)


def _one_stratum(rows: Sequence[Row]) -> NDArray[np.int64]:
    return np.zeros(len(rows), dtype=np.int64)
