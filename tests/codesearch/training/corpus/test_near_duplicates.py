"""Which functions count as seen, against comparing all of them with each other."""

from __future__ import annotations

import random

from codesearch.training.corpus.fingerprints import fingerprint, similarity
from codesearch.training.corpus.near_duplicates import NEAR, Seen
from tests.codesearch.training.corpus.examples import RETRY, RETRY_WITHOUT_WORDS, SPREADSHEET


def _long_function(generator: random.Random) -> list[str]:
    return [f"name_{generator.randrange(500)} = call_{generator.randrange(500)}(x, y)" for _ in range(30)]


def test_copy_is_a_duplicate() -> None:
    """The same code with other documentation, and with another name; the first stays."""
    seen = Seen()
    assert seen.why_seen(fingerprint(RETRY, "python")) == ""
    seen.keep(fingerprint(RETRY, "python"))
    assert seen.why_seen(fingerprint(RETRY_WITHOUT_WORDS, "python")) == "duplicate"
    assert seen.why_seen(fingerprint(RETRY.replace("retry_upload", "again"), "python")) == "duplicate"
    assert seen.why_seen(fingerprint(SPREADSHEET, "python")) == ""


def test_edited_copy_is_a_near_duplicate() -> None:
    """One changed line of thirty."""
    lines = _long_function(random.Random(1))
    seen = Seen()
    seen.keep(fingerprint("\n".join(lines), "python"))
    lines[12] = "other = thing"
    assert seen.why_seen(fingerprint("\n".join(lines), "python")) == "near-duplicate"


def test_as_good_as_comparing_all_pairs() -> None:
    """Of edited copies at every distance, what all-pairs comparison finds is found, and nothing else."""
    generator = random.Random(5)
    functions = []
    for _ in range(40):
        original = _long_function(generator)
        functions.append(original)
        for edits in (1, 2, 4, 8):
            copy = list(original)
            for position in generator.sample(range(30), edits):
                copy[position] = f"edited_{generator.randrange(10**6)} = 1"
            functions.append(copy)
    prints = [fingerprint("\n".join(lines), "python") for lines in functions]
    seen, kept = Seen(), []
    missed = 0
    for one in prints:
        expected = any(similarity(one.sketch, other.sketch) >= NEAR for other in kept)
        found = bool(seen.why_seen(one))
        assert expected or not found
        missed += expected and not found
        if not found:
            seen.keep(one)
            kept.append(one)
    assert 40 < len(kept) < len(functions)
    assert missed <= 0.05 * (len(functions) - len(kept))
