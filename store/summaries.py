"""Summaries: the lines that a decoder writes of functions without documentation, kept by what it read.

Like embeddings they belong to no repository: equal code, in whatever clone or branch, is read once. Whether a
repository wants them, and which of its definitions have them, is kept here, too. Writing them is for the folder above.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, bindparam, delete, exists, func, select, update
from sqlalchemy.dialects.sqlite import insert

from store import catalogue, full_text
from store.errors import RepositoryRemoved
from store.lexical import indexed_text
from store.records import Kind
from store.tables import definition, definition_summary, id_list, summary, summary_setting

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from sqlalchemy import Select

    from store.database import Database
    from store.records import StoredDefinition

# What a line can say of: a type is its outline and speaks for itself, a block has no name.
SUMMARISED_KINDS = (Kind.FUNCTION, Kind.METHOD, Kind.CONSTRUCTOR)

# SQLite 3.32 and later take 32,766 parameters; a thousand digests at a time stay far below on any build.
_DIGESTS_PER_STATEMENT = 1_000


class Summaries:
    """The summaries of one repository.

    `repository_id` is its id in `database`, `root` its root. Every method raises `LibraryUnreadable` for a damaged
    database; those that write are for who holds `Repository.writing`, and raise `RepositoryRemoved` and
    `LibraryNotWritable`.
    """

    def __init__(self, database: Database, repository_id: int, root: Path) -> None:
        self._database = database
        self._id = repository_id
        self._root = root

    @property
    def writer(self) -> str:
        """The fingerprint of the decoder whose summaries the repository wants; empty when it wants none."""
        with self._database.reading() as connection:
            return self._setting(connection)[0]

    def begin(self, writer: str) -> None:
        """Want the summaries of this decoder from now on. Those of another stay until they are replaced."""
        if self.writer == writer:
            return
        row = {"repository_id": self._id, "writer": writer, "through": 0}
        with self._database.writing() as connection:
            if catalogue.state(connection, self._id).generation < 0:
                raise RepositoryRemoved(self._root)
            statement = insert(summary_setting).values(row)
            connection.execute(statement.on_conflict_do_update(index_elements=["repository_id"], set_=row))

    def end(self) -> None:
        """Want none any more. Definitions keep what they have until it is taken out."""
        with self._database.writing() as connection:
            connection.execute(delete(summary_setting).where(summary_setting.c.repository_id == self._id))

    def count(self) -> int:
        """Return how many definitions have a summary that says something."""
        own = (definition_summary.c.repository_id == self._id, summary.c.text != "")
        with self._database.reading() as connection:
            statement = select(func.count()).select_from(definition_summary).join(summary).where(*own)
            return connection.execute(statement).scalar_one()

    def count_pending(self) -> int:
        """Return how many definitions wait for the summary that the repository wants."""
        with self._database.reading() as connection:
            return connection.execute(select(func.count()).select_from(self._waiting().subquery())).scalar_one()

    def pending(self, limit: int) -> list[StoredDefinition]:
        """Return the first `limit` definitions, by id, that wait for the summary that the repository wants."""
        return self._definitions(self._waiting().order_by(definition.c.id).limit(limit))

    def skip_others(self) -> None:
        """Note that no definition waits: what is not `pending` now need not be looked at again."""
        last = select(func.max(definition.c.id)).where(definition.c.repository_id == self._id)
        with self._database.reading() as connection:
            through = connection.execute(last).scalar() or 0
            if through <= self._setting(connection)[1]:
                return
        with self._database.writing() as connection:
            self._advance(connection, through)

    def kept(self, digests: Sequence[bytes]) -> dict[bytes, str]:
        """Return the texts that are kept under these digests, of whatever repository."""
        found: dict[bytes, str] = {}
        with self._database.reading() as connection:
            for start in range(0, len(digests), _DIGESTS_PER_STATEMENT):
                batch = digests[start : start + _DIGESTS_PER_STATEMENT]
                rows = connection.execute(select(summary.c.digest, summary.c.text).where(summary.c.digest.in_(batch)))
                found.update((row.digest, row.text) for row in rows)
        return found

    def keep(self, texts: Mapping[bytes, str]) -> None:
        """Keep texts by digest, all of them or none; one that is there stays."""
        rows = [{"digest": digest, "text": text} for digest, text in texts.items()]
        if rows:
            with self._database.writing() as connection:
                connection.execute(insert(summary).on_conflict_do_nothing(), rows)

    def give(self, digests: Mapping[int, bytes]) -> None:
        """Give definitions (by id) the summaries that are kept under these digests; no others up to them wait."""
        with self._database.writing() as connection:
            if not catalogue.bump_generation(connection, self._id):
                raise RepositoryRemoved(self._root)
            self._take(connection, list(digests))
            wanted = select(summary.c.id).where(summary.c.digest == bindparam("wanted")).scalar_subquery()
            statement = insert(definition_summary).values(
                definition_id=bindparam("owner"), repository_id=self._id, summary_id=wanted
            )
            connection.execute(statement, [{"owner": owner, "wanted": digest} for owner, digest in digests.items()])
            texts = select(definition_summary.c.definition_id, summary.c.text).join(summary)
            rows = connection.execute(texts.where(definition_summary.c.definition_id.in_(id_list(digests))))
            full_text.set_documentation(connection, self._id, {owner: indexed_text(text) for owner, text in rows})
            self._advance(connection, max(digests))

    def given(self, limit: int) -> list[StoredDefinition]:
        """Return the first `limit` definitions, by id, that were given a summary, be it an empty one."""
        own = select(definition_summary.c.definition_id).where(definition_summary.c.repository_id == self._id)
        return self._definitions(own.order_by(definition_summary.c.definition_id).limit(limit))

    def take_back(self, ids: Sequence[int]) -> None:
        """Take the summaries of definitions (by id) away. The texts stay kept."""
        with self._database.writing() as connection:
            if not catalogue.bump_generation(connection, self._id):
                raise RepositoryRemoved(self._root)
            self._take(connection, ids)
            full_text.set_documentation(connection, self._id, dict.fromkeys(ids, ""))

    def _waiting(self) -> Select[Any]:
        wants = summary_setting.c.repository_id == definition.c.repository_id
        return (
            select(definition.c.id)
            .join(summary_setting, wants)
            .where(
                definition.c.repository_id == self._id,
                definition.c.id > summary_setting.c.through,
                definition.c.kind.in_(SUMMARISED_KINDS),
                definition.c.documentation == "",
            )
        )

    def _definitions(self, wanted: Select[Any]) -> list[StoredDefinition]:
        with self._database.reading() as connection:
            ids = [row[0] for row in connection.execute(wanted)]
            return catalogue.definitions(connection, (self._id, self._root), ids)

    def _setting(self, connection: Connection) -> tuple[str, int]:
        # As text: every search asks for it.
        statement = "SELECT writer, through FROM summary_setting WHERE repository_id = ?"
        row = connection.exec_driver_sql(statement, (self._id,)).first()
        return ("", 0) if row is None else (row.writer, row.through)

    def _advance(self, connection: Connection, through: int) -> None:
        own = summary_setting.c.repository_id == self._id
        connection.execute(update(summary_setting).where(own).values(through=through))

    @staticmethod
    def _take(connection: Connection, ids: Sequence[int]) -> None:
        owners = definition_summary.c.definition_id.in_(id_list(ids))
        connection.execute(delete(definition_summary).where(owners))


def remove_unused(connection: Connection) -> None:
    """Remove the summaries that no definition of any repository has."""
    used = exists().where(definition_summary.c.summary_id == summary.c.id)
    connection.execute(delete(summary).where(~used))
