"""Two ranked lists of candidates become one: weighted reciprocal rank fusion.

Knows ranks and weights; knows nothing of the query's text beyond its kind, nor of definitions.
Reciprocal rank fusion is Cormack, Clarke and Buettcher, SIGIR 2009.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from store import Candidate

# The constant of the formula: how much the first ranks stand out. The published 60 is for lists of thousands; here the
# first ranks mean much. MRR@10 of hybrid at 1, 2, 5, 20, 60 (bundled model, dense share .65): `cosqa_dev` .531, .535,
# .526, .514, .497; `csn_docstring_adv` .259, .260, .263, .265, .265.
RANK_OFFSET = 2


@dataclass(frozen=True, slots=True)
class FusedCandidate:
    """A definition with its fused score (0 to 1) and its place on each side (ranks from 1, None if absent).

    `matching` is the logit of a matching head that has read it (see `reranking`).
    """

    definition_id: int
    score: float
    lexical_rank: int | None
    dense_rank: int | None
    similarity: float | None
    focus_lines: tuple[int, int] | None
    matching: float | None = None


def fuse(lexical: Sequence[tuple[int, float]], dense: Sequence[Candidate], dense_weight: float) -> list[FusedCandidate]:
    """Return every candidate of either list, best first; ties go to the smaller id.

    `lexical` holds pairs (definition id, score), best first. `dense_weight`
    is the share of the dense list, 0 to 1. A candidate that both lists put first scores 1.
    """
    lexical_ranks = {definition_id: rank for rank, (definition_id, _) in enumerate(lexical, 1)}
    dense_ranks = {candidate.definition_id: rank for rank, candidate in enumerate(dense, 1)}
    best_passages = {candidate.definition_id: candidate for candidate in dense}
    fused = []
    for definition_id in lexical_ranks.keys() | dense_ranks.keys():
        lexical_rank, dense_rank = lexical_ranks.get(definition_id), dense_ranks.get(definition_id)
        passage = best_passages.get(definition_id)
        fused.append(
            FusedCandidate(
                definition_id=definition_id,
                score=fused_score(lexical_rank, dense_rank, dense_weight),
                lexical_rank=lexical_rank,
                dense_rank=dense_rank,
                similarity=passage.score if passage else None,
                focus_lines=(passage.start_line, passage.end_line) if passage else None,
            )
        )
    return sorted(fused, key=lambda candidate: (-candidate.score, candidate.definition_id))


def fused_score(lexical_rank: int | None, dense_rank: int | None, dense_weight: float) -> float:
    """Return the score of a candidate from its ranks."""
    return (1 - dense_weight) * share_of_rank(lexical_rank) + dense_weight * share_of_rank(dense_rank)


def share_of_rank(rank: int | None) -> float:
    """Return what a rank contributes, scaled so that rank 1 gives 1."""
    return 0.0 if rank is None else (RANK_OFFSET + 1) / (RANK_OFFSET + rank)
