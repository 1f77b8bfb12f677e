"""Reading judged pairs, and every way in which the file can be wrong."""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING

import pytest

from codesearch.errors import EvaluationFolderInvalid
from codesearch.evaluation.judged_pairs import JudgedPair, read_judged_pairs

if TYPE_CHECKING:
    from pathlib import Path

ROWS: list[dict[str, object]] = [
    {"id": 1, "query": "add numbers", "code": "def add(a, b): ...", "bare": "...", "label": 1},
    {"id": 2, "query": "call f", "code": "def g(): ...", "bare": "g", "label": 0},
    {"id": 3, "query": "call g", "code": "def g(): ...", "bare": "g", "label": True},
]


def write(folder: Path, rows: list[dict[str, object]], zipped: bool = False) -> Path:
    text = "".join(json.dumps(row) + "\n" for row in rows)
    if zipped:
        (folder / "pairs.jsonl.gz").write_bytes(gzip.compress(text.encode()))
    else:
        (folder / "pairs.jsonl").write_text(text)
    return folder


@pytest.mark.parametrize("zipped", [False, True])
def test_reads_plain_and_zipped(tmp_path: Path, zipped: bool) -> None:
    """Pairs come back in order; 1 and true are right."""
    judged = read_judged_pairs(write(tmp_path, ROWS, zipped))
    assert judged.name == tmp_path.name
    assert judged.pairs == (
        JudgedPair("add numbers", "def add(a, b): ...", right=True),
        JudgedPair("call f", "def g(): ...", right=False),
        JudgedPair("call g", "def g(): ...", right=True),
    )


def test_another_field_and_a_limit(tmp_path: Path) -> None:
    """`code_field` chooses the code, `limit` keeps the first pairs."""
    judged = read_judged_pairs(write(tmp_path, ROWS), "bare", limit=2)
    assert [(pair.code, pair.right) for pair in judged.pairs] == [("...", True), ("g", False)]


@pytest.mark.parametrize(
    ("rows", "detail"),
    [
        ([ROWS[0], {**ROWS[0], "label": 2}], "pairs.jsonl, line 2: the label is 2, neither 0 nor 1"),
        ([{**ROWS[0], "label": "1"}], "pairs.jsonl, line 1: the label is '1', neither 0 nor 1"),
        ([{"query": "a", "code": "b"}], "pairs.jsonl, line 1: no field 'label', only code, query"),
        ([ROWS[0], ROWS[2]], "some pairs must be right and some wrong"),
        ([], "some pairs must be right and some wrong"),
    ],
)
def test_what_is_wrong_is_said(tmp_path: Path, rows: list[dict[str, object]], detail: str) -> None:
    """Other labels, absent fields, and pairs of one kind are each named."""
    with pytest.raises(EvaluationFolderInvalid) as caught:
        read_judged_pairs(write(tmp_path, rows))
    assert (caught.value.folder, caught.value.detail) == (tmp_path, detail)


def test_a_folder_without_pairs(tmp_path: Path) -> None:
    """The missing file is named."""
    with pytest.raises(EvaluationFolderInvalid) as caught:
        read_judged_pairs(tmp_path)
    assert caught.value.detail == "pairs.jsonl or pairs.jsonl.gz is missing"
