"""The format of the library on disk: tables, versions and the reasons for their shape.

A library is one folder:

    library.sqlite3                  the database; beside it, while it is open, its -wal and -shm
    vectors/ID-MODEL-GENERATION.EXT  vectors of one repository and model, derived (see `vector_files`)
    locks/ID.lock                    held by the process that writes the repository ID

The database is the truth and the vector files follow from it: they may be deleted at any time.

    repository   a root that was indexed. `generation` grows in the same transaction as any change to what a search of
                 this repository can find; everything derived from the rows carries the generation it was derived from.
    source_file  every file that was looked at, the skipped ones too (`skip_reason` is then not empty).
    definition   the unit of search, in one piece with its code.
    passage      what the encoder read: digest of the text and lines. The text itself can be made again, so is not kept.
    model        fingerprints of encoders and their dimension.
    embedding    (model, digest of a passage) -> unit vector, IEEE half precision, little-endian. It belongs to no
                 repository: equal passages, in whatever clone or branch, are embedded once.
    summary      digest of a decoder and the code that it read -> the line that it wrote, empty where that said nothing.
                 It belongs to no repository either.
    definition_summary  which summary a definition has: its words are in the column `documentation` of the FTS5 table.
    summary_setting  the repositories that want summaries: of which decoder, and the last definition that was asked for.
    definition_text_ID  one FTS5 table for each repository, rowid = definition.id: the words of its definitions, split
                 by `lexical`. One table each because BM25 weighs a word by the number of rows that have it: results
                 must not depend on what else is in the library, and removing a repository is dropping a table.

Worked example. The function `def read_text(path)` of lib/files.py, in the repository 7:

    definition          id 31, kind function, name read_text, qualified_name read_text, ...
    passage             id 58, definition_id 31, digest 9f..., lines 4-6
    embedding           model_id 1, digest 9f..., 512 bytes for a model of 256 dimensions
    definition_text_7   rowid 31, name "read text readtext read text readtext", path "lib files py", ...
    vectors/7-...faiss  the vector of 9f... under the id 58

Ids of repositories, definitions and passages are never used twice (AUTOINCREMENT): a vector or a search result that is
a little older than the rows can name something that is gone, never something else.

`SCHEMA_VERSION` is kept in the database's `user_version`. Raise it with any change to a table or to what `lexical`
makes of a text; a library of another version is refused with `LibraryVersionMismatch`, never misread. Tables that came
later and change nothing of the others (`ADDED`) are made where they are missing: who does not know them can do without.
This module leaves opening to `database` and every query to the modules named after what they ask.
"""

from __future__ import annotations

import json
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    Column,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Select,
    String,
    Table,
    TableClause,
    UniqueConstraint,
    collate,
    column,
    func,
    select,
    table,
)
from sqlalchemy.types import TypeDecorator

from store.prepared import storable

if TYPE_CHECKING:
    from collections.abc import Iterable

SCHEMA_VERSION = 1

# A file name that is not valid UTF-8 reaches us with each bad byte as a lone surrogate (PEP 383), which SQLite cannot
# store. Shifted into the last private-use plane it can, and comes back unchanged.
_SURROGATES = range(0xDC80, 0xDD00)
_SHIFT = 0x10FC80 - 0xDC80
_TO_STORED = {code: code + _SHIFT for code in _SURROGATES}
_FROM_STORED = {code + _SHIFT: code for code in _SURROGATES}


class FilePath(TypeDecorator[str]):
    """A path as text, any bytes in it kept."""

    impl = String
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:  # noqa: ANN401, ARG002 - the base's signature
        """Make the text storable."""
        return value if value is None else self.storable(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:  # noqa: ANN401, ARG002 - the base's signature
        """Undo `process_bind_param`."""
        return value if value is None else self.readable(value)

    @staticmethod
    def storable(path: str) -> str:
        """Return the text that a path is stored as."""
        return path if path.isascii() else path.translate(_TO_STORED)

    @staticmethod
    def readable(stored: str) -> str:
        """Return the path that is stored like this."""
        return stored if stored.isascii() else stored.translate(_FROM_STORED)


class SourceText(TypeDecorator[str]):
    """Text from a source file; a lone surrogate, which SQLite cannot store, becomes a question mark."""

    impl = String
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:  # noqa: ANN401, ARG002 - the base's signature
        """Make the text storable."""
        return value if value is None else storable(value)


metadata = MetaData()


def _owner(parent: str, *, index: bool = False) -> Column[int]:
    name = parent.removesuffix(".id").removeprefix("source_") + "_id"
    return Column(name, Integer, ForeignKey(parent, ondelete="CASCADE"), nullable=False, index=index)


repository = Table(
    "repository",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("root", FilePath, nullable=False, unique=True),
    Column("generation", Integer, nullable=False),
    Column("indexed_at", Float),  # seconds since 1970, UTC
    Column("model", String, nullable=False),  # the fingerprint of the model that searches use; empty: none yet
    sqlite_autoincrement=True,
)

source_file = Table(
    "source_file",
    metadata,
    Column("id", Integer, primary_key=True),
    _owner("repository.id"),
    Column("path", FilePath, nullable=False),
    Column("language", String, nullable=False),
    Column("size", Integer, nullable=False),
    Column("modified_ns", Integer, nullable=False),
    Column("digest", LargeBinary, nullable=False),
    Column("skip_reason", SourceText, nullable=False),
    UniqueConstraint("repository_id", "path"),
    sqlite_autoincrement=True,
)

definition = Table(
    "definition",
    metadata,
    Column("id", Integer, primary_key=True),
    _owner("source_file.id"),
    _owner("repository.id", index=True),
    Column("kind", String, nullable=False),
    Column("name", SourceText, nullable=False),
    Column("qualified_name", SourceText, nullable=False),
    Column("signature", SourceText, nullable=False),
    Column("start_line", Integer, nullable=False),
    Column("end_line", Integer, nullable=False),
    Column("start_byte", Integer, nullable=False),
    Column("end_byte", Integer, nullable=False),
    Column("documentation", SourceText, nullable=False),
    Column("code", SourceText, nullable=False),  # last: SQLite reaches the columns before it without reading it
    Index("ix_definition_file_kind", "file_id", "kind"),
    sqlite_autoincrement=True,
)

# Who asks for a name writes it in any case.
Index("ix_definition_name", definition.c.repository_id, collate(definition.c.name, "NOCASE"))

passage = Table(
    "passage",
    metadata,
    Column("id", Integer, primary_key=True),
    _owner("definition.id", index=True),
    _owner("repository.id", index=True),
    Column("digest", LargeBinary, nullable=False),
    Column("start_line", Integer, nullable=False),
    Column("end_line", Integer, nullable=False),
    Index("ix_passage_digest_repository", "digest", "repository_id"),
    sqlite_autoincrement=True,
)

model = Table(
    "model",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("fingerprint", String, nullable=False, unique=True),
    Column("dimension", Integer, nullable=False),
)

embedding = Table(
    "embedding",
    metadata,
    Column("model_id", Integer, ForeignKey("model.id", ondelete="CASCADE"), primary_key=True),
    Column("digest", LargeBinary, primary_key=True),
    Column("vector", LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)

summary = Table(
    "summary",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("digest", LargeBinary, nullable=False, unique=True),
    Column("text", SourceText, nullable=False),
)

definition_summary = Table(
    "definition_summary",
    metadata,
    Column("definition_id", Integer, ForeignKey("definition.id", ondelete="CASCADE"), primary_key=True),
    _owner("repository.id", index=True),
    Column("summary_id", Integer, ForeignKey("summary.id"), nullable=False, index=True),
)

summary_setting = Table(
    "summary_setting",
    metadata,
    Column("repository_id", Integer, ForeignKey("repository.id", ondelete="CASCADE"), primary_key=True),
    Column("writer", String, nullable=False),  # the fingerprint of the decoder
    Column("through", Integer, nullable=False),  # the id of a definition; all up to it have what summary they can have
)

ADDED = (summary, definition_summary, summary_setting)

TEXT_COLUMNS = ("name", "path", "documentation", "body")

# Accents are folded and English endings dropped ("parsing" finds "parse"); identifiers are split before (`lexical`).
TOKENIZER = "porter unicode61 remove_diacritics 2"


@lru_cache(maxsize=1024)
def definition_text(repository_id: int) -> TableClause:
    """Return the FTS5 table of a repository, for use in queries."""
    return table(f"definition_text_{repository_id}", column("rowid"), *(column(name) for name in TEXT_COLUMNS))


def create_definition_text(repository_id: int) -> str:
    """Return the statement that creates the FTS5 table of a repository."""
    name = definition_text(repository_id).name
    return f"CREATE VIRTUAL TABLE {name} USING fts5({', '.join(TEXT_COLUMNS)}, tokenize='{TOKENIZER}')"


def drop_definition_text(repository_id: int) -> str:
    """Return the statement that drops the FTS5 table of a repository."""
    return f"DROP TABLE IF EXISTS {definition_text(repository_id).name}"


def id_list(ids: Iterable[int]) -> Select[tuple[int]]:
    """Return a query that yields the ids: they travel as one parameter, however many there are."""
    values = func.json_each(json.dumps(list(map(int, ids)))).table_valued("value")
    return select(values.c.value)
