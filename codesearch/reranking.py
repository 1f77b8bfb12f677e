"""The best candidates of a search in a new order: a matching head reads each of them beside the query.

Knows what the head reads of a candidate, and how its opinion and the order so far become one score. What a head is,
`codet5p.matcher` knows; where candidates and cosines come from, `search`.

CodeT5+ orders by the head's logit of "matches" plus the cosine of the embeddings, unweighted, and by nothing else
(`code_retrieval/eval_match_retrieval.py` of its repository): that is `REPLACING` as the weight.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from statistics import fmean, pstdev
from typing import TYPE_CHECKING, Protocol

from codesearch.fusion import FusedCandidate
from codesearch.results import RERANKED
from indexer import describe
from store import StoredDefinition

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from store import Passage

Ranked = tuple[FusedCandidate, StoredDefinition]

MATCHING_WEIGHT = 0.3
"""The head's share of a score, 0 to 1; what remains is that of the order so far, which words, meaning and ranking made.

Both are scaled within the answer before they are mixed (see `blend`), so that one weight serves every checkpoint.
"""

REPLACING = 1.0  # the weight of the published way: the order so far only says which candidates are read

# The least spread of the head's scores, in logits, that is taken for an opinion: a tenth of a logit changes odds by a
# tenth. Below it differences are not stretched any more, so that a head that cannot tell changes nothing.
LEAST_SPREAD = 0.1

# Of a definition that has no passage (a table of data, a list of imports): about what a passage holds.
_READ_CHARACTERS = 1_000


class QueryMatcher(Protocol):
    """What a search asks of a matching head."""

    def scores(self, query: str, codes: Sequence[str]) -> NDArray[np.float32]:
        """Return the logit of "matches" of each of `codes`, shape (len(codes),)."""


def passages_of(stored: StoredDefinition) -> Sequence[Passage]:
    """Return the passages of a definition as they were embedded when its file was indexed."""
    return describe(stored.path, stored.language, stored.definition)


@dataclass(frozen=True, slots=True)
class Reranker:
    """A matching head, how many candidates it reads, what share of a score is its own, and what it reads of each.

    `weight` is from 0 (only the order so far, though all is read) to 1 (`REPLACING`). Raises ValueError for fewer
    than one candidate and for other weights.
    """

    matcher: QueryMatcher
    candidates: int = RERANKED
    weight: float = MATCHING_WEIGHT
    passages: Callable[[StoredDefinition], Sequence[Passage]] = passages_of

    def __post_init__(self) -> None:
        if self.candidates < 1 or not 0 <= self.weight <= 1:
            raise ValueError(f"{self.candidates} candidates with a weight of {self.weight}")


def rerank(query: str, ranked: Sequence[Ranked], reranker: Reranker) -> list[Ranked]:
    """Return the ranked candidates (best first) in their new order, each with its new score (0 to 1).

    The first of them, as many as the reranker says, are read in one call and know the head's logit afterwards, as
    `matching`; the others follow in the order that they had. To compare weights, read once with the weight 0, which
    keeps the order, and `blend` what comes of it with each.
    """
    read, others = ranked[: reranker.candidates], ranked[reranker.candidates :]
    texts = [_text(candidate, stored, reranker.passages(stored)) for candidate, stored in read]
    logits = reranker.matcher.scores(query, texts).tolist() if texts else []
    judged = [
        (replace(candidate, matching=logit), stored) for (candidate, stored), logit in zip(read, logits, strict=True)
    ]
    return blend([*judged, *others], reranker.weight)


def blend(ranked: Sequence[Ranked], weight: float) -> list[Ranked]:
    """Return candidates, of which the first have been read, by (1 - weight) * order so far + weight * head's opinion.

    The order so far is a candidate's score as a share of the best one's. The head's opinion is the logistic function
    of logit plus cosine, standardised over the candidates that were read: heads agree neither on a zero nor on a unit.
    A candidate without a vector has the cosine of the weakest that has one; without any, cosines are left out.
    Ties go to the smaller id. What was not read keeps its order, and its scores are shrunk to lie below the others.
    """
    read = [one for one, _ in ranked if one.matching is not None]
    if not read:
        return list(ranked)
    best, last = max(one.score for one in read) or 1.0, min(one.score for one in read) or 1.0
    scores = {
        one.definition_id: (1 - weight) * one.score / best + weight * opinion
        for one, opinion in zip(read, _opinions(read), strict=True)
    }
    lowest = min(scores.values())
    rescored = [
        (replace(one, score=scores.get(one.definition_id, lowest * min(1.0, one.score / last))), stored)
        for one, stored in ranked
    ]
    first = sorted(rescored[: len(read)], key=lambda pair: (-pair[0].score, pair[0].definition_id))
    return first + rescored[len(read) :]


def _opinions(read: Sequence[FusedCandidate]) -> list[float]:
    """Return the head's opinion of each candidate, 0 to 1; the mean of the candidates is 0.5."""
    weakest = min((one.similarity for one in read if one.similarity is not None), default=0.0)
    sums = [(one.matching or 0.0) + (weakest if one.similarity is None else one.similarity) for one in read]
    middle, spread = fmean(sums), max(pstdev(sums), LEAST_SPREAD)
    return [1 / (1 + math.exp((middle - one) / spread)) for one in sums]


def _text(candidate: FusedCandidate, stored: StoredDefinition, passages: Sequence[Passage]) -> str:
    """Return the passage that was nearest to the query, else the first; of a definition without any, its code."""
    if not passages:
        return stored.definition.code[:_READ_CHARACTERS]
    nearest = (one for one in passages if (one.start_line, one.end_line) == candidate.focus_lines)
    return next(nearest, passages[0]).text
