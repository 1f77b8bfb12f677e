"""How far a mean over queries can be trusted: bootstrap intervals, and means that weigh repositories alike.

Pure functions of figures, float64, shape (queries, metrics), and of the stratum of each query, integers from 0, shape
(queries,): a repository is a stratum, and a set without repositories is one. Every stratum has queries. The mean over
several strata is the mean of their means, as the field publishes it. Differences of two runs are for `paired`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

RESAMPLES = 10_000  # the ends of a 95 % interval then move by about 2 % of its width from seed to seed
SEED = 20_000  # any; always the same, so that equal figures have equal intervals
LEVEL = 0.95

# Draws at a time: 64 MiB of indexes, whatever the number of queries.
_DRAWS_AT_ONCE = 1 << 23


def strata_of(names: Sequence[str]) -> NDArray[np.int64]:
    """Return the number of each name's stratum, shape (len(names),), numbered as the names first appear."""
    numbers = {name: number for number, name in enumerate(dict.fromkeys(names))}
    return np.array([numbers[name] for name in names], dtype=np.int64)


def weights_of(strata: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return what each query counts in the mean of the strata's means, shape (queries,); they add up to 1."""
    counts = np.bincount(strata)
    return 1 / (counts[strata] * len(counts))


def stratified_means(values: NDArray[np.float64], strata: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the mean over strata of the mean over queries, shape (metrics,)."""
    return weights_of(strata) @ values


def bootstrap_intervals(
    values: NDArray[np.float64], strata: NDArray[np.int64], resamples: int = RESAMPLES, level: float = LEVEL
) -> NDArray[np.float64]:
    """Return the percentile interval of each mean, shape (2, metrics): the lower ends, then the upper ones.

    Queries are drawn with replacement within their stratum (Efron and Tibshirani 1993, chapters 8 and 13), since the
    repositories are given; an interval says how the figures would vary with other queries to the same ones.
    """
    random = np.random.default_rng(SEED)
    means = np.zeros((resamples, values.shape[1]))
    strata_count = int(strata.max()) + 1
    for number in range(strata_count):
        means += _resampled_means(values[strata == number], resamples, random) / strata_count
    tail = (1 - level) / 2
    ends: NDArray[np.float64] = np.quantile(means, [tail, 1 - tail], axis=0)
    return ends


def _resampled_means(values: NDArray[np.float64], resamples: int, random: np.random.Generator) -> NDArray[np.float64]:
    """Return the means of as many samples, each as large as `values` and drawn from it, shape (resamples, metrics)."""
    queries, metrics = values.shape
    means = np.empty((resamples, metrics))
    at_once = max(1, _DRAWS_AT_ONCE // queries)
    for start in range(0, resamples, at_once):
        drawn = random.integers(0, queries, size=(min(at_once, resamples - start), queries))
        for metric in range(metrics):
            means[start : start + len(drawn), metric] = values[drawn, metric].mean(axis=1)
    return means
