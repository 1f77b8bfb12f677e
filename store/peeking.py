"""One question to the database that cannot wait until the layer above SQLite is loaded: with which model to begin.

SQLAlchemy takes longer to load than a model does. Who knows the model's name from here can load both side by side.
The answer is a guess: what holds is said by `Repository.model`.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

DATABASE_NAME = "library.sqlite3"


def likely_model(folder: Path, path: Path) -> str:
    """Return the fingerprint of the model that the repository of `path` is searched with; empty when not known.

    `folder` is the library's, and not made. Nothing is waited for or raised.
    """
    try:
        path = path.resolve()
        roots = [str(path), *map(str, path.parents)]
        marks = ", ".join("?" * len(roots))
        statement = f"SELECT model FROM repository WHERE root IN ({marks}) ORDER BY length(root) DESC LIMIT 1"
        database = folder.expanduser().absolute() / DATABASE_NAME
        with closing(sqlite3.connect(f"{database.as_uri()}?mode=ro", timeout=0, uri=True)) as connection:
            row = connection.execute(statement, roots).fetchone()
    # No library yet, or not ours; a name that is not UTF-8; links in a circle; a home folder that nobody knows.
    except (sqlite3.Error, UnicodeError, OSError, RuntimeError):
        return ""
    return str(row[0]) if row else ""
