"""CodeBLEU: do two programs agree in words, in keywords, in structure and in data flow? After Ren et al. (2020).

The four parts are in `bleu`, `subtrees` and `data_flow`; this sums them up over a set. The PyPI package of that name is
not used: it needs an old tree-sitter, and knows fewer languages.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from codesearch.evaluation.generation.bleu import corpus_bleu, tokens_of, weighted_unigrams
from codesearch.evaluation.generation.data_flow import Flow, data_flow, matched_edges
from codesearch.evaluation.generation.fragments import fragment_tree
from codesearch.evaluation.generation.keywords import KEYWORDS
from codesearch.evaluation.generation.subtrees import Subtrees, matched_subtrees, subtrees_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

NGRAMS, KEYWORD_NGRAMS, SYNTAX, DATA_FLOW = "ngrams", "keywords", "syntax", "data_flow"
PARTS = (NGRAMS, KEYWORD_NGRAMS, SYNTAX, DATA_FLOW)  # each weighs a quarter: section 4.1 of the paper


class Pair(NamedTuple):
    """What was written, what was expected, and the language of both."""

    written: str
    expected: str
    language: str


def code_bleu(pairs: Sequence[Pair]) -> float:
    """Return CodeBLEU of a set, 0 to 100: the mean of its parts; of several languages their mean, by their pairs.

    A part that a language does not have (no keywords or rules of data flow here, no grammar, or no expected function
    with any data flow) is left out, and the others weigh more. Raises ValueError for an empty set.
    """
    if not pairs:
        raise ValueError("no pairs")
    by_language: dict[str, list[Pair]] = defaultdict(list)
    for pair in pairs:
        by_language[pair.language].append(pair)
    total = sum(_mean(code_bleu_parts(some, language)) * len(some) for language, some in by_language.items())
    return total / len(pairs)


def code_bleu_parts(pairs: Sequence[Pair], language: str) -> dict[str, float]:
    """Return the parts that the language has, 0 to 100 each, by their names in `PARTS`.

    Matches in syntax and data flow are counted over all pairs before they are divided, as n-grams are.
    """
    written = [tokens_of(pair.written) for pair in pairs]
    expected = [tokens_of(pair.expected) for pair in pairs]
    parts = {NGRAMS: corpus_bleu(written, expected)}
    if language in KEYWORDS:
        parts[KEYWORD_NGRAMS] = weighted_unigrams(written, expected, KEYWORDS[language])
    syntax, flow = _Share(), _Share()
    for pair in pairs:
        ours, theirs = _shape(pair.written, language), _shape(pair.expected, language)
        if ours is None or theirs is None:
            continue
        syntax.add(matched_subtrees(ours.subtrees, theirs.subtrees))
        if ours.flow is not None and theirs.flow is not None:
            flow.add(matched_edges(ours.flow, theirs.flow))
    return parts | {name: share.percent for name, share in ((SYNTAX, syntax), (DATA_FLOW, flow)) if share.total}


class _Shape(NamedTuple):
    subtrees: Subtrees
    flow: Flow | None


def _shape(code: str, language: str) -> _Shape | None:
    tree = fragment_tree(code, language)
    return None if tree is None else _Shape(subtrees_of(tree), data_flow(tree, language))


class _Share:
    """Matches out of what was expected, summed."""

    def __init__(self) -> None:
        self.matched = self.total = 0

    def add(self, counts: tuple[int, int]) -> None:
        self.matched += counts[0]
        self.total += counts[1]

    @property
    def percent(self) -> float:
        return 100.0 * self.matched / self.total


def _mean(parts: Mapping[str, float]) -> float:
    return sum(parts.values()) / len(parts)
