"""BLEU in the forms that are reported for code and for summaries (Papineni et al., 2002).

`corpus_bleu` is BLEU-4 of a whole set, as reported for generated code; `weighted_unigrams` the part of CodeBLEU that
knows keywords; `smoothed_bleu` that of single sentences, as reported for summaries of code. Every score is 0 to 100.
sacrebleu is not used: CodeBLEU needs the counting anyway, and with white space as the only tokeniser both agree.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

ORDERS = 4  # n-grams of one to four tokens
KEYWORD_WEIGHT = 5.0  # of a keyword against any other token: Ren et al. (2020), section 3.1

_TOKEN = re.compile(r"\w+|[^\w\s]")


def tokens_of(text: str) -> list[str]:
    """Return words and numbers whole, every other character that is no white space by itself; in any language."""
    return _TOKEN.findall(text)


def corpus_bleu(written: Sequence[Sequence[str]], expected: Sequence[Sequence[str]]) -> float:
    """Return BLEU-4 of all texts together: counts are summed before they are divided. No smoothing.

    Both have the tokens of each text. Raises ValueError when they are not equally many.
    """
    matched, there = [0] * ORDERS, [0] * ORDERS
    for ours, theirs in zip(written, expected, strict=True):
        for order in range(ORDERS):
            counts, wanted = _ngrams(ours, order + 1), _ngrams(theirs, order + 1)
            matched[order] += (counts & wanted).total()
            there[order] += counts.total()
    if not all(matched):
        return 0.0
    precision = sum(math.log(hits / total) for hits, total in zip(matched, there, strict=True)) / ORDERS
    return 100.0 * math.exp(precision + _brevity(sum(map(len, written)), sum(map(len, expected))))


def weighted_unigrams(
    written: Sequence[Sequence[str]], expected: Sequence[Sequence[str]], keywords: Collection[str]
) -> float:
    """Return the weighted n-gram match of CodeBLEU: precision of single tokens, keywords weighing `KEYWORD_WEIGHT`.

    With the brevity penalty of BLEU, over all texts together (Ren et al., 2020, equations 1 to 3, N = 1). The script
    that was released with that paper computes recall over four orders instead. Raises ValueError as `corpus_bleu`.
    """

    def weight(counts: Counter[tuple[str, ...]]) -> float:
        return sum(count * (KEYWORD_WEIGHT if gram[0] in keywords else 1.0) for gram, count in counts.items())

    matched = there = 0.0
    for ours, theirs in zip(written, expected, strict=True):
        counts = _ngrams(ours, 1)
        matched += weight(counts & _ngrams(theirs, 1))
        there += weight(counts)
    if matched == 0:
        return 0.0
    return 100.0 * matched / there * math.exp(_brevity(sum(map(len, written)), sum(map(len, expected))))


def smoothed_bleu(written: Sequence[str], expected: Sequence[str]) -> float:
    """Return the mean of sentence-level BLEU-4 in lower case, as CodeXGLUE and CodeT5+ score summaries.

    For two to four tokens, and for both lengths in the brevity penalty, one is added above and below the line (Lin and
    Och, 2004); a text without a single right word has 0. Raises ValueError when there is nothing, or not equally many.
    """
    scores = [
        _sentence_bleu(tokens_of(ours.lower()), tokens_of(theirs.lower()))
        for ours, theirs in zip(written, expected, strict=True)
    ]
    if not scores:
        raise ValueError("no texts")
    return sum(scores) / len(scores)


def _sentence_bleu(written: Sequence[str], expected: Sequence[str]) -> float:
    logarithms = 0.0
    for order in range(ORDERS):
        counts = _ngrams(written, order + 1)
        matched, added = (counts & _ngrams(expected, order + 1)).total(), int(order > 0)
        if matched + added == 0:
            return 0.0
        logarithms += math.log((matched + added) / (counts.total() + added))
    return 100.0 * math.exp(logarithms / ORDERS + _brevity(len(written) + 1, len(expected) + 1))


def _brevity(written: int, expected: int) -> float:
    """Return the logarithm of BLEU's penalty for what is shorter than expected; `written` is not 0."""
    return min(0.0, 1.0 - expected / written)


def _ngrams(tokens: Sequence[str], order: int) -> Counter[tuple[str, ...]]:
    return Counter(zip(*(tokens[start:] for start in range(order)), strict=False))
