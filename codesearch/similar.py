"""Code to code: the definitions that are like one.

The vectors of a definition's passages are the queries, in the space that words are searched in. Which definition is
meant is `reading`; vectors and their search are the business of `store`.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

import numpy as np

from codesearch.generation.context import NEAR, jaccard, shingles
from codesearch.reading import as_match
from codesearch.search import CANDIDATES
from indexer import describe

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from codesearch.reading import Located
    from codesearch.results import Match
    from store import Candidate, Filters, Repository, StoredDefinition

# Passages of a long definition that are asked with, from its beginning to its end in equal steps: a function of 8,000
# characters is asked whole, and of a longer one enough to know it again.
_MOST_QUERIES = 8

# Of a definition without passages (a table of data): about what a passage holds.
_READ_CHARACTERS = 1_000


class PassageEncoder(Protocol):
    """What is asked of a model."""

    @property
    def fingerprint(self) -> str:
        """Identifies the embeddings that its vectors may be compared with."""

    def encode_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return unit vectors, shape (len(texts), dimension)."""


def similar_to(
    located: Located, encoder_for: Callable[[Repository], PassageEncoder], filters: Filters, top_k: int
) -> list[Match]:
    """Return the definitions that are most like the one that was located, at most `top_k`, best first.

    The score is the mean, over the passages of the definition, of the cosine of the other's nearest passage: 1 for a
    copy, less for one that shares a part. Nearly the same code (see `generation.context`) scores at least the share
    that it has in common, wherever it stands. Neither the definition itself counts, nor what it is in or what is in it.
    """
    meant = located.meant
    found: list[tuple[float, Candidate, StoredDefinition]] = []
    own = shingles(meant.definition.code)
    for repository, below in located.parts:
        encoder = encoder_for(repository)
        queries = query_vectors(meant, located.home, encoder)
        candidates = _candidates(queries, repository, encoder.fingerprint, replace(filters, below=below))
        by_id = {one.id: one for one in repository.definitions(list(candidates))}
        for number, stored in by_id.items():
            if not _overlap(meant, stored):
                cosine, best = candidates[number]
                common = jaccard(own, shingles(stored.definition.code))
                found.append((max(cosine, common if common >= NEAR else 0.0), best, stored))
    found.sort(key=lambda one: (-one[0], one[2].id))
    return [
        replace(
            as_match(stored, min(max(score, 0.0), 1.0), (best.start_line, best.end_line)),
            dense_rank=rank,
            similarity=min(best.score, 1.0),  # kept in half precision, a copy's may be a little more
        )
        for rank, (score, best, stored) in enumerate(found[:top_k], 1)
    ]


def query_vectors(stored: StoredDefinition, home: Repository, encoder: PassageEncoder) -> NDArray[np.float32]:
    """Return the vectors that a definition asks with, shape (1 to 8, dimension): its embeddings where they are known.

    What is not embedded (by this model) is encoded now.
    """
    vectors = home.embeddings_of(encoder.fingerprint, stored.id)
    if not len(vectors):
        passages = describe(stored.path, stored.language, stored.definition)
        texts = [passage.text for passage in passages] or [stored.definition.code[:_READ_CHARACTERS]]
        return encoder.encode_passages([texts[place] for place in _spread(len(texts))])
    return vectors[_spread(len(vectors))]


def _spread(count: int) -> list[int]:
    """Return at most `_MOST_QUERIES` places of `count`, the first and the last among them, in equal steps."""
    return [round(place) for place in np.linspace(0, count - 1, min(count, _MOST_QUERIES)).tolist()]


def _candidates(
    queries: NDArray[np.float32], repository: Repository, fingerprint: str, filters: Filters
) -> dict[int, tuple[float, Candidate]]:
    """Return, by definition, the mean over the queries of its best cosine, and what was best of all."""
    wanted = {
        one.definition_id for query in queries for one in repository.dense(fingerprint, query, CANDIDATES, filters)
    }
    scores: dict[int, list[Candidate]] = defaultdict(list)
    for query in queries:
        for one in repository.similarities(fingerprint, query, sorted(wanted)):
            scores[one.definition_id].append(one)
    return {
        number: (float(np.mean([one.score for one in those])), max(those, key=lambda one: one.score))
        for number, those in scores.items()
    }


def _overlap(one: StoredDefinition, other: StoredDefinition) -> bool:
    """Whether one of the two is the other, or lies in it."""
    if (one.root, one.path) != (other.root, other.path):
        return False
    mine, its = one.definition, other.definition
    return mine.start_byte < its.end_byte and its.start_byte < mine.end_byte
