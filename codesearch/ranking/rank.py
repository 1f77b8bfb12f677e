"""Candidates in their final order: fused score, signals, and what the other candidates of a file say.

Knows how much each sign counts together with the others; what a sign is, `signals` knows.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

from codesearch.ranking.question import Question, read_question
from codesearch.ranking.signals import SIGNALS, read_place

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from codesearch.fusion import FusedCandidate
    from store import StoredDefinition

# A test mentions all the words of what it tests, often more often than the thing itself. Measured as in `signals`: .840
# lexical and .858 hybrid without.
BESIDE_THE_PROGRAM = 0.3

# What the best definition of a file gains when no other file has as much: several candidates in one file confirm one
# another. Without: .819 and .851; at .5 .850 and .872, at 1 .850 and .870.
COHERENCE = 0.75

# The most that a score can be before it is scaled to 1.
HIGHEST = 1.0 + sum(signal.weight for signal in SIGNALS) + COHERENCE


def rank(
    query: str, candidates: Sequence[FusedCandidate], definitions: Mapping[int, StoredDefinition]
) -> list[FusedCandidate]:
    """Return the candidates with their final scores (0 to 1), best first; ties go to the smaller id.

    Those without an entry in `definitions` (by id) are left out.
    """
    question = read_question(query)
    scores = {
        candidate.definition_id: own_score(question, candidate, definitions[candidate.definition_id])
        for candidate in candidates
        if candidate.definition_id in definitions
    }
    for definition_id, gain in file_gains(scores, definitions).items():
        scores[definition_id] += COHERENCE * gain
    ranked = [
        replace(candidate, score=scores[candidate.definition_id] / HIGHEST)
        for candidate in candidates
        if candidate.definition_id in scores
    ]
    return sorted(ranked, key=lambda candidate: (-candidate.score, candidate.definition_id))


def own_score(question: Question, candidate: FusedCandidate, stored: StoredDefinition) -> float:
    """Return what fusion and signs give a candidate by itself, before its file counts and before it is scaled."""
    gained = sum(signal.weight * signal.measure(question, stored) for signal in SIGNALS)
    return (candidate.score + gained) * (BESIDE_THE_PROGRAM if is_held_back(question, stored) else 1.0)


def is_held_back(question: Question, stored: StoredDefinition) -> bool:
    """Return whether a definition is beside the program, and the question is not about that."""
    return not question.about_tests and read_place(stored.path).beside_the_program


def file_gains(scores: Mapping[int, float], definitions: Mapping[int, StoredDefinition]) -> dict[int, float]:
    """Return, for the best definition of each file, the file's sum of scores as a share of the best file's."""
    by_file: dict[tuple[Path, str], list[int]] = defaultdict(list)
    for definition_id in scores:
        by_file[definitions[definition_id].root, definitions[definition_id].path].append(definition_id)
    sums = {path: sum(scores[one] for one in ids) for path, ids in by_file.items()}
    highest = max(sums.values(), default=0.0) or 1.0
    return {max(ids, key=lambda one: (scores[one], -one)): sums[path] / highest for path, ids in by_file.items()}
