"""A score taken apart: what each side, each sign and the matching head have added to it.

Computed when somebody asks, from what a search has found; the score itself is made by `fusion`, `rank` and
`reranking`, whose steps are gone through again here.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from codesearch.fusion import fused_score
from codesearch.ranking.question import Question, read_question
from codesearch.ranking.rank import (
    BESIDE_THE_PROGRAM,
    COHERENCE,
    HIGHEST,
    file_gains,
    is_held_back,
    own_scores,
)
from codesearch.ranking.signals import SIGNALS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from codesearch.fusion import FusedCandidate
    from store import StoredDefinition

WORDS, MEANING, FILE, BESIDE, HEAD = "words", "meaning", "rest of the file", "beside the program", "matching head"

_REASONS = {
    WORDS: "How well its words fit (BM25), the best being 1; it stands at lexical_rank.",
    MEANING: "How near its embedding is to the question's, the best being 1; it stands at dense_rank.",
    FILE: "The other candidates of its file confirm the best of them.",
    BESIDE: "Tests, examples and benchmarks mention what they are about and are seldom what is asked for.",
    HEAD: "A model that read question and code together thinks so.",
}


@dataclass(frozen=True, slots=True)
class ScorePart:
    """One part of a score: `points` is what it adds (or takes, if negative); all of them make the score.

    `measure` is how much there is of it, usually 0 to 1, and `weight` how much that counts, in the unit of its step.
    """

    name: str
    points: float
    measure: float
    weight: float
    reason: str


ScoreParts = tuple[ScorePart, ...]


def score_parts(
    query: str,
    found: Sequence[tuple[FusedCandidate, StoredDefinition]],
    dense_share: float,
    head_weight: float = 0.0,
) -> list[ScoreParts]:
    """Return the parts of the score of each candidate, in the order of `found`: all that one search has ranked.

    `dense_share` is the weight of the dense side in the fusion and `head_weight` that of the matching head, where some
    candidates have been read by one (`matching` is not None).
    """
    question = read_question(query)
    ranked = {stored.id: _before_files(question, candidate, stored, dense_share) for candidate, stored in found}
    headings = {stored.id: stored.heading for _, stored in found}
    fused = {stored.id: fused_score(one.words, one.meaning, dense_share) for one, stored in found}
    # As `rank` has them to the last bit: who is the best of a file hangs on it.
    for definition_id, gain in file_gains(*own_scores(question, fused, headings), headings).items():
        ranked[definition_id] = (*ranked[definition_id], _part(FILE, gain, COHERENCE))
    candidates = [candidate for candidate, _ in found]
    final = {definition_id: _scaled(parts, 1 / HIGHEST) for definition_id, parts in ranked.items()}
    read = [total_of(final[one.definition_id]) for one in candidates if one.matching is not None]
    if not read:
        return [final[one.definition_id] for one in candidates]
    return [_with_head(one, final[one.definition_id], max(read) or 1.0, head_weight) for one in candidates]


def total_of(parts: ScoreParts) -> float:
    """Return the score that the parts make."""
    return sum(part.points for part in parts)


def _before_files(
    question: Question, candidate: FusedCandidate, stored: StoredDefinition, dense_share: float
) -> ScoreParts:
    parts = [
        _part(WORDS, candidate.words, 1 - dense_share),
        _part(MEANING, candidate.meaning, dense_share),
    ]
    for signal in SIGNALS:
        measure = signal.measure(question, stored.heading)
        parts.append(ScorePart(signal.name, measure * signal.weight, measure, signal.weight, signal.reason))
    if is_held_back(question, stored.heading):
        parts.append(_part(BESIDE, total_of(tuple(parts)), BESIDE_THE_PROGRAM - 1))
    return tuple(parts)


def _with_head(candidate: FusedCandidate, parts: ScoreParts, best: float, weight: float) -> ScoreParts:
    """Return the parts as `reranking.blend` has mixed them; what the head did not read was only scaled down."""
    before = total_of(parts)
    if candidate.matching is None:
        return _scaled(parts, candidate.score / before if before else 1.0)
    mixed = _scaled(parts, (1 - weight) / best)
    points = candidate.score - total_of(mixed)
    return (*mixed, replace(_part(HEAD, points / weight if weight else 0.0, weight), points=points))


def _part(name: str, measure: float, weight: float) -> ScorePart:
    return ScorePart(name, measure * weight, measure, weight, _REASONS[name])


def _scaled(parts: ScoreParts, factor: float) -> ScoreParts:
    return tuple(replace(part, points=part.points * factor) for part in parts)
