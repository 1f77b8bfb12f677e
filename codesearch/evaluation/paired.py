"""Do two runs over the same queries differ? The paired randomisation test (Fisher's; Smucker, Allan, Carterette 2007).

If the runs were equally good, each query's two figures might as well have been the other way round. The p-value is how
often a difference of means at least as large as the one measured comes about when they are swapped at random.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from codesearch.evaluation.intervals import RESAMPLES, SEED

if TYPE_CHECKING:
    from numpy.typing import NDArray

# Queries that differ, up to which all ways of swapping are gone through: no more than are drawn otherwise.
MOST_ENUMERATED = 13

_DRAWS_AT_ONCE = 1 << 23
_ROUNDING = 1e-9  # sums of the same numbers in another order are still equal


def randomisation_p_value(
    differences: NDArray[np.float64], weights: NDArray[np.float64], most_enumerated: int = MOST_ENUMERATED
) -> float:
    """Return the two-sided p-value of the weighted sum of the queries' differences, each of shape (queries,).

    Exact where at most `most_enumerated` queries differ, else from 10,000 random swaps, with the measured one counted
    among them, so that it is never 0.
    """
    terms = (differences * weights)[differences != 0]
    measured = abs(terms.sum()) - _ROUNDING
    if not len(terms):
        return 1.0
    if len(terms) <= most_enumerated:
        return _share_as_large(_all_signs(len(terms)) @ terms, measured)
    random = np.random.default_rng(SEED)
    at_once = max(1, _DRAWS_AT_ONCE // len(terms))
    as_large = 0
    for start in range(0, RESAMPLES, at_once):
        signs = random.integers(0, 2, size=(min(at_once, RESAMPLES - start), len(terms)), dtype=np.int8) * 2.0 - 1.0
        as_large += int((np.abs(signs @ terms) >= measured).sum())
    return (as_large + 1) / (RESAMPLES + 1)


def _all_signs(count: int) -> NDArray[np.float64]:
    """Return every way to choose -1 or 1 for each of `count`, shape (2 ** count, count)."""
    bits = np.arange(1 << count)[:, None] >> np.arange(count)
    return (bits & 1).astype(np.float64) * 2.0 - 1.0


def _share_as_large(sums: NDArray[np.float64], measured: float) -> float:
    return float((np.abs(sums) >= measured).mean())
