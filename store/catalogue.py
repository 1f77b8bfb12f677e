"""The queries for repositories, files, definitions and passages.

Functions on an open connection; a transaction is the caller's (`repository`, `library`). Words are in
`full_text`, vectors in `embeddings` and `dense`.
"""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import (
    Connection,
    Table,
    bindparam,
    collate,
    delete,
    func,
    insert,
    literal_column,
    select,
    table,
    update,
)
from sqlalchemy.sql import column

from store import full_text
from store.database import plain_rows
from store.filters import allowed_definitions
from store.records import Definition, Filters, Heading, Kind, SourceFile, Statistics, StoredDefinition
from store.tables import FilePath, definition, id_list, passage, repository, source_file

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from store.counts import Counted
    from store.prepared import PreparedFile

_SEQUENCE = table("sqlite_sequence", column("name"), column("seq"))

# SQLite 3.32 and later take 32,766 parameters; a thousand paths at a time stay far below on any build.
_PATHS_PER_STATEMENT = 1_000

_FILES = """
    SELECT path, language, size, modified_ns, digest, skip_reason FROM source_file WHERE repository_id = ? ORDER BY path
"""

# As text, too: what SQLAlchemy does for a hundred rows takes two thirds of the time that they take.
_DEFINITIONS = """
    SELECT definition.id, path, language, kind, name, qualified_name, signature, documentation, code, start_line,
        end_line, start_byte, end_byte, coalesce((SELECT text FROM definition_summary JOIN summary
            ON summary.id = summary_id WHERE definition_id = definition.id), '')
    FROM definition JOIN source_file ON source_file.id = definition.file_id
    WHERE definition.id IN (SELECT value FROM json_each(?)) AND definition.repository_id = ?
"""
_HEADINGS = """
    SELECT definition.id, path, kind, name, qualified_name
    FROM definition JOIN source_file ON source_file.id = definition.file_id
    WHERE definition.id IN (SELECT value FROM json_each(?)) AND definition.repository_id = ?
"""
_STATE = "SELECT generation, indexed_at, model FROM repository WHERE id = ?"
_KINDS = {kind.value: kind for kind in Kind}


class State(NamedTuple):
    """A repository as a whole.

    `generation` is -1 when there is no such repository (any more), `indexed_at` the end of the last complete run, and
    `model` the fingerprint of the model that searches use (empty: none yet).
    """

    generation: int
    indexed_at: datetime | None
    model: str


def bump_generation(connection: Connection, repository_id: int) -> bool:
    """Count a change to what a search can find; return whether the repository exists."""
    statement = update(repository).where(repository.c.id == repository_id)
    return connection.execute(statement.values(generation=repository.c.generation + 1)).rowcount == 1


def state(connection: Connection, repository_id: int) -> State:
    """Return what is known of a repository as a whole. As text: every step of a search asks for some of it."""
    row = connection.exec_driver_sql(_STATE, (repository_id,)).first()
    if row is None:
        return State(-1, None, "")
    generation, moment, model = row
    return State(generation, None if moment is None else datetime.fromtimestamp(moment, UTC), model)


def files(connection: Connection, repository_id: int) -> dict[str, SourceFile]:
    """Return all known files by path, in the order of the paths."""
    # As text and plain tuples: a run of the indexer asks for all of them, and row objects would take most of its time.
    readable = FilePath.readable
    return {
        (name := readable(path)): SourceFile(name, language, size, modified_ns, digest, reason)
        for path, language, size, modified_ns, digest, reason in plain_rows(connection, _FILES, (repository_id,))
    }


def save_files(connection: Connection, repository_id: int, prepared: Sequence[PreparedFile]) -> None:
    """Put files with all their rows in the place of what was known of them; the last of equal paths counts."""
    by_path = {one.source_file.path: one for one in prepared}
    remove_files(connection, repository_id, by_path)
    first_file, first_definition, first_passage = (
        _last_id(connection, kept) + 1 for kept in (source_file, definition, passage)
    )
    # Ids are given out here and not by SQLite, so that each table takes one statement for the whole batch. Nobody else
    # can take the same ones: this transaction holds the write lock.
    files = list(enumerate(by_path.values(), start=first_file))
    if files:
        rows = [_file_row(repository_id, file_id, one.source_file) for file_id, one in files]
        connection.execute(insert(source_file), rows)
    owners = enumerate(((file_id, row) for file_id, one in files for row in one.definitions), start=first_definition)
    _insert(connection, definition, [(number, owner, repository_id, *row) for number, (owner, row) in owners])
    groups = enumerate((group for _, one in files for group in one.passages), start=first_definition)
    owned = enumerate(((owner, row) for owner, group in groups for row in group), start=first_passage)
    _insert(connection, passage, [(number, owner, repository_id, *row) for number, (owner, row) in owned])
    words = enumerate((row for _, one in files for row in one.words), start=first_definition)
    full_text.add(connection, repository_id, [(number, *row) for number, row in words])


def touch_files(connection: Connection, repository_id: int, seen: Sequence[SourceFile]) -> None:
    """Set size and modification time of known files."""
    if not seen:
        return
    statement = (
        update(source_file)
        .where(source_file.c.repository_id == repository_id, source_file.c.path == bindparam("known_path"))
        .values(size=bindparam("new_size"), modified_ns=bindparam("new_time"))
    )
    rows = [{"known_path": one.path, "new_size": one.size, "new_time": one.modified_ns} for one in seen]
    connection.execute(statement, rows)


def remove_files(connection: Connection, repository_id: int, paths: Iterable[str]) -> int:
    """Remove files with their definitions, passages and words; return how many of them were known."""
    ids = _file_ids(connection, repository_id, paths)
    if not ids:
        return 0
    owned = connection.scalars(select(definition.c.id).where(definition.c.file_id.in_(id_list(ids)))).all()
    if owned:
        full_text.remove(connection, repository_id, owned)
    connection.execute(delete(source_file).where(source_file.c.id.in_(id_list(ids))))
    return len(ids)


def definitions(connection: Connection, owner: tuple[int, Path], ids: Sequence[int]) -> list[StoredDefinition]:
    """Return the definitions of a repository (its id and root) in the order of their ids; others are left out."""
    root, readable = owner[1], FilePath.readable
    found = {
        number: StoredDefinition(number, root, readable(path), language, Definition(_KINDS[kind], *values))
        for number, path, language, kind, *values in _rows(connection, _DEFINITIONS, owner[0], ids)
    }
    return [found[one] for one in ids if one in found]


def headings(connection: Connection, owner: tuple[int, Path], ids: Sequence[int]) -> list[Heading]:
    """Return the names and places of definitions of a repository (its id and root), in any order."""
    root, readable = owner[1], FilePath.readable
    return [
        Heading(number, root, readable(path), _KINDS[kind], name, qualified_name)
        for number, path, kind, name, qualified_name in _rows(connection, _HEADINGS, owner[0], ids)
    ]


def named(connection: Connection, repository_id: int, name: str, limit: int, filters: Filters) -> list[int]:
    """Return the ids of the definitions called so, in whatever case; those in the very case come first, then by id."""
    statement = select(definition.c.id).where(
        definition.c.repository_id == repository_id,
        collate(definition.c.name, "NOCASE") == name,
        definition.c.kind.not_in([Kind.BLOCK, Kind.WINDOW]),
    )
    if filters:
        statement = statement.where(definition.c.id.in_(allowed_definitions(repository_id, filters)))
    ordered = statement.order_by((definition.c.name == name).desc(), definition.c.id).limit(limit)
    return list(connection.scalars(ordered))


def last_definition(connection: Connection) -> int:
    """Return the highest id that any definition was ever given; 0 when there was none."""
    return _last_id(connection, definition)


def statistics(
    connection: Connection, repository_id: int, counted: Counted, as_indexed: tuple[datetime | None, str]
) -> Statistics:
    """Return what is known of a repository; `as_indexed` is when it was and with which model (see `State`)."""
    indexed, skipped = count_files(connection, repository_id)
    kinds = count_definitions(connection, repository_id)
    return Statistics(indexed, skipped, kinds, counted.passages, counted.embedded, *as_indexed)


def count_files(connection: Connection, repository_id: int) -> tuple[dict[str, int], dict[str, int]]:
    """Return the number of indexed files by language and of skipped files by reason, the most frequent first."""
    statement = (
        select(source_file.c.language, source_file.c.skip_reason, func.count())
        .where(source_file.c.repository_id == repository_id)
        .group_by(source_file.c.language, source_file.c.skip_reason)
    )
    indexed: Counter[str] = Counter()
    skipped: Counter[str] = Counter()
    for language, reason, count in connection.execute(statement):
        (skipped if reason else indexed)[reason or language] += count
    return _most_frequent(indexed), _most_frequent(skipped)


def count_all_definitions(connection: Connection, repository_id: int) -> int:
    """Return the number of definitions of a repository; an index answers it."""
    statement = select(func.count()).select_from(definition).where(definition.c.repository_id == repository_id)
    return connection.execute(statement).scalar_one()


def count_definitions(connection: Connection, repository_id: int) -> dict[Kind, int]:
    """Return the number of definitions by kind, the most frequent first."""
    statement = (
        select(definition.c.kind, func.count())
        .join(source_file, source_file.c.id == definition.c.file_id)
        .where(source_file.c.repository_id == repository_id)
        .group_by(definition.c.kind)
    )
    counted = _most_frequent({row[0]: row[1] for row in connection.execute(statement)})
    return {Kind(kind): count for kind, count in counted.items()}


def count_passages(connection: Connection, repository_id: int) -> int:
    """Return the number of passages of a repository."""
    statement = select(func.count()).select_from(passage).where(passage.c.repository_id == repository_id)
    return connection.execute(statement).scalar_one()


def _most_frequent(counts: Mapping[str, int]) -> dict[str, int]:
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def _rows(connection: Connection, statement: str, repository_id: int, ids: Sequence[int]) -> Sequence[Any]:
    """Return the rows of a statement that takes ids, all as one parameter, and their repository."""
    return plain_rows(connection, statement, (json.dumps(list(map(int, ids))), repository_id))


def _insert(connection: Connection, into: Table, rows: Sequence[tuple[object, ...]]) -> None:
    """Insert rows that have every column of a table, in its order, and are ready to be stored.

    Straight to the driver: SQLAlchemy would make a dictionary and a tuple of each row, which takes longer than SQLite.
    """
    if rows:
        marks = ", ".join("?" * len(into.columns))
        names = ", ".join(into.columns.keys())
        connection.exec_driver_sql(f"INSERT INTO {into.name} ({names}) VALUES ({marks})", list(rows))


def _last_id(connection: Connection, kept: Table) -> int:
    # Of all ids ever given out, also to rows that are gone.
    statement = select(_SEQUENCE.c.seq).where(_SEQUENCE.c.name == literal_column(f"'{kept.name}'"))
    return connection.execute(statement).scalar() or 0


def _file_ids(connection: Connection, repository_id: int, paths: Iterable[str]) -> list[int]:
    remaining = iter(paths)
    ids: list[int] = []
    while batch := list(islice(remaining, _PATHS_PER_STATEMENT)):
        known = select(source_file.c.id).where(
            source_file.c.repository_id == repository_id, source_file.c.path.in_(batch)
        )
        ids.extend(connection.scalars(known))
    return ids


def _file_row(repository_id: int, file_id: int, seen: SourceFile) -> dict[str, object]:
    return {
        "id": file_id,
        "repository_id": repository_id,
        "path": seen.path,
        "language": seen.language,
        "size": seen.size,
        "modified_ns": seen.modified_ns,
        "digest": seen.digest,
        "skip_reason": seen.skip_reason,
    }
