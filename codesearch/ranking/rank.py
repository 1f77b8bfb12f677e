"""Candidates in their final order: fused score, signals, and what the other candidates of a file say.

Knows how much each sign counts together with the others; what a sign is, `signals` knows.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

from codesearch.ranking.question import Question, read_question
from codesearch.ranking.signals import SIGNALS, is_beside_the_program

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from codesearch.fusion import FusedCandidate
    from store import Heading

# A test mentions all the words of what it tests, often more often than the thing itself. Measured as in `signals`: .828
# lexical and .860 hybrid without.
BESIDE_THE_PROGRAM = 0.3

# What the best definition of a file gains when no other file has as much: several candidates in one file confirm one
# another, by what was found in them: what a path says would count for each. Measured as in `signals`, at 0, .5, .75 and
# .9: .819, .846, .851 and .848 lexical, .851, .873, .876 and .874 hybrid, .398, .393, .385 and .377 of functions; with
# the signs in the sum .854, .876 and .373.
COHERENCE = 0.75

# The most that a score can be before it is scaled to 1.
HIGHEST = 1.0 + sum(signal.weight for signal in SIGNALS) + COHERENCE


def rank(
    query: str, candidates: Sequence[FusedCandidate], headings: Mapping[int, Heading], limit: int | None = None
) -> list[FusedCandidate]:
    """Return the best candidates with their final scores (0 to 1), best first; ties go to the smaller id.

    There are at most `limit`; None returns all. Those without an entry in `headings` (by id) are left out.
    """
    question = read_question(query)
    scores = {
        candidate.definition_id: own_score(question, candidate, headings[candidate.definition_id])
        for candidate in candidates
        if candidate.definition_id in headings
    }
    found = {
        candidate.definition_id: candidate.score * standing(question, headings[candidate.definition_id])
        for candidate in candidates
        if candidate.definition_id in scores
    }
    for definition_id, gain in file_gains(scores, found, headings).items():
        scores[definition_id] += COHERENCE * gain
    final = {definition_id: score / HIGHEST for definition_id, score in scores.items()}
    known = (candidate for candidate in candidates if candidate.definition_id in final)
    ordered = sorted(known, key=lambda candidate: (-final[candidate.definition_id], candidate.definition_id))
    return [replace(candidate, score=final[candidate.definition_id]) for candidate in ordered[:limit]]


def own_score(question: Question, candidate: FusedCandidate, heading: Heading) -> float:
    """Return what fusion and signs give a candidate by itself, before its file counts and before it is scaled."""
    gained = sum(signal.weight * signal.measure(question, heading) for signal in SIGNALS)
    return (candidate.score + gained) * standing(question, heading)


def standing(question: Question, heading: Heading) -> float:
    """Return how much of its score a definition keeps, 0 to 1."""
    return BESIDE_THE_PROGRAM if is_held_back(question, heading) else 1.0


def is_held_back(question: Question, heading: Heading) -> bool:
    """Return whether a definition is beside the program, and the question is not about that."""
    return not question.about_tests and is_beside_the_program(heading)


def file_gains(
    scores: Mapping[int, float], found: Mapping[int, float], headings: Mapping[int, Heading]
) -> dict[int, float]:
    """Return, for the definition of each file with the best of `scores`, the file's sum of what was found in it.

    `found` are fused scores, held back like `scores`; the sum is a share of the best file's.
    """
    by_file: dict[tuple[Path, str], list[int]] = defaultdict(list)
    for definition_id in scores:
        by_file[headings[definition_id].root, headings[definition_id].path].append(definition_id)
    sums = {path: sum(found[one] for one in ids) for path, ids in by_file.items()}
    highest = max(sums.values(), default=0.0) or 1.0
    return {max(ids, key=lambda one: (scores[one], -one)): sums[path] / highest for path, ids in by_file.items()}
