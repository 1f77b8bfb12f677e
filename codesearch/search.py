"""From a query to ranked candidates: the recipe of a search, on one page.

Knows the order of the steps and how much each side counts. Where candidates come from is the business of `store`, what
a vector is that of the model, and which repositories are searched that of `engine`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Protocol

from codesearch.fusion import FusedCandidate, fuse
from codesearch.ranking import rank
from codesearch.results import Mode

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from store import Filters, Repository

# Candidates that each side gives to the fusion, and the fusion to the ranking: definitions below that rank on both
# sides are never seen. To rank all that were fused, up to twice as many, measures no better.
CANDIDATES = 100

# The share of the dense side, by kind of query. MRR@10 of hybrid with the bundled model at .5, .65, .8: `cosqa_dev`
# .496, .535, .533 (dense alone .530, lexical alone .369); `csn_docstring_adv` .277, .260, .242 (dense .227, lexical
# .246).
DENSE_WEIGHT_FOR_WORDS = 0.65
DENSE_WEIGHT_FOR_SYMBOLS = 0.3

# Names of languages say which files are meant, and hardly ever stand in the code that is meant: without them lexical
# MRR@10 on `cosqa_dev` is .369, with them .342. "go" is also a verb, and as such no better.
_LANGUAGE_LIST = """
    bash c c# c++ dart elixir go golang groovy haskell java javascript js julia kotlin lua objc ocaml perl php
    powershell python python2 python3 r ruby rust scala shell swift typescript ts zig
"""
LANGUAGE_NAMES = frozenset(_LANGUAGE_LIST.split())

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


def find_candidates(
    repository: Repository, query: str, encoder: QueryEncoder | None, mode: Mode, filters: Filters
) -> list[FusedCandidate]:
    """Return the definitions of one repository that may answer the query, best first, at most `CANDIDATES`.

    Without an encoder the search is lexical whatever the mode.
    """
    fused = _fused(repository, query, encoder, mode, filters)[:CANDIDATES]
    definitions = {one.id: one for one in repository.definitions([one.definition_id for one in fused])}
    return rank(query, fused, definitions)


def _fused(
    repository: Repository, query: str, encoder: QueryEncoder | None, mode: Mode, filters: Filters
) -> list[FusedCandidate]:
    words = without_language_names(query)
    lexical = repository.lexical(words, CANDIDATES, filters) if mode != Mode.DENSE or encoder is None else []
    if encoder is None or mode == Mode.LEXICAL:
        return fuse(lexical, [], dense_weight=0.0)
    dense = repository.dense(encoder.fingerprint, encoder.encode_query(query), CANDIDATES, filters)
    if mode == Mode.DENSE:
        return fuse([], dense, dense_weight=1.0)
    return fuse(lexical, dense, dense_weight(query))


def dense_weight(query: str) -> float:
    """Return how much the dense side counts: less where the query is the name of something."""
    return DENSE_WEIGHT_FOR_SYMBOLS if is_symbol(query) else DENSE_WEIGHT_FOR_WORDS


def without_language_names(query: str) -> str:
    """Return the query without the names of languages, unless nothing else would be left."""
    kept = [word for word in query.split() if word.strip("?!.,;:()").lower() not in LANGUAGE_NAMES]
    return " ".join(kept) or query


def is_symbol(query: str) -> bool:
    """Return whether the query is one name as it stands in code (`parse_url`, `HttpClient.send`), not words."""
    words = query.split()
    return len(words) == 1 and bool(_SYMBOL.match(words[0]))
