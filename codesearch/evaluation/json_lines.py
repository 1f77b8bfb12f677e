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


class Row(dict[str, Any]):
    """One JSON object of a file in `folder`; `place` is what people find it by: "queries.jsonl, line 3"."""

    __slots__ = ("folder", "place")

    def __init__(self, folder: Path, place: str, fields: dict[str, Any]) -> None:
        super().__init__(fields)
        self.folder, self.place = folder, place

    def field(self, name: str) -> object:
        """Return the value of a field. Raises EvaluationFolderInvalid, which names the fields that there are."""
        if name not in self:
            raise self.wrong(f"no field {name!r}, only {', '.join(sorted(self))}")
        return self[name]

    def wrong(self, what: str) -> EvaluationFolderInvalid:
        """Return the error that says where the object stands and what is wrong with it."""
        return EvaluationFolderInvalid(self.folder, f"{self.place}: {what}")


def read_rows(folder: Path, name: str) -> Iterator[Row]:
    """Yield the JSON objects of `name`.jsonl or `name`.jsonl.gz. Raises EvaluationFolderInvalid."""
    plain, zipped = folder / f"{name}.jsonl", folder / f"{name}.jsonl.gz"
    path = plain if plain.is_file() else zipped
    if not path.is_file():
        raise EvaluationFolderInvalid(folder, f"{name}.jsonl or {name}.jsonl.gz is missing")
    yield from rows_of(path)


def rows_of(path: Path) -> Iterator[Row]:
    """Yield the JSON objects of one file, gzipped if its name ends so. Raises EvaluationFolderInvalid."""
    folder = path.parent
    try:
        with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8") as lines:
            for number, line in enumerate(lines, 1):
                yield _row(folder, f"{path.name}, line {number}", line)
    except (OSError, EOFError, zlib.error, UnicodeDecodeError) as error:
        raise EvaluationFolderInvalid(folder, f"{path.name}: {error}") from error


def _row(folder: Path, place: str, line: str) -> Row:
    try:
        fields = json.loads(line)
    except json.JSONDecodeError as error:
        raise EvaluationFolderInvalid(folder, f"{place}: not JSON") from error
    if not isinstance(fields, dict):
        raise EvaluationFolderInvalid(folder, f"{place}: not an object")
    return Row(folder, place, fields)
