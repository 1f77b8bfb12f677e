"""Reading judged sets: both file forms, and every way in which a folder can be wrong."""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING

import pytest

from codesearch.errors import EvaluationFolderInvalid
from codesearch.evaluation.judged_set import Document, JudgedQuery, read_judged_set

if TYPE_CHECKING:
    from pathlib import Path

CORPUS = [
    {"id": "c0", "language": "python", "code": "def add(a, b): ...", "bare": "..."},
    {"id": "c1", "language": "go", "code": "func f() {}", "bare": "{}"},
]
QUERIES = [{"id": "q0", "query": "add numbers"}, {"id": "q1", "query": "unjudged"}, {"id": "q2", "query": "call f"}]
QRELS = [{"query_id": "q0", "doc_id": "c0", "relevance": 2}, {"query_id": "q2", "doc_id": "c1"}]


def _write(folder: Path, zipped: bool = False, **files: list[dict[str, object]]) -> Path:
    folder.mkdir(exist_ok=True)
    for name, rows in ({"corpus": CORPUS, "queries": QUERIES, "qrels": QRELS} | files).items():
        text = "".join(json.dumps(row) + "\n" for row in rows)
        if zipped:
            (folder / f"{name}.jsonl.gz").write_bytes(gzip.compress(text.encode()))
        else:
            (folder / f"{name}.jsonl").write_text(text)
    return folder


@pytest.mark.parametrize("zipped", [False, True])
def test_reads_plain_and_zipped(tmp_path: Path, zipped: bool) -> None:
    """Documents, judged queries and grades come back; a query without judgement is left out."""
    judged = read_judged_set(_write(tmp_path / "set", zipped))
    assert judged.name == "set"
    assert judged.documents == (
        Document("c0", "python", "def add(a, b): ..."),
        Document("c1", "go", "func f() {}"),
    )
    assert judged.queries == (JudgedQuery("q0", "add numbers", {"c0": 2.0}), JudgedQuery("q2", "call f", {"c1": 1.0}))


def test_another_field_and_a_limit(tmp_path: Path) -> None:
    """`code_field` chooses what is searched, `limit` keeps the first queries."""
    judged = read_judged_set(_write(tmp_path / "set"), code_field="bare", limit=1)
    assert [document.code for document in judged.documents] == ["...", "{}"]
    assert [query.id for query in judged.queries] == ["q0"]


def test_what_is_wrong_is_said(tmp_path: Path) -> None:
    """A missing file, a broken line, an absent field and a set without judgements are each named."""
    with pytest.raises(EvaluationFolderInvalid) as empty:
        read_judged_set(tmp_path)
    assert empty.value.detail == "corpus.jsonl or corpus.jsonl.gz is missing"
    folder = _write(tmp_path / "set")
    with pytest.raises(EvaluationFolderInvalid) as field:
        read_judged_set(folder, code_field="nodoc")
    assert field.value.detail == "corpus.jsonl, line 1: no field 'nodoc', only bare, code, id, language"
    (folder / "qrels.jsonl").write_text('{"query_id": "q0", "doc_id": "c0"}\nnot json\n')
    with pytest.raises(EvaluationFolderInvalid) as line:
        read_judged_set(folder)
    assert line.value.detail == "qrels.jsonl, line 2: not JSON"
    with pytest.raises(EvaluationFolderInvalid) as unjudged:
        read_judged_set(_write(tmp_path / "unjudged", qrels=[]))
    assert unjudged.value.detail == "no query has a relevant document"


@pytest.mark.parametrize(
    ("file", "row", "detail"),
    [
        ("queries", {"id": "q2"}, "queries.jsonl, line 2: no field 'query', only id"),
        ("qrels", {"query_id": "q0"}, "qrels.jsonl, line 2: no field 'doc_id', only query_id"),
        (
            "qrels",
            {"query_id": "q0", "doc_id": "c1", "relevance": "much"},
            "qrels.jsonl, line 2: the relevance is 'much', which is no number",
        ),
    ],
)
def test_a_wrong_entry_is_named_by_file_and_line(
    tmp_path: Path, file: str, row: dict[str, object], detail: str
) -> None:
    """The second line is at fault, and the error says so."""
    first = {"queries": QUERIES, "qrels": QRELS}[file][0]
    judgements = {} if file == "qrels" else {"qrels": QRELS}
    folder = _write(tmp_path / "set", **judgements, **{file: [first, row]})
    with pytest.raises(EvaluationFolderInvalid) as wrong:
        read_judged_set(folder)
    assert wrong.value.detail == detail


@pytest.mark.parametrize("rest", [b"", b"\xff" * 20])
def test_a_damaged_archive_is_said(tmp_path: Path, rest: bytes) -> None:
    """A gzip file that is cut off, or overwritten, is an error of the folder, not a crash."""
    folder = _write(tmp_path / "set", zipped=True)
    whole = (folder / "queries.jsonl.gz").read_bytes()
    (folder / "queries.jsonl.gz").write_bytes(whole[:10] + rest)
    with pytest.raises(EvaluationFolderInvalid) as damaged:
        read_judged_set(folder)
    assert damaged.value.detail.startswith("queries.jsonl.gz: ")
