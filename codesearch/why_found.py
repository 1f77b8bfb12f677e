"""Why a search has found what it shows: the parts of each score, and the words of the query that each match has.

Asked for with `explain=True`, and only then computed. What the parts are, `ranking.score_parts` knows.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from codesearch.ranking.score_parts import ScoreParts, score_parts
from codesearch.search import share_of_dense, without_language_names
from store import STOP_WORDS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from codesearch.reranking import Ranked, Reranker
    from codesearch.results import Mode
    from codesearch.search import Place

# Each word is a question to the index; of a pasted page the first are enough to see why.
MOST_WORDS = 32

_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class WhyFound:
    """Why one definition was found: `parts` add up to its score.

    `words` are those of the query that it has, with what each adds to its BM25 score, the most first; their forms
    count ("retries" has "retry"). Empty where words do not count.
    """

    parts: ScoreParts
    words: Mapping[str, float]


def why_found(
    query: str,
    places: Sequence[Place],
    mode: Mode,
    reranker: Reranker | None,
    found: Sequence[Ranked],
    top_k: int,
) -> list[WhyFound]:
    """Return why the best `top_k` of all that a search has found were found, in their order."""
    weight = reranker.weight if reranker is not None else 0.0
    parts = score_parts(query, found, share_of_dense(query, places, mode), weight)[:top_k]
    shown = [candidate for candidate, _ in found[:top_k]]
    by_words = {candidate.definition_id for candidate in shown if candidate.lexical_rank is not None}
    words = _words_matched(query, places, frozenset(by_words))
    return [WhyFound(those, words.get(one.definition_id, {})) for one, those in zip(shown, parts, strict=True)]


def _words_matched(query: str, places: Sequence[Place], wanted: frozenset[int]) -> dict[int, dict[str, float]]:
    """Return which words of the query each definition has, and their BM25 scores, the highest first."""
    if not wanted:
        return {}
    words = list(dict.fromkeys(word.lower() for word in _WORD.findall(without_language_names(query))))
    asked = [word for word in words if word not in STOP_WORDS] or words
    matched: dict[int, dict[str, float]] = {definition_id: {} for definition_id in wanted}
    for place in places:
        filters = replace(place.filters, definitions=wanted)
        for word in asked[:MOST_WORDS]:
            for definition_id, score in place.repository.lexical(word, len(wanted), filters):
                matched[definition_id][word] = score
    return {
        definition_id: dict(sorted(scores.items(), key=lambda pair: -pair[1]))
        for definition_id, scores in matched.items()
    }
