"""Measuring the matching head on judged pairs, beside the cosine that it is added to.

Query and code are scored as they stand in the file, as in CodeT5+'s own evaluation; cosines are those of the encoder
that answers a user. What the metrics mean is in `pair_metrics`, how pairs are read in `judged_pairs`.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np

from codesearch.evaluation.pair_metrics import accuracy_at, average_precision, best_threshold, roc_auc
from codesearch.evaluation.report import MatchingReport
from store import Progress, ProgressCallback

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from codesearch.codet5p import LoadedEncoder, Matcher
    from codesearch.evaluation.judged_pairs import JudgedPair, JudgedPairs

# Pairs between two reports of progress: seconds on a CPU, and 10,000 tokens, enough for a GPU.
PAIRS_AT_ONCE = 64


def evaluate_matching(
    judged: JudgedPairs, encoder: LoadedEncoder, matcher: Matcher | None, progress: ProgressCallback | None = None
) -> MatchingReport:
    """Return the metrics of each score over the pairs; without a `matcher`, those of the cosine alone."""
    started = time.perf_counter()
    cosines: list[NDArray[np.float32]] = []
    logits: list[NDArray[np.float32]] = []
    for start in range(0, len(judged.pairs), PAIRS_AT_ONCE):
        pairs = judged.pairs[start : start + PAIRS_AT_ONCE]
        cosines.append(_cosines(pairs, encoder))
        if matcher is not None:
            logits.append(matcher.pair_scores([pair.query for pair in pairs], [pair.code for pair in pairs]))
        if progress:
            progress(Progress("match", start + len(pairs), len(judged.pairs)))
    scores = {"cosine": np.concatenate(cosines)}
    if matcher is not None:
        matching = np.concatenate(logits)
        scores = {"matching": matching, "cosine": scores["cosine"], "sum": matching + scores["cosine"]}
    right = np.array([pair.right for pair in judged.pairs])
    return MatchingReport(
        set=judged.name,
        pairs=len(judged.pairs),
        right=int(right.sum()),
        model=encoder.fingerprint,
        scores={name: _figures(values, right) for name, values in scores.items()},
        seconds=time.perf_counter() - started,
    )


def _cosines(pairs: Sequence[JudgedPair], encoder: LoadedEncoder) -> NDArray[np.float32]:
    queries = np.stack([encoder.encode_query(pair.query) for pair in pairs])
    cosines: NDArray[np.float32] = (queries * encoder.encode_passages([pair.code for pair in pairs])).sum(axis=1)
    return cosines


def _figures(scores: NDArray[np.float32], right: NDArray[np.bool_]) -> dict[str, float]:
    best = best_threshold(scores, right)
    figures = {
        "auc": roc_auc(scores, right),
        "ap": average_precision(scores, right),
        "accuracy": best.accuracy,
        "threshold": best.threshold,
        "accuracy@0": accuracy_at(scores, right, 0.0),
    }
    return {name: round(value, 4) for name, value in figures.items()}
