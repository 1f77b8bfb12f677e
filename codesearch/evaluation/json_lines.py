"""The files of a judged set: JSON objects, one a line, gzipped or not.

What the fields mean is for `judged_set` and `judged_pairs`; whatever is wrong is an EvaluationFolderInvalid.
"""

from __future__ import annotations

import gzip
import json
import zlib
from typing import TYPE_CHECKING, Any

from codesearch.errors import EvaluationFolderInvalid

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def read_rows(folder: Path, name: str) -> Iterator[dict[str, Any]]:
    """Yield the JSON objects of `name`.jsonl or `name`.jsonl.gz. Raises EvaluationFolderInvalid."""
    plain, zipped = folder / f"{name}.jsonl", folder / f"{name}.jsonl.gz"
    path = plain if plain.is_file() else zipped
    if not path.is_file():
        raise EvaluationFolderInvalid(folder, f"{name}.jsonl or {name}.jsonl.gz is missing")
    yield from rows_of(path)


def rows_of(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the JSON objects of one file, gzipped if its name ends so. Raises EvaluationFolderInvalid."""
    folder = path.parent
    try:
        with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8") as lines:
            for number, line in enumerate(lines, 1):
                yield _row(folder, path, number, line)
    except (OSError, EOFError, zlib.error, UnicodeDecodeError) as error:
        raise EvaluationFolderInvalid(folder, f"{path.name}: {error}") from error


def field_of(folder: Path, row: dict[str, Any], name: str) -> object:
    """Return the value of a field. Raises EvaluationFolderInvalid, which names the fields that there are."""
    if name not in row:
        raise EvaluationFolderInvalid(folder, f"an entry has no field {name!r}, only {', '.join(sorted(row))}")
    return row[name]


def _row(folder: Path, path: Path, number: int, line: str) -> dict[str, Any]:
    try:
        row = json.loads(line)
    except json.JSONDecodeError as error:
        raise EvaluationFolderInvalid(folder, f"{path.name}, line {number}: not JSON") from error
    if not isinstance(row, dict):
        raise EvaluationFolderInvalid(folder, f"{path.name}, line {number}: not an object")
    return row
