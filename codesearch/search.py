"""From a query to ranked candidates: the recipe of a search, on one page.

Knows the order of the steps and how much each side counts. Where candidates come from is the business of `store`, what
a vector is that of the model, and which repositories are searched that of `engine`.
"""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

from codesearch.fusion import fuse
from codesearch.ranking import is_east_asian, last_name, rank, read_question
from codesearch.results import Mode

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from codesearch.fusion import FusedCandidate
    from codesearch.reranking import Ranked, Reranker
    from store import Candidate, Filters, Repository

    QueryVectors = dict[str, NDArray[np.float32]]  # by the fingerprint of the encoder

# Candidates that each side gives to the fusion, and the fusion to the ranking: definitions below that rank on both
# sides are never seen. To rank all that were fused, up to twice as many, measures no better.
CANDIDATES = 100

# Definitions of one name that a query for that name considers; the ranking tells them apart.
NAMESAKES = 30

# Whoever asks for something by its name writes few words around it; longer texts, documentation above all, mention
# parameters and helpers besides. Taking what is named into the candidates of queries up to 4, 6, 8, 10 or any number of
# words: lexical MRR@10 on 647 queries of `csn_docstring` .419, .420, .420, .420, .406, NDCG@10 on 19 repositories .858,
# .858, .858, .857, .857 (hybrid .873, .874, .874, .874, .874); never: .419 and .843 (.869).
WORDS_THAT_NAME = 8

# The share of the dense side, by kind of query. Hybrid with the bundled model, version 2, at .5, .6, .7, .8: MRR@10 on
# `cosqa_dev` .525, .540, .551, .554 (dense alone .545, lexical alone .373), `csn_docstring_adv` .335, .337, .335, .331
# (.314, .246); NDCG@10 on 19 real repositories .870, .870, .871, .861 (.854, .855).
DENSE_WEIGHT_FOR_WORDS = 0.7
DENSE_WEIGHT_FOR_SYMBOLS = 0.3

# Names of languages say which files are meant, and hardly ever stand in the code that is meant: without them lexical
# MRR@10 on `cosqa_dev` is .369, with them .342. "go" is also a verb, and as such no better.
_LANGUAGE_LIST = """
    bash c c# c++ dart elixir go golang groovy haskell java javascript js julia kotlin lua objc ocaml perl php
    powershell python python2 python3 r ruby rust scala shell swift typescript ts zig
"""
LANGUAGE_NAMES = frozenset(_LANGUAGE_LIST.split())

_PUNCTUATION = "?!.,;:()\u00bf\u00a1\uff1f\uff01\uff0c\u3002"  # what sentences end with, in the usual scripts

_SYMBOL = re.compile(
    r"""^\S*( [a-z0-9][A-Z]      # camelCase
            | [A-Za-z0-9]_[A-Za-z0-9]   # snake_case
            | \w(\.|::|->|\#)\w  # a qualified name
            | \(\) )             # a call
    """,
    re.VERBOSE,
)


class QueryEncoder(Protocol):
    """What a search asks of a model."""

    @property
    def fingerprint(self) -> str:
        """Identifies the embeddings that a query vector may be compared with."""

    def encode_query(self, text: str) -> NDArray[np.float32]:
        """Return the unit vector of a query, shape (dimension,)."""


@dataclass(frozen=True, slots=True)
class Place:
    """What is searched: a repository, what of it, and the encoder that its vectors are of (None: words alone)."""

    repository: Repository
    filters: Filters
    encoder: QueryEncoder | None


def find(
    query: str,
    places: Sequence[Place],
    mode: Mode,
    reranker: Reranker | None = None,
    more_words: Sequence[str] = (),
    limit: int = CANDIDATES,
) -> list[Ranked]:
    """Return the definitions of all places that may answer the query, best first: `limit`, at most `CANDIDATES`.

    The candidates of several repositories are put in one order on each side before the sides are fused: cosines of one
    model compare anywhere, and BM25 scores nearly so. With a reranker its matching head reads the best of them. Texts
    are read of those that are returned.
    `more_words` count as words of the query where words are counted, and nowhere else.
    """
    lexical, dense, vectors = _both_sides(query, places, mode, more_words)
    fused = fuse(lexical, dense, share_of_dense(query, places, mode), CANDIDATES)
    wanted = [candidate.definition_id for candidate in fused]
    headings = {one.id: one for place in places for one in place.repository.headings(wanted)}
    if reranker is None:
        return _with_texts(rank(query, fused, headings, limit), places)
    from codesearch.reranking import rerank

    whole = _with_texts(rank(query, fused, headings), places)
    read, others = whole[: reranker.candidates], whole[reranker.candidates :]
    return rerank(query, [*_with_similarities(read, places, vectors), *others], reranker)[:limit]


def _with_texts(ranked: Sequence[FusedCandidate], places: Sequence[Place]) -> list[Ranked]:
    """Return the candidates with their definitions, but for those that were removed since."""
    wanted = [candidate.definition_id for candidate in ranked]
    stored = {one.id: one for place in places for one in place.repository.definitions(wanted)}
    return [(one, stored[one.definition_id]) for one in ranked if one.definition_id in stored]


def _query_vectors(query: str, places: Sequence[Place]) -> QueryVectors:
    """Return the query's vector of each encoder, computed once, however many places it serves."""
    encoders = {place.encoder.fingerprint: place.encoder for place in places if place.encoder is not None}
    return {mark: encoder.encode_query(query) for mark, encoder in encoders.items()}


def _with_similarities(ranked: Sequence[Ranked], places: Sequence[Place], vectors: QueryVectors) -> list[Ranked]:
    """Return the candidates, with cosine and nearest passage of those that words alone have found, if embedded."""
    lacking = [candidate.definition_id for candidate, _ in ranked if candidate.similarity is None]
    if not lacking or not vectors:
        return list(ranked)
    found = {
        one.definition_id: one
        for place in places
        if place.encoder is not None
        for one in place.repository.similarities(place.encoder.fingerprint, vectors[place.encoder.fingerprint], lacking)
    }
    return [
        (replace(candidate, similarity=one.score, focus_lines=(one.start_line, one.end_line)), stored)
        if (one := found.get(candidate.definition_id))
        else (candidate, stored)
        for candidate, stored in ranked
    ]


def _both_sides(
    query: str, places: Sequence[Place], mode: Mode, more_words: Sequence[str]
) -> tuple[list[tuple[int, float]], list[Candidate], QueryVectors]:
    """Return the candidates of words, those of meaning, and the query's vectors.

    The sides are looked for at the same time: nearly all that either does is done outside of Python.
    """
    if mode == Mode.LEXICAL:
        return _lexical(query, places, more_words), [], {}
    with ThreadPoolExecutor(1, "words") as beside:
        words = None if mode == Mode.DENSE else beside.submit(_lexical, query, places, more_words)
        vectors = _query_vectors(query, places)
        dense = _dense(places, vectors) if vectors else []
        return words.result() if words else [], dense, vectors


def _lexical(query: str, places: Sequence[Place], more_words: Sequence[str]) -> list[tuple[int, float]]:
    words = " ".join((without_language_names(query), *more_words))
    found = [pair for place in places for pair in place.repository.lexical(words, CANDIDATES, place.filters)]
    highest = max((score for _, score in found), default=1.0)
    scores = dict(found) | dict.fromkeys(_named(query, places), highest)
    if len(scores) < CANDIDATES:  # a definition that holds a phrase is an answer, even without a whole word of it
        held = (one for place in places for one in place.filters.definitions or ())
        scores |= {one: 0.0 for one in sorted(held) if one not in scores}
    return sorted(scores.items(), key=lambda pair: (-pair[1], pair[0]))[:CANDIDATES]


def _named(query: str, places: Sequence[Place]) -> list[int]:
    """Return the definitions that the query calls by their name: BM25 may prefer many that mention it."""
    if len(query.split()) > WORDS_THAT_NAME:
        return []
    names = {last_name(identifier) for identifier in read_question(query).identifiers}
    return [
        one
        for place in places
        for name in sorted(names)
        for one in place.repository.named(name, NAMESAKES, place.filters)
    ]


def _dense(places: Sequence[Place], vectors: QueryVectors) -> list[Candidate]:
    found = [
        candidate
        for place in places
        if place.encoder is not None
        for candidate in place.repository.dense(
            place.encoder.fingerprint, vectors[place.encoder.fingerprint], CANDIDATES, place.filters
        )
    ]
    return sorted(found, key=lambda candidate: (-candidate.score, candidate.definition_id))[:CANDIDATES]


def share_of_dense(query: str, places: Sequence[Place], mode: Mode) -> float:
    """Return how much the dense side counts in a search, 0 to 1.

    While passages are still being embedded it knows a part of them, and its best are the best of that part: so it
    counts as much less as that part is smaller.
    """
    if mode == Mode.LEXICAL or all(place.encoder is None for place in places):
        return 0.0
    return dense_weight(query) * _share_embedded(places) if mode == Mode.HYBRID else 1.0


def _share_embedded(places: Sequence[Place]) -> float:
    counted = [place.repository.coverage(place.encoder.fingerprint) for place in places if place.encoder is not None]
    passages = sum(all_of_it for _, all_of_it in counted)
    return sum(embedded for embedded, _ in counted) / passages if passages else 1.0


def dense_weight(query: str) -> float:
    """Return how much the dense side counts: less where the query is the name of something."""
    return DENSE_WEIGHT_FOR_SYMBOLS if is_symbol(query) else DENSE_WEIGHT_FOR_WORDS


def without_language_names(query: str) -> str:
    """Return the query without the names of languages, unless nothing else would be left."""
    kept = [word for word in query.split() if word.strip(_PUNCTUATION).lower() not in LANGUAGE_NAMES]
    return " ".join(kept) or query


def is_symbol(query: str) -> bool:
    """Return whether the query is one name as it stands in code (`parse_url`, `HttpClient.send`), not words."""
    words = query.split()
    return len(words) == 1 and bool(_SYMBOL.match(words[0])) and not is_east_asian(query)
