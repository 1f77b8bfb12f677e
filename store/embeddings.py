"""Embeddings in the database: which passages lack one, saving them, reading them back.

They are kept by content, for all repositories together; the file from which they are searched is made by `dense`.
NumPy is loaded where it is used, here and in `dense`: who has no vectors does without.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, Connection, delete, exists, func, insert, or_, select, update
from sqlalchemy.dialects.sqlite import insert as insert_or_ignore

from store import catalogue
from store.tables import definition, embedding, id_list, model, passage, repository

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray
    from sqlalchemy import Select

    from store.records import StoredDefinition

# SQLite 3.32 and later take 32,766 parameters; a thousand digests at a time stay far below on any build.
_DIGESTS_PER_STATEMENT = 1_000

# Vectors read from the database at a time: 8,192 of 256 dimensions are 8 MiB as float32.
_VECTORS_PER_BATCH = 8_192

STORED = "<f2"  # half precision, little-endian on any machine


def model_id(connection: Connection, fingerprint: str) -> int | None:
    """Return the id of a model, or None when nothing of it is kept."""
    return connection.execute(select(model.c.id).where(model.c.fingerprint == fingerprint)).scalar()


def dimension(connection: Connection, fingerprint: str) -> int | None:
    """Return the length of a model's vectors, or None when nothing of it is kept."""
    # As text: asked by every search, SQLAlchemy's query took longer to put together than to answer.
    found = connection.exec_driver_sql("SELECT dimension FROM model WHERE fingerprint = ?", (fingerprint,)).scalar()
    return None if found is None else int(found)


def missing(connection: Connection, fingerprint: str, digests: Sequence[bytes]) -> set[bytes]:
    """Return those of the digests that have no embedding of the model."""
    result = set(digests)
    known_model = model_id(connection, fingerprint)
    if known_model is None:
        return result
    for batch in _batches(sorted(result)):
        statement = select(embedding.c.digest).where(embedding.c.model_id == known_model, embedding.c.digest.in_(batch))
        result.difference_update(connection.scalars(statement))
    return result


def pending(
    connection: Connection, repository_id: int, root: Path, fingerprint: str, page: tuple[int, int]
) -> list[StoredDefinition]:
    """Return definitions that have a passage without an embedding, in the order of ids.

    Args:
        connection: an open connection.
        repository_id: whose definitions.
        root: the repository's root, for the result.
        fingerprint: of the model.
        page: (after, limit): ids greater than `after`, at most `limit` of them.

    """
    after, limit = page
    lacking = exists().where(
        passage.c.definition_id == definition.c.id, ~exists().where(*_embedded(model_id(connection, fingerprint)))
    )
    statement = (
        select(definition.c.id)
        .where(definition.c.repository_id == repository_id, definition.c.id > after, lacking)
        .order_by(definition.c.id)
        .limit(limit)
    )
    return catalogue.definitions(connection, (repository_id, root), connection.scalars(statement).all())


def save(connection: Connection, fingerprint: str, digests: Sequence[bytes], vectors: NDArray[np.float32]) -> None:
    """Keep an embedding for each digest; one that is there already stays. Repositories that use them change generation.

    Args:
        connection: a connection that may write.
        fingerprint: of the model.
        digests: n keys of passages.
        vectors: shape (n, dimension), float32, one row for each digest.

    Raises:
        ValueError: the shape does not fit the digests or the model, or a component is not finite.

    """
    import numpy as np

    halves = vectors.astype(STORED)
    if vectors.ndim != 2 or len(vectors) != len(digests):
        raise ValueError(f"{len(digests)} digests and vectors of shape {vectors.shape}")
    if not np.isfinite(halves).all():
        raise ValueError("a vector has a component that is not finite")
    known_model = _model(connection, fingerprint, vectors.shape[1])
    rows = [
        {"model_id": known_model, "digest": digest, "vector": half.tobytes()}
        for digest, half in zip(digests, halves, strict=True)
    ]
    if not rows:
        return
    connection.execute(insert_or_ignore(embedding).on_conflict_do_nothing(), rows)
    for batch in _batches(sorted(set(digests))):
        users = select(passage.c.repository_id).where(passage.c.digest.in_(batch)).distinct()
        connection.execute(
            update(repository).where(repository.c.id.in_(users)).values(generation=repository.c.generation + 1)
        )


def embedded_passages(
    connection: Connection, repository_id: int, fingerprint: str, through: int = 0
) -> NDArray[np.int64]:
    """Return the ids of the passages that have an embedding of the model, ascending.

    The passages of definitions up to the id `through` are known to have one: they are not looked up.
    """
    own = passage.c.repository_id == repository_id
    if not through:
        statement = select(passage.c.id).join(embedding, embedding.c.digest == passage.c.digest)
        known_model = model_id(connection, fingerprint)
        return read_ids(connection, statement.where(own, embedding.c.model_id == known_model))
    has_one = exists().where(*_embedded(model_id(connection, fingerprint)))
    return read_ids(connection, select(passage.c.id).where(own, or_(passage.c.definition_id <= through, has_one)))


def read_ids(connection: Connection, statement: Select[tuple[int]]) -> NDArray[np.int64]:
    """Return the ids that a query yields, ascending."""
    import numpy as np

    # All as one text: a filter may let tens of thousands of ids pass, and a row object for each is what takes time.
    yielded = statement.subquery()
    text = connection.execute(select(func.group_concat(yielded.c.id))).scalar() or ""
    ids = np.fromstring(text, dtype=np.int64, sep=",")
    ids.sort()
    return ids


def count_embedded(connection: Connection, repository_id: int, fingerprint: str) -> int:
    """Return how many passages have an embedding of the model."""
    statement = (
        select(func.count())
        .select_from(passage)
        .join(embedding, embedding.c.digest == passage.c.digest)
        .where(passage.c.repository_id == repository_id, embedding.c.model_id == model_id(connection, fingerprint))
    )
    return connection.execute(statement).scalar_one()


def read(
    connection: Connection, fingerprint: str, passage_ids: NDArray[np.int64]
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.float16]]]:
    """Yield the embeddings of passages in batches: (ids, shape (n,)), (vectors, shape (n, dimension), float16)."""
    import numpy as np

    known_model = model_id(connection, fingerprint)
    length = dimension(connection, fingerprint) or 0
    for start in range(0, len(passage_ids), _VECTORS_PER_BATCH):
        wanted = passage_ids[start : start + _VECTORS_PER_BATCH].tolist()
        statement = (
            select(passage.c.id, embedding.c.vector)
            .join(embedding, embedding.c.digest == passage.c.digest)
            .where(passage.c.id.in_(id_list(wanted)), embedding.c.model_id == known_model)
            .order_by(passage.c.id)
        )
        rows = connection.execute(statement).all()
        vectors = np.frombuffer(b"".join(row.vector for row in rows), dtype=STORED).reshape(len(rows), length)
        yield np.array([row.id for row in rows], dtype=np.int64), vectors.astype(np.float16, copy=False)


def of_definition(
    connection: Connection, repository_id: int, fingerprint: str, definition_id: int
) -> NDArray[np.float32]:
    """Return the embeddings of a definition's passages, shape (those that have one, dimension), in their order."""
    import numpy as np

    statement = select(passage.c.id).where(
        passage.c.definition_id == definition_id, passage.c.repository_id == repository_id
    )
    found = [vectors for _, vectors in read(connection, fingerprint, read_ids(connection, statement))]
    empty = np.empty((0, dimension(connection, fingerprint) or 0), STORED)
    return np.concatenate([empty, *found]).astype(np.float32)


def remove_unused(connection: Connection) -> int:
    """Remove the embeddings that no passage of any repository has; return how many."""
    used = exists().where(passage.c.digest == embedding.c.digest)
    return connection.execute(delete(embedding).where(~used)).rowcount


def _model(connection: Connection, fingerprint: str, length: int) -> int:
    known = connection.execute(select(model.c.id, model.c.dimension).where(model.c.fingerprint == fingerprint)).first()
    if known is None:
        added = insert(model).values(fingerprint=fingerprint, dimension=length).returning(model.c.id)
        return int(connection.execute(added).scalar_one())
    if known.dimension != length:
        raise ValueError(f"vectors of {length} dimensions for a model of {known.dimension}")
    return int(known.id)


def _embedded(known_model: int | None) -> tuple[ColumnElement[bool], ...]:
    return (embedding.c.model_id == known_model, embedding.c.digest == passage.c.digest)


def _batches(digests: Sequence[bytes]) -> Iterator[Sequence[bytes]]:
    for start in range(0, len(digests), _DIGESTS_PER_STATEMENT):
        yield digests[start : start + _DIGESTS_PER_STATEMENT]
