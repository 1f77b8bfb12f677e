"""Scores taken apart: the parts add up to what `rank` and `blend` have made, and one score is worked out by hand."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from pathlib import Path

import pytest

from codesearch.fusion import FusedCandidate, fuse
from codesearch.ranking import rank
from codesearch.ranking.rank import BESIDE_THE_PROGRAM, COHERENCE, HIGHEST
from codesearch.ranking.score_parts import ScoreParts, score_parts, total_of
from codesearch.ranking.signals import SIGNALS
from codesearch.reranking import Ranked, blend
from store import Candidate, Definition, Kind, StoredDefinition

PATHS = ("src/json/parse.py", "src/json/parse.py", "tests/test_parse.py", "src/url.py", "examples/url.py")
NAMES = ("parse_url", "parse", "test_parse_url", "parseUrl", "main")


def stored(number: int) -> StoredDefinition:
    """Return the definition of that number (from 1), one of ten in five files."""
    name, path = NAMES[number % 5], PATHS[number % 3 + number // 5]
    definition = Definition(Kind.FUNCTION, name, f"Reader.{name}", "", "", "pass", 1, 1, 0, 4)
    return StoredDefinition(number, Path("/r"), path, "python", definition)


def found(query: str, dense_share: float) -> list[Ranked]:
    """Return ten definitions as a search ranks them, of which the sides share four."""
    lexical = [(number, 10.0 - number) for number in range(1, 8)]
    dense = [Candidate(number, 0.9 - number / 20, 1, 1) for number in range(10, 3, -1)]
    definitions = {number: stored(number) for number in range(1, 11)}
    headings = {number: one.heading for number, one in definitions.items()}
    ranked = rank(query, fuse(lexical, dense, dense_share), headings)
    return [(candidate, definitions[candidate.definition_id]) for candidate in ranked]


def points(parts: ScoreParts) -> dict[str, float]:
    """Return the points of each part by name."""
    return {part.name: part.points for part in parts}


@pytest.mark.parametrize(
    ("query", "dense_share"),
    list(product(("parse_url", "how is json parsed", "tests of the url", "`main` of Reader"), (0.0, 0.3, 0.65, 1.0))),
)
def test_the_parts_are_the_score(query: str, dense_share: float) -> None:
    """Whatever is asked, and however the sides are weighed."""
    answer = found(query, dense_share)
    totals = [total_of(parts) for parts in score_parts(query, answer, dense_share)]
    assert totals == pytest.approx([candidate.score for candidate, _ in answer], abs=1e-12)
    assert len({round(total, 6) for total in totals}) > 3


@pytest.mark.parametrize("weight", [0.0, 0.3, 1.0])
def test_the_parts_are_the_score_after_reranking(weight: float) -> None:
    """With a head that has read the first six in an order of its own; only these have a part of the head's."""
    answer = found("how is json parsed", 0.65)
    read = [
        (replace(one, matching=float((at * 7) % 5) if at < 6 else None), those)
        for at, (one, those) in enumerate(answer)
    ]
    mixed = blend(read, weight)
    every = score_parts("how is json parsed", mixed, 0.65, weight)
    assert [total_of(parts) for parts in every] == pytest.approx([one.score for one, _ in mixed], abs=1e-12)
    assert [any(part.name == "matching head" for part in parts) for parts in every] == [True] * 6 + [False] * 4
    opinions = [part.measure for parts in every for part in parts if part.name == "matching head"]
    assert all(0 <= opinion <= 1 for opinion in opinions)


def test_parts_by_hand() -> None:
    """A function that words find second, by its name, in a test, alone in its file."""
    candidate = FusedCandidate(1, 0.0, 2, None, None, None, words=0.75)
    definition = Definition(Kind.FUNCTION, "parse_url", "parse_url", "", "", "pass", 1, 1, 0, 4)
    one = StoredDefinition(1, Path("/r"), "tests/x.py", "python", definition)
    (parts,) = score_parts("parse_url", [(candidate, one)], 0.3)
    words, name = 0.7 * 3 / 4, SIGNALS[0].weight * 1.0
    held_back = -(1 - BESIDE_THE_PROGRAM) * (words + name)
    expected = {
        "words": words,
        "meaning": 0.0,
        "identifier fit": name,
        "beside the program": held_back,
        "rest of the file": COHERENCE,
    }
    assert {part: value * HIGHEST for part, value in points(parts).items() if part in expected} == pytest.approx(
        expected
    )
    assert all(part.reason for part in parts)
    assert {part.name for part in parts} >= {signal.name for signal in SIGNALS}


def test_tests_lose_nothing_when_asked_for() -> None:
    """What is not held back has no such part."""
    candidate = FusedCandidate(2, 0.0, 1, None, None, None, words=1.0)
    definition = replace(stored(2), path="tests/a.py")
    kept = score_parts("tests of urls", [(candidate, definition)], 0.0)[0]
    lost = score_parts("urls", [(candidate, definition)], 0.0)[0]
    assert ("beside the program" in points(kept), "beside the program" in points(lost)) == (False, True)


def test_nothing_found_has_no_parts() -> None:
    """An empty answer is no error."""
    assert score_parts("x", [], 0.5) == []
