"""Span denoising, against examples by hand and counts over many draws."""

from __future__ import annotations

import random
from collections import Counter
from itertools import pairwise

import pytest

from codesearch.training.objectives.span_denoising import (
    Span,
    denoising_example,
    denoising_source,
    denoising_target,
    hidden_spans,
    split_words,
)
from tests.codesearch.training.objectives.tiny import SPECIAL

WORDS = [[10], [11, 12], [13], [14], [15, 16, 17], [18]]
FIRST, SECOND, END = 44, 43, 2  # <extra_id_0>, <extra_id_1>, </s>


def test_words_begin_at_their_flags():
    """A chunk that begins inside a word begins a word all the same."""
    flags = [False, True, False, True, True, True, False, False, True]
    assert split_words(range(10, 19), flags) == WORDS
    with pytest.raises(ValueError, match="shorter"):
        split_words([1, 2], [True])


def test_spans_by_hand():
    """Sentinels count up while their ids count down; the target ends with </s>; whole words move."""
    spans = [Span(1, 3), Span(4, 5)]
    assert denoising_source(WORDS, spans, SPECIAL) == [10, FIRST, 14, SECOND, 18]
    assert denoising_target(WORDS, spans, SPECIAL) == [FIRST, 11, 12, 13, SECOND, 15, 16, 17, END]


def test_spans_at_both_ends_by_hand():
    """Nothing is lost when the first and the last word are hidden."""
    spans = [Span(0, 1), Span(5, 6)]
    assert denoising_source(WORDS, spans, SPECIAL) == [FIRST, 11, 12, 13, 14, 15, 16, 17, SECOND]
    assert denoising_target(WORDS, spans, SPECIAL) == [FIRST, 10, SECOND, 18, END]


def test_example_can_be_put_together_again():
    """Each sentinel replaced by what the target has behind it gives back the tokens; 15 % of the words were gone."""
    rng = random.Random(1)
    tokens = list(range(100, 400))
    starts = [rng.random() < 0.6 for _ in tokens]
    source, target = denoising_example(tokens, starts, SPECIAL, random.Random(2))
    hidden: dict[int, list[int]] = {}
    for token in target[:-1]:
        if token < 100:
            hidden[token] = []
        else:
            hidden[list(hidden)[-1]].append(token)
    assert list(hidden) == [44 - number for number in range(len(hidden))]
    assert [token for part in source for token in hidden.get(part, [part])] == tokens
    words = split_words(tokens, starts)
    gone = {token for span in hidden.values() for token in span}
    cut = [word for word in words if 0 < len(gone & set(word)) < len(word)]
    assert cut == []
    assert sum(word[0] in gone for word in words) == round(0.15 * len(words))


def test_lengths_are_uniform_from_one_to_five():
    """Over many draws every length is as frequent as the others, so the mean is 3."""
    rng = random.Random(0)
    lengths = Counter(span.stop - span.start for _ in range(200) for span in hidden_spans(2000, rng))
    total = lengths.total()
    assert sorted(lengths) == [1, 2, 3, 4, 5]
    assert all(count / total == pytest.approx(0.2, abs=0.015) for count in lengths.values())
    assert sum(length * count for length, count in lengths.items()) / total == pytest.approx(3, abs=0.05)


def test_spans_are_everywhere_and_apart():
    """Away from the ends each word is hidden about equally often; a seen word stands between any two spans."""
    rng = random.Random(0)
    hidden: Counter[int] = Counter()
    for _ in range(4000):
        spans = hidden_spans(40, rng)
        assert all(one.stop < other.start for one, other in pairwise(spans))
        hidden.update(word for span in spans for word in range(span.start, span.stop))
    assert hidden.total() == 4000 * 6
    assert all(hidden[word] == pytest.approx(620, abs=75) for word in range(4, 36))


def test_arrangements_are_equally_likely_by_hand():
    """Two of six words: a first length of 2 to 5 is cut to one span of 2 (4/5), at 5 places; a 1 (1/5) is two spans.

    These have C(5, 2) = 10 arrangements, since the four seen words leave five places and no two spans share one. So
    each of the 5 has probability 4/25 and each of the 10 has 1/50.
    """
    rng = random.Random(0)
    found = Counter(tuple(hidden_spans(6, rng, share=1 / 3)) for _ in range(20_000))
    assert len(found) == 15
    for spans, count in found.items():
        assert count / 20_000 == pytest.approx(
            4 / 25 if len(spans) == 1 else 1 / 50, abs=0.012 if len(spans) == 1 else 0.005
        )


def test_there_are_never_more_spans_than_sentinels():
    """Of 10,000 words only 100 spans are hidden; of one word, that one; every share up to a half works."""
    assert len(hidden_spans(10_000, random.Random(0))) == 100
    assert hidden_spans(1, random.Random(0)) == [Span(0, 1)]
    for words in range(1, 30):
        for seed in range(20):
            spans = hidden_spans(words, random.Random(seed), share=0.5)
            assert sum(span.stop - span.start for span in spans) == max(1, round(0.5 * words))


@pytest.mark.parametrize(("words", "share"), [(0, 0.15), (10, 0.0), (10, 0.51)])
def test_impossible_shares_are_refused(words, share):
    """No words, no share, or a share whose spans could touch."""
    with pytest.raises(ValueError, match="cannot hide"):
        hidden_spans(words, random.Random(0), share)
