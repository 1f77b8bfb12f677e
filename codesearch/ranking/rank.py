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
    fused = {candidate.definition_id: candidate.score for candidate in candidates}
    scores, found = own_scores(read_question(query), fused, headings)
    for definition_id, gain in file_gains(scores, found, headings).items():
        scores[definition_id] += COHERENCE * gain
    final = {definition_id: score / HIGHEST for definition_id, score in scores.items()}
    known = (candidate for candidate in candidates if candidate.definition_id in final)
    ordered = sorted(known, key=lambda candidate: (-final[candidate.definition_id], candidate.definition_id))
    return [replace(candidate, score=final[candidate.definition_id]) for candidate in ordered[:limit]]


def own_scores(
    question: Question, fused: Mapping[int, float], headings: Mapping[int, Heading]
) -> tuple[dict[int, float], dict[int, float]]:
    """Return what candidates have by themselves, before files count and scores are scaled: with all signs, and without.

    `fused` has the fused score of each by id; those without an entry in `headings` are left out. Both results are held
    back where a definition is beside the program.
    """
    scores, found = {}, {}
    for definition_id, score in fused.items():
        heading = headings.get(definition_id)
        if heading is not None:
            gained = sum(signal.weight * signal.measure(question, heading) for signal in SIGNALS)
            kept = BESIDE_THE_PROGRAM if is_held_back(question, heading) else 1.0
            scores[definition_id] = (score + gained) * kept
            found[definition_id] = score * kept
    return scores, found


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
