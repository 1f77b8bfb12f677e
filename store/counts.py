"""How many definitions, passages and embeddings a repository has: said with every answer, counted once a generation.

Counting reads an index to its end: for 100,000 definitions some milliseconds, and more for embeddings while their
vector file is not made. What is counted cannot change without the repository's generation.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from store import catalogue, embeddings

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from store.vector_files import Owner, VectorFolder


class Counted(NamedTuple):
    """What a repository has; `embedded` of its `passages` have an embedding of the model that was asked about."""

    definitions: int
    passages: int
    embedded: int


class Counts:
    """The numbers of an open library's repositories, as last counted."""

    def __init__(self, vectors: VectorFolder) -> None:
        self._vectors = vectors
        self._known: dict[Owner, tuple[int, Counted]] = {}

    def of(self, connection: Connection, owner: Owner, generation: int) -> Counted:
        """Return the numbers of a repository and a model; `generation` is the repository's in this transaction."""
        known = self._known.get(owner)
        if known is None or known[0] != generation:
            known = generation, self._count(connection, owner, generation)
            self._known[owner] = known
        return known[1]

    def _count(self, connection: Connection, owner: Owner, generation: int) -> Counted:
        # A vector file of this very generation has been made from all embeddings there are: its count is free. Without
        # a model there are none.
        embedded = self._vectors.count(owner, generation) if owner.model else 0
        if embedded is None:
            embedded = embeddings.count_embedded(connection, owner.repository_id, owner.model)
        return Counted(
            catalogue.count_all_definitions(connection, owner.repository_id),
            catalogue.count_passages(connection, owner.repository_id),
            embedded,
        )
