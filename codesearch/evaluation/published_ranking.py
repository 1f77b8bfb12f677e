"""Ranking a published test set as CodeT5+'s evaluation does: every code of the codebase, by the model alone.

    dense           by the cosine of query and code (`eval_contrast_retrieval.py`)
    dense+replace   the best by cosine in the order of the matching head's logit plus the cosine, the others after them
                    (`eval_match_retrieval.py`)

No words, no signals of ranking, no passages, no cutoff: what other modes do with the same set is `retrieval`. Of equal
scores the later code comes first, as there (an ascending sort, reversed).
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from codesearch.evaluation.figures import Row, intervals_of, latency_of, means_by_group, means_of, values_of
from codesearch.evaluation.report import AskedQuery, EvaluationReport
from codesearch.results import Mode, RerankedMode
from store import Progress

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from codesearch.codet5p import LoadedEncoder, Matcher
    from codesearch.evaluation.published_formats import PublishedSet
    from store import ProgressCallback

RECALL_CUTOFFS = (1, 5, 10)  # as the papers print them
_CODES_AT_ONCE = 1024  # between two reports of progress


class Scorers(NamedTuple):
    """The model that ranks; without a `matcher` there is no dense+replace."""

    encoder: LoadedEncoder
    matcher: Matcher | None


def is_published(mode: Mode | RerankedMode) -> bool:
    """Return whether a mode is one that the papers have figures of."""
    return mode == Mode.DENSE or (isinstance(mode, RerankedMode) and mode.mode == Mode.DENSE and mode.replacing)


def evaluate_published(
    published: PublishedSet,
    scorers: Scorers,
    modes: Sequence[Mode | RerankedMode],
    progress: ProgressCallback | None = None,
) -> EvaluationReport:
    """Return MRR and recall at 1, 5 and 10 of each mode, all of them published ones. Nothing is kept."""
    started = time.perf_counter()
    codes = _encode_codes(published, scorers.encoder, progress)
    rows: dict[str, list[Row]] = {str(mode): [] for mode in modes}
    seconds: dict[str, list[float]] = {str(mode): [] for mode in modes}
    for number, (query, answer) in enumerate(zip(published.queries, published.answers, strict=True), 1):
        began = time.perf_counter()
        cosines = codes @ scorers.encoder.encode_query(query)
        encoding = time.perf_counter() - began
        for mode in modes:
            began = time.perf_counter()
            rank = _rank(published, scorers.matcher, mode, (query, answer), cosines)
            seconds[str(mode)].append(encoding + time.perf_counter() - began)
            rows[str(mode)].append(_figures(rank))
        if progress:
            progress(Progress("ask", number, len(published.queries)))
    languages = [published.languages[answer] for answer in published.answers]
    return EvaluationReport(
        set=published.name,
        queries=len(published.queries),
        documents=len(published.codes),
        model=scorers.encoder.fingerprint,
        modes={mode: means_of(its) for mode, its in rows.items()},
        by_language={mode: means_by_group(its, [[one] for one in languages]) for mode, its in rows.items()},
        seconds=time.perf_counter() - started,
        intervals={mode: intervals_of(its) for mode, its in rows.items()},
        latency={mode: latency_of(its) for mode, its in seconds.items()},
        asked=[
            AskedQuery(str(number), query, language=language)
            for number, (query, language) in enumerate(zip(published.queries, languages, strict=True))
        ],
        values={mode: values_of(its) for mode, its in rows.items()},
    )


def rank_of(answer: int, scores: NDArray[np.float32]) -> int:
    """Return the rank of a position, from 1, among scores, shape (codes,); of equal ones the last is first."""
    own = scores[answer]
    return 1 + int((scores > own).sum()) + int((scores[answer + 1 :] == own).sum())


def _encode_codes(
    published: PublishedSet, encoder: LoadedEncoder, progress: ProgressCallback | None
) -> NDArray[np.float32]:
    """Return the vectors of the codebase, shape (codes, dimension); texts of one length are encoded together."""
    vectors = np.empty((len(published.codes), encoder.dimension), dtype=np.float32)
    order = sorted(range(len(published.codes)), key=lambda position: len(published.codes[position]))
    for start in range(0, len(order), _CODES_AT_ONCE):
        positions = order[start : start + _CODES_AT_ONCE]
        vectors[positions] = encoder.encode_passages([published.codes[position] for position in positions])
        if progress:
            progress(Progress("embed", start + len(positions), len(order)))
    return vectors


def _rank(
    published: PublishedSet,
    matcher: Matcher | None,
    mode: Mode | RerankedMode,
    asked: tuple[str, int],
    cosines: NDArray[np.float32],
) -> int:
    query, answer = asked
    rank = rank_of(answer, cosines)
    if not isinstance(mode, RerankedMode) or rank > mode.candidates:
        return rank
    if matcher is None:
        raise ValueError(f"{mode} needs a matcher")
    # By cosine and, of equal ones, the last first: as `rank_of` has it, so that the answer is among them.
    best = np.lexsort((np.arange(len(cosines)), cosines))[::-1][: mode.candidates][::-1]
    scores = matcher.scores(query, [published.codes[position] for position in best.tolist()]) + cosines[best]
    return rank_of(int(np.flatnonzero(best == answer)[0]), scores)


def _figures(rank: int) -> Row:
    return {"mrr": 1 / rank} | {f"recall@{cutoff}": float(rank <= cutoff) for cutoff in RECALL_CUTOFFS}
