"""Dense search: from the embeddings of a repository to an index, and from a vector to the definitions nearest to it.

Joins `embeddings` (what is known), `vector_files` (the file it is searched in) and the rows (whose passage it is).
"""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING

from sqlalchemy import Connection, select

from store import embeddings
from store.database import plain_rows
from store.filters import allowed_passages
from store.records import Candidate, Filters
from store.tables import id_list, passage
from store.vector_files import Contents, Owner

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from store.vectors import VectorIndex

# Passages fetched for each wanted definition at first: several may belong to one definition, of which the best counts.
# Where that is not enough the search is repeated with more: the number decides the speed, never the result.
# Repositories have .8 to 1.2 passages for a definition.
_PASSAGES_PER_RESULT = 2
_GROWTH = 4

# Half precision keeps three digits; beyond six, the order of a sum decides. Rounded, equal passages have equal scores
# in every backend.
_SCORE_DECIMALS = 6

# As text: SQLAlchemy's query for it took as long to put together as to answer.
_PASSAGES = """
    SELECT id, definition_id, start_line, end_line FROM passage WHERE id IN (SELECT value FROM json_each(?))
"""

Wanted = tuple[int, Filters]  # how many, and among which


def contents(connection: Connection, owner: Owner, generation: int, dimension: int, through: int = 0) -> Contents:
    """Return what the owner's vector file is to hold. The connection must stay open while it is written.

    `through`: see `embeddings.embedded_passages`.
    """
    return Contents(
        generation=generation,
        dimension=dimension,
        ids=embeddings.embedded_passages(connection, owner.repository_id, owner.model, through),
        read=partial(embeddings.read, connection, owner.model),
    )


def unit_query(vector: NDArray[np.float32], dimension: int) -> NDArray[np.float32]:
    """Return a query vector scaled to length 1 (a zero vector stays): with it an inner product is a cosine.

    Raises:
        ValueError: the shape is not (dimension,), or a component is not finite.

    """
    import numpy as np

    if vector.shape != (dimension,):
        raise ValueError(f"a query of shape {vector.shape} for vectors of {dimension} dimensions")
    length = float(np.linalg.norm(vector.astype(np.float64)))
    if not np.isfinite(length):
        raise ValueError("the query has a component that is not finite")
    return (vector / (length or 1.0)).astype(np.float32)


def search(
    connection: Connection, repository_id: int, index: VectorIndex, query: NDArray[np.float32], wanted: Wanted
) -> list[Candidate]:
    """Return the definitions whose best passage is nearest to the query, best first, equal scores by id.

    Args:
        connection: an open connection.
        repository_id: whose passages the index holds.
        index: the vectors; ids of passages that are gone are passed over.
        query: unit vector, shape (dimension,), float32.
        wanted: how many, and among which.

    """
    import numpy as np

    limit, filters = wanted
    allowed: NDArray[np.int64] | None = None
    available = index.count
    if filters:
        allowed = embeddings.read_ids(connection, allowed_passages(repository_id, filters))
        available = min(available, len(allowed))
    if available == 0 or limit <= 0:
        return []
    fetched = min(available, limit * _PASSAGES_PER_RESULT)
    while True:
        ids, scores = index.search(query, fetched, allowed)
        rounded = scores.astype(np.float64).round(_SCORE_DECIMALS)
        candidates = _by_definition(connection, ids, rounded)
        # What was not fetched scores at most as much as the last of what was: above it, the order is settled.
        settled = sum(candidate.score > rounded[-1] for candidate in candidates) if len(rounded) else 0
        if settled >= limit or fetched >= available:
            return candidates[:limit]
        fetched = min(available, fetched * _GROWTH)


def score(
    connection: Connection, owner: Owner, query: NDArray[np.float32], definition_ids: Sequence[int]
) -> list[Candidate]:
    """Return these definitions of the owner's repository by their best passage, best first, equal scores by id.

    `query` is a unit vector, shape (dimension,), float32. Definitions without an embedding are left out.
    """
    import numpy as np

    wanted = select(passage.c.id).where(
        passage.c.definition_id.in_(id_list(definition_ids)), passage.c.repository_id == owner.repository_id
    )
    found: dict[int, float] = {}
    for ids, vectors in embeddings.read(connection, owner.model, embeddings.read_ids(connection, wanted)):
        cosines = (vectors.astype(np.float32) @ query).astype(np.float64).round(_SCORE_DECIMALS)
        found.update(zip(ids.tolist(), cosines.tolist(), strict=True))
    return _by_definition(connection, np.array(list(found), np.int64), np.array(list(found.values())))


def _by_definition(connection: Connection, ids: NDArray[np.int64], scores: NDArray[np.float64]) -> list[Candidate]:
    """Return the best passage of each definition (of equal ones the first), best first."""
    falling = dict(zip(ids.tolist(), (-scores).tolist(), strict=True))
    best: dict[int, tuple[float, int, int, int, int]] = {}
    for one, owner, first, last in plain_rows(connection, _PASSAGES, (json.dumps(list(falling)),)):
        passage_found = (falling[one], one, owner, first, last)
        if owner not in best or passage_found < best[owner]:
            best[owner] = passage_found
    ordered = sorted((score, owner, first, last) for score, _, owner, first, last in best.values())
    return [Candidate(owner, -score, first, last) for score, owner, first, last in ordered]
