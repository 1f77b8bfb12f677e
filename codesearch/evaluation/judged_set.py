"""Reading a judged set: a folder with queries, a corpus and relevance judgements as JSON lines, gzipped or not.

The files are `queries.jsonl[.gz]` with {id, query}, `corpus.jsonl[.gz]` with {id, language, code, ...} and
`qrels.jsonl[.gz]` with {query_id, doc_id, relevance}. Judged pairs, which may lie beside them, are `judged_pairs`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from codesearch.errors import EvaluationFolderInvalid
from codesearch.evaluation.json_lines import read_rows

if TYPE_CHECKING:
    from pathlib import Path

    from codesearch.evaluation.json_lines import Row


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
        Document(str(row.field("id")), str(row.get("language", "")), str(row.field(code_field)))
        for row in read_rows(folder, "corpus")
    )
    relevance: dict[str, dict[str, float]] = {}
    for row in read_rows(folder, "qrels"):
        grades = relevance.setdefault(str(row.field("query_id")), {})
        grades[str(row.field("doc_id"))] = _grade(row)
    queries = [
        JudgedQuery(str(row.field("id")), str(row.field("query")), relevance[str(row["id"])])
        for row in read_rows(folder, "queries")
        if any(grade > 0 for grade in relevance.get(str(row.get("id")), {}).values())
    ]
    if not queries:
        raise EvaluationFolderInvalid(folder, "no query has a relevant document")
    return JudgedSet(folder.resolve().name, documents, tuple(queries[:limit]))


def _grade(row: Row) -> float:
    relevance = row.get("relevance", 1)
    try:
        return float(relevance)
    except (TypeError, ValueError) as error:
        raise row.wrong(f"the relevance is {relevance!r}, which is no number") from error
