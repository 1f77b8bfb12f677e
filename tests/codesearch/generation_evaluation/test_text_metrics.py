"""Metrics of texts and of tries against values worked out by hand, and by brute force."""

from __future__ import annotations

import math
import random
from fractions import Fraction
from itertools import combinations

import pytest

from codesearch.evaluation.generation.agreement import edit_similarity, exact_match
from codesearch.evaluation.generation.bleu import corpus_bleu, smoothed_bleu, tokens_of, weighted_unigrams
from codesearch.evaluation.generation.pass_at_k import pass_at_k


def test_exact_match_does_not_see_white_space() -> None:
    """Runs of white space count as one blank, and everything else counts."""
    assert exact_match("def f():\n    return 1\n", " def f():  return 1")
    assert not exact_match("return 1", "return  2")
    assert not exact_match("a b", "ab")


@pytest.mark.parametrize(
    ("written", "expected", "similarity"),
    [("", "", 100.0), ("abc", "", 0.0), ("abcd", "abd", 600 / 7), ("kitten", "sitting", 800 / 13), ("ab", "ba", 50.0)],
)
def test_edit_similarity_by_hand(written: str, expected: str, similarity: float) -> None:
    """Common subsequences abd, ittn and a: twice their length over both lengths."""
    assert edit_similarity(written, expected) == pytest.approx(similarity)


def test_edit_similarity_by_brute_force() -> None:
    """The bit-parallel rows agree with the table of dynamic programming."""

    def common(one: str, other: str) -> int:
        row = [0] * (len(other) + 1)
        for character in one:
            previous, row = row, [0]
            for place, theirs in enumerate(other):
                row.append(previous[place] + 1 if theirs == character else max(previous[place + 1], row[place]))
        return row[-1]

    draw = random.Random(7)
    for _ in range(200):
        one, other = ("".join(draw.choices("abcé", k=draw.randint(1, 90))) for _ in range(2))
        assert edit_similarity(one, other) == pytest.approx(200 * common(one, other) / (len(one) + len(other)))


def test_tokens() -> None:
    """Words and numbers whole, any other sign alone, no white space."""
    assert tokens_of("x_1 += f('a b')\n") == ["x_1", "+", "=", "f", "(", "'", "a", "b", "'", ")"]


def test_corpus_bleu_by_hand() -> None:
    """Precisions 4/5, 3/4, 2/3, 1/2: their product is 1/5, and its fourth root the score."""
    assert corpus_bleu([list("abcde")], [list("abcdf")]) == pytest.approx(100 * 0.2**0.25)


def test_corpus_bleu_sums_counts_and_penalises_brevity() -> None:
    """Over two texts 8/9, 6/7, 4/5, 2/3; nine tokens for eleven, a penalty of exp(1 - 11/9)."""
    score = corpus_bleu([list("abcd"), list("abcdx")], [list("abcdef"), list("abcdy")])
    product = Fraction(8, 9) * Fraction(6, 7) * Fraction(4, 5) * Fraction(2, 3)
    assert score == pytest.approx(100 * float(product) ** 0.25 * math.exp(1 - 11 / 9))


def test_corpus_bleu_counts_no_token_twice() -> None:
    """Of four a's written two are expected, and without a common run of four tokens there is no score."""
    assert corpus_bleu([list("aaaa")], [list("aab")]) == 0.0
    assert corpus_bleu([[]], [list("abcd")]) == 0.0
    assert corpus_bleu([list("abcd")], [list("abcd")]) == pytest.approx(100.0)


def test_corpus_bleu_wants_pairs() -> None:
    """Texts that are not equally many cannot be compared."""
    with pytest.raises(ValueError, match="longer"):
        corpus_bleu([["a"]], [["a"], ["b"]])


def test_weighted_unigrams_by_hand() -> None:
    """A keyword weighs 5 and x 1: 6 of the 7 that were written; three tokens for four, a penalty of exp(1 - 4/3)."""
    score = weighted_unigrams([list("rxy")], [list("rxzq")], {"r"})
    assert score == pytest.approx(100 * 6 / 7 * math.exp(-1 / 3))
    assert weighted_unigrams([list("rxy")], [list("rxzq")], set()) == pytest.approx(100 * 2 / 3 * math.exp(-1 / 3))
    assert weighted_unigrams([[]], [["a"]], {"a"}) == 0.0


def test_smoothed_bleu_by_hand() -> None:
    """'Reads a file' for 'reads the file.': 2/3, 1/3, 1/2, 1/1 with one added; lengths 3 + 1 and 4 + 1."""
    score = smoothed_bleu(["Reads a file"], ["reads the file."])
    assert score == pytest.approx(100 * (2 / 3 * 1 / 3 * 1 / 2) ** 0.25 * math.exp(1 - 5 / 4))


def test_smoothed_bleu_is_a_mean_of_sentences() -> None:
    """A perfect sentence and one without a right word make a half."""
    assert smoothed_bleu(["sort a list", "nothing"], ["Sort a list", "open it"]) == pytest.approx(50.0)
    assert smoothed_bleu([""], ["open it"]) == 0.0
    with pytest.raises(ValueError, match="no texts"):
        smoothed_bleu([], [])


@pytest.mark.parametrize(
    ("tries", "passed", "k", "expected"),
    [
        (5, 0, 1, 0.0),
        (5, 2, 1, 2 / 5),
        (5, 2, 2, 1 - 3 / 10),
        (5, 2, 4, 1.0),
        (5, 5, 3, 1.0),
        (200, 1, 100, 0.5),
    ],
)
def test_pass_at_k_by_hand(tries: int, passed: int, k: int, expected: float) -> None:
    """C(3, 2) of the C(5, 2) pairs have none of the two that pass, and so on."""
    assert pass_at_k(tries, passed, k) == pytest.approx(expected)


def test_pass_at_k_by_brute_force() -> None:
    """The estimate is the share of all ways to draw k tries that have one which passes."""
    outcomes = [True, False, False, True, False, False]
    for k in range(1, 7):
        draws = [any(draw) for draw in combinations(outcomes, k)]
        assert pass_at_k(6, 2, k) == pytest.approx(sum(draws) / len(draws))


@pytest.mark.parametrize(("tries", "passed", "k"), [(2, 3, 1), (2, 1, 3), (2, 1, 0), (2, -1, 1)])
def test_pass_at_k_of_what_cannot_be(tries: int, passed: int, k: int) -> None:
    """More passed than tried, or more drawn than tried, is an error."""
    with pytest.raises(ValueError, match="at most"):
        pass_at_k(tries, passed, k)
