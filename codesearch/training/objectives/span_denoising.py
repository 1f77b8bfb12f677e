"""Span denoising: words of a file are hidden behind sentinels, and the decoder writes them.

CodeT5+, section 3.1, as in T5 and CodeT5: 15 % is hidden, in spans of 1 to 5 words, so that no word is cut. Works on
ids and on lists of words; a tokenizer, chunks of files and batches are for others.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import random
    from collections.abc import Sequence

    from codesearch.codet5p.config import SpecialTokens

HIDDEN_SHARE = 0.15
_LONGEST_SPAN = 5  # words; uniform from 1 to 5 has the paper's mean of 3
_MOST_SPANS = 100  # the tokenizer has <extra_id_0> to <extra_id_99>
_HIGHEST_SHARE = 0.5  # above, spans could not always be kept apart

Words = list[list[int]]


class Span(NamedTuple):
    """Hidden words: from `start` up to, but not including, `stop`."""

    start: int
    stop: int


def denoising_example(
    tokens: Sequence[int],
    word_starts: Sequence[bool],
    special: SpecialTokens,
    rng: random.Random,
    share: float = HIDDEN_SHARE,
) -> tuple[list[int], list[int]]:
    """Return (source, target): the tokens with sentinels for spans, and each sentinel with what it hides, then `</s>`.

    `word_starts` says of each token whether a word begins with it; the first one always does. The source is not framed
    in `<s>` and `</s>`, and there is no sentinel after the last span. Raises ValueError without tokens or sentinels,
    for flags of another number than tokens, and as `hidden_spans`.
    """
    words = split_words(tokens, word_starts)
    spans = hidden_spans(len(words), rng, share)
    return denoising_source(words, spans, special), denoising_target(words, spans, special)


def split_words(tokens: Sequence[int], word_starts: Sequence[bool]) -> Words:
    """Return the tokens of each word."""
    words: Words = []
    for token, starts in zip(tokens, word_starts, strict=True):
        if starts or not words:
            words.append([])
        words[-1].append(token)
    return words


def hidden_spans(words: int, rng: random.Random, share: float = HIDDEN_SHARE) -> list[Span]:
    """Return which of `words` words to hide, in order: `share` of them, rounded, but at least one.

    Lengths are uniform from 1 to 5 (the last one drawn is cut to the share) and every arrangement of them with a seen
    word between any two spans is equally likely. There are at most 100 spans. Raises ValueError without words or for a
    share outside ]0, 0.5].
    """
    if words < 1 or not 0 < share <= _HIGHEST_SHARE:
        raise ValueError(f"cannot hide {share} of {words} words")
    missing = max(1, round(share * words))
    lengths: list[int] = []
    while missing and len(lengths) < _MOST_SPANS:
        lengths.append(min(rng.randint(1, _LONGEST_SPAN), missing))
        missing -= lengths[-1]
    rng.shuffle(lengths)
    seen = words - sum(lengths)
    before = sorted(rng.sample(range(seen + 1), len(lengths)))  # how many seen words stand before each span
    spans: list[Span] = []
    hidden = 0
    for length, count in zip(lengths, before, strict=True):
        spans.append(Span(count + hidden, count + hidden + length))
        hidden += length
    return spans


def denoising_source(words: Words, spans: Sequence[Span], special: SpecialTokens) -> list[int]:
    """Return the tokens of `words` (of the encoder's vocabulary, as is `special`), a sentinel in place of each span."""
    source: list[int] = []
    seen_to = 0
    for number, span in enumerate(spans):
        source += [*_flat(words[seen_to : span.start]), _sentinel(special, number)]
        seen_to = span.stop
    return source + _flat(words[seen_to:])


def denoising_target(words: Words, spans: Sequence[Span], special: SpecialTokens) -> list[int]:
    """Return what the decoder writes (in its own vocabulary, as is `special`): sentinel, span, ..., `</s>`."""
    target: list[int] = []
    for number, span in enumerate(spans):
        target += [_sentinel(special, number), *_flat(words[span.start : span.stop])]
    return [*target, special.eos]


def _flat(words: Words) -> list[int]:
    return [token for word in words for token in word]


def _sentinel(special: SpecialTokens, number: int) -> int:
    if special.sentinel is None:
        raise ValueError("the vocabulary has no sentinels")
    return special.sentinel - number
