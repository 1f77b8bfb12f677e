"""Reading test sets as their papers published them: CodeSearchNet, AdvTest and CoSQA, each a folder of its files.

    CodeSearchNet   test.jsonl and codebase.jsonl of one language; the answer has the query's `url`
    AdvTest         test.jsonl alone, which is its own codebase; a query's answer is its own line
    CoSQA           cosqa-retrieval-test-500.json and code_idx_map.txt; the answer has the number `retrieval_idx`

Texts are made as CodeT5+'s retrieval evaluation makes them (`data_utils.py` of its repository): documentation and code
are their tokens with one blank between them; CoSQA's queries are freed of odd blanks, its codebase is as it is. What
is done there to texts that look like special tokens, our tokenizer does. Ranking is `published_ranking`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from codesearch.errors import EvaluationFolderInvalid
from codesearch.evaluation.json_lines import Row, read_rows
from codesearch.evaluation.judged_set import Document, JudgedQuery, JudgedSet

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

COSQA_QUERIES = "cosqa-retrieval-test-500.json"
COSQA_CODE = "code_idx_map.txt"
_PYTHON = "python"  # the language of AdvTest and CoSQA


@dataclass(frozen=True, slots=True)
class PublishedSet:
    """Queries, each with the position of its one answer in the codebase."""

    name: str
    queries: tuple[str, ...]
    answers: tuple[int, ...]
    codes: tuple[str, ...]
    languages: tuple[str, ...]

    def as_judged(self) -> JudgedSet:
        """Return the same as a judged set, whose documents and queries go by their positions."""
        documents = (
            Document(str(number), language, code)
            for number, (language, code) in enumerate(zip(self.languages, self.codes, strict=True))
        )
        queries = (
            JudgedQuery(str(number), text, {str(answer): 1.0})
            for number, (text, answer) in enumerate(zip(self.queries, self.answers, strict=True))
        )
        return JudgedSet(self.name, tuple(documents), tuple(queries))


def read_published_set(folder: Path, limit: int | None = None) -> PublishedSet | None:
    """Read the set in `folder`, or return None when its files are of none of the formats; `limit` keeps first queries.

    A folder that has a judged set's corpus is one, whatever else is there. Raises EvaluationFolderInvalid for a line
    that is not what it should be and for a query whose answer is not in the codebase.
    """
    if _has(folder, "corpus"):
        return None
    if (folder / COSQA_QUERIES).is_file() and (folder / COSQA_CODE).is_file():
        found = _read_cosqa(folder, limit)
    elif _has(folder, "test") and _has(folder, "codebase"):
        found = _read_codesearchnet(folder, limit)
    elif _has(folder, "test"):
        found = _read_advtest(folder, limit)
    else:
        return None
    if not found.queries:
        raise EvaluationFolderInvalid(folder, "it has no query")
    return found


def _has(folder: Path, name: str) -> bool:
    return any((folder / f"{name}{ending}").is_file() for ending in (".jsonl", ".jsonl.gz"))


def _read_codesearchnet(folder: Path, limit: int | None) -> PublishedSet:
    name = folder.resolve().name
    positions: dict[object, int] = {}
    codes, languages = [], []
    for position, row in enumerate(read_rows(folder, "codebase")):
        positions.setdefault(row.field("url"), position)
        codes.append(_code(row))
        languages.append(str(row.get("language") or name))
    rows = list(islice(read_rows(folder, "test"), limit))
    answers = [positions.get(row.field("url")) for row in rows]
    return _set(folder, [_documentation(row) for row in rows], answers, codes, languages)


def _read_advtest(folder: Path, limit: int | None) -> PublishedSet:
    rows = list(read_rows(folder, "test"))
    queries = [_documentation(row) for row in rows[:limit]]
    codes = [_code(row) for row in rows]
    return _set(folder, queries, range(len(queries)), codes, [_PYTHON] * len(codes))


def _read_cosqa(folder: Path, limit: int | None) -> PublishedSet:
    numbers = _document(folder, COSQA_CODE)
    rows = _document(folder, COSQA_QUERIES)
    if not isinstance(numbers, dict):
        raise EvaluationFolderInvalid(folder, f"{COSQA_CODE} is not an object of codes and their numbers")
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise EvaluationFolderInvalid(folder, f"{COSQA_QUERIES} is not a list of objects")
    positions = {number: position for position, number in enumerate(numbers.values())}
    asked = [Row(folder, f"{COSQA_QUERIES}, entry {number}", row) for number, row in enumerate(rows[:limit], 1)]
    answers = [positions.get(row.field("retrieval_idx")) for row in asked]
    queries = [" ".join(str(row.field("doc")).split()) for row in asked]
    return _set(folder, queries, answers, list(numbers), [_PYTHON] * len(numbers))


def _set(
    folder: Path, queries: list[str], answers: Iterable[int | None], codes: list[str], languages: list[str]
) -> PublishedSet:
    known = []
    for number, answer in enumerate(answers, 1):
        if answer is None:
            raise EvaluationFolderInvalid(folder, f"the answer to query {number} is not in the codebase")
        known.append(answer)
    return PublishedSet(folder.resolve().name, tuple(queries), tuple(known), tuple(codes), tuple(languages))


def _documentation(row: Row) -> str:
    return _joined(row.field("docstring_tokens"))


def _code(row: Row) -> str:
    return _joined(row["function_tokens"] if "function_tokens" in row else row.field("code_tokens"))


def _joined(tokens: object) -> str:
    """Return tokens with one blank between them; line ends inside of tokens stay, as they do there."""
    return " ".join(map(str, tokens)) if isinstance(tokens, list) else str(tokens)


def _document(folder: Path, name: str) -> object:
    try:
        document: object = json.loads((folder / name).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise EvaluationFolderInvalid(folder, f"{name}: {error}") from error
    return document
