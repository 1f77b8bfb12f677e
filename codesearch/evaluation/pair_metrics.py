"""Metrics of a score that should be high for right pairs and low for wrong ones.

Pure functions of scores, float, shape (pairs,), and whether each pair is right, bool, shape (pairs,); there must be
pairs of both kinds. They know nothing of models or files. Metrics of a ranking are `metrics`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


class BestThreshold(NamedTuple):
    """The share of pairs decided rightly by "right where the score is above `threshold`", at its best."""

    accuracy: float
    threshold: float


class _Levels(NamedTuple):
    """For each distinct score, the highest first: how many right and how many wrong pairs reach it, int64."""

    scores: NDArray[np.floating]
    right: NDArray[np.int64]
    wrong: NDArray[np.int64]


def roc_auc(scores: NDArray[np.floating], right: NDArray[np.bool_]) -> float:
    """Return the area under the ROC curve: how often a right pair's score is above a wrong one's; a tie counts half.

    Exact, from ranks (Mann and Whitney's U): equal scores share the mean of their ranks.
    """
    _, places, counts = np.unique(scores, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    twice_ranks = (2 * last - counts + 1)[places]  # integers, so that nothing is rounded
    rights = int(right.sum())
    wrongs = len(right) - rights
    twice_above = int(twice_ranks[right].sum()) - rights * (rights + 1)
    return twice_above / (2 * rights * wrongs)


def average_precision(scores: NDArray[np.floating], right: NDArray[np.bool_]) -> float:
    """Return the mean, over the right pairs, of the precision among all pairs that score at least as high.

    Equal scores are one level, so the order of the pairs does not matter; nothing is interpolated.
    """
    levels = _levels(scores, right)
    precision = levels.right / (levels.right + levels.wrong)
    return float((np.diff(levels.right, prepend=0) * precision).sum() / levels.right[-1])


def best_threshold(scores: NDArray[np.floating], right: NDArray[np.bool_]) -> BestThreshold:
    """Return the threshold that decides most pairs rightly; of several, the highest.

    It is the highest score that is refused, or the lowest score less 1 where none is. It is chosen on the very pairs
    that it is measured on, so the accuracy flatters: it is never below that of one answer for all.
    """
    levels = _levels(scores, right)
    # Decided rightly: the right pairs that reach the level, and the wrong ones that do not.
    decided = np.concatenate([[0], levels.right - levels.wrong]) + levels.wrong[-1]
    accepted = int(decided.argmax())  # levels
    refused = levels.scores[accepted:]
    threshold = refused[0] if len(refused) else levels.scores[-1] - 1
    return BestThreshold(int(decided[accepted]) / len(right), float(threshold))


def accuracy_at(scores: NDArray[np.floating], right: NDArray[np.bool_], threshold: float) -> float:
    """Return the share of pairs decided rightly by "right where the score is above `threshold`"."""
    return int(((scores > threshold) == right).sum()) / len(right)


def _levels(scores: NDArray[np.floating], right: NDArray[np.bool_]) -> _Levels:
    distinct, places = np.unique(-scores, return_inverse=True)
    rights = np.bincount(places[right], minlength=len(distinct)).cumsum()
    wrongs = np.bincount(places[~right], minlength=len(distinct)).cumsum()
    return _Levels(-distinct, rights, wrongs)
