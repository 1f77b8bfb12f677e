"""Reading a judged set: a folder with queries, a corpus and relevance judgements as JSON lines, gzipped or not.

The files are `queries.jsonl[.gz]` with {id, query}, `corpus.jsonl[.gz]` with {id, language, code, ...} and
`qrels.jsonl[.gz]` with {query_id, doc_id, relevance}.
"""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from codesearch.errors import EvaluationFolderInvalid

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Document:
    """One document of the corpus."""

    id: str
    language: str
    code: str


@dataclass(frozen=True, slots=True)
class JudgedQuery:
    """A query and the relevance of each judged document (by id); at least one is relevant."""

    id: str
    text: str
    relevance: dict[str, float]


@dataclass(frozen=True, slots=True)
class JudgedSet:
    """A corpus with queries whose right answers are known."""

    name: str
    documents: tuple[Document, ...]
    queries: tuple[JudgedQuery, ...]


def read_judged_set(folder: Path, code_field: str = "code", limit: int | None = None) -> JudgedSet:
    """Read the set in `folder`; `code_field` names the corpus field that is searched, `limit` keeps the first queries.

    Queries without a relevant document are left out. Raises EvaluationFolderInvalid when a file is missing or a line
    is not what it should be.
    """
    documents = tuple(
        Document(str(_field(folder, row, "id")), str(row.get("language", "")), str(_field(folder, row, code_field)))
        for row in _rows(folder, "corpus")
    )
    relevance: dict[str, dict[str, float]] = {}
    for row in _rows(folder, "qrels"):
        grades = relevance.setdefault(str(_field(folder, row, "query_id")), {})
        grades[str(_field(folder, row, "doc_id"))] = float(row.get("relevance", 1))
    queries = [
        JudgedQuery(str(_field(folder, row, "id")), str(_field(folder, row, "query")), relevance[str(row["id"])])
        for row in _rows(folder, "queries")
        if any(grade > 0 for grade in relevance.get(str(row.get("id")), {}).values())
    ]
    if not queries:
        raise EvaluationFolderInvalid(folder, "no query has a relevant document")
    return JudgedSet(folder.resolve().name, documents, tuple(queries[:limit]))


def _rows(folder: Path, name: str) -> Iterator[dict[str, Any]]:
    """Yield the JSON objects of `name`.jsonl or `name`.jsonl.gz."""
    plain, zipped = folder / f"{name}.jsonl", folder / f"{name}.jsonl.gz"
    path = plain if plain.is_file() else zipped
    if not path.is_file():
        raise EvaluationFolderInvalid(folder, f"{name}.jsonl or {name}.jsonl.gz is missing")
    try:
        with gzip.open(path, "rt", encoding="utf-8") if path == zipped else path.open(encoding="utf-8") as lines:
            for number, line in enumerate(lines, 1):
                yield _row(folder, path, number, line)
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise EvaluationFolderInvalid(folder, f"{path.name}: {error}") from error


def _row(folder: Path, path: Path, number: int, line: str) -> dict[str, Any]:
    try:
        row = json.loads(line)
    except json.JSONDecodeError as error:
        raise EvaluationFolderInvalid(folder, f"{path.name}, line {number}: not JSON") from error
    if not isinstance(row, dict):
        raise EvaluationFolderInvalid(folder, f"{path.name}, line {number}: not an object")
    return row


def _field(folder: Path, row: dict[str, Any], name: str) -> object:
    if name not in row:
        raise EvaluationFolderInvalid(folder, f"an entry has no field {name!r}, only {', '.join(sorted(row))}")
    return row[name]
