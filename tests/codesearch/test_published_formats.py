"""Published test sets: small files in their formats, ranks worked out by hand."""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING

import numpy as np
import pytest

from codesearch import CodeSearch, Mode, RerankedMode
from codesearch.errors import EvaluationFolderInvalid
from codesearch.evaluation.published_formats import PublishedSet, read_published_set
from codesearch.evaluation.published_ranking import Scorers, evaluate_published, is_published, rank_of
from codesearch.evaluation.retrieval import joined
from tests.fakes import FakeEncoder

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

REPLACED = RerankedMode(Mode.DENSE, replacing=True, candidates=2)


def _lines(path: Path, rows: list[dict[str, object]]) -> None:
    text = "".join(json.dumps(row) + "\n" for row in rows)
    path.write_bytes(gzip.compress(text.encode())) if path.suffix == ".gz" else path.write_text(text)


def _codesearchnet(folder: Path) -> Path:
    """CodeSearchNet: the answers are in the other order, one code has function_tokens, one url stands twice."""
    folder.mkdir()
    codes = [
        {"url": "u2", "code_tokens": ["def", "write", "(", ")"], "language": "ruby"},
        {"url": "u1", "code_tokens": ["no"], "function_tokens": ["def", "read\n", "x"], "language": "ruby"},
        {"url": "u2", "code_tokens": ["again"], "language": "ruby"},
    ]
    _lines(folder / "codebase.jsonl.gz", codes)
    queries = [{"url": "u1", "docstring_tokens": ["Read", "it", "."]}, {"url": "u2", "docstring_tokens": ["Write"]}]
    _lines(folder / "test.jsonl", queries)
    return folder


def test_codesearchnet(tmp_path: Path) -> None:
    """The answer to a query is the first code of its url; tokens are joined by one blank, and kept."""
    assert read_published_set(_codesearchnet(tmp_path / "ruby")) == PublishedSet(
        "ruby", ("Read it .", "Write"), (1, 0), ("def write ( )", "def read\n x", "again"), ("ruby",) * 3
    )


def test_advtest(tmp_path: Path) -> None:
    """AdvTest is its own codebase, all of it also where only the first queries are asked."""
    rows = [{"docstring_tokens": ["find", f"{n}"], "function_tokens": ["def", f"f{n}"]} for n in range(3)]
    _lines(tmp_path / "test.jsonl", rows)
    found = read_published_set(tmp_path, limit=2)
    assert found is not None
    assert (found.queries, found.answers) == (("find 0", "find 1"), (0, 1))
    assert (found.codes, set(found.languages)) == (("def f0", "def f1", "def f2"), {"python"})


def _cosqa(folder: Path) -> Path:
    folder.mkdir()
    (folder / "code_idx_map.txt").write_text(json.dumps({"def a ( ) :\n  pass": 7, "def b ( )": 3}))
    rows = [{"doc": " python  read\nfile ", "code_tokens": "x", "retrieval_idx": 3}]
    (folder / "cosqa-retrieval-test-500.json").write_text(json.dumps(rows))
    return folder


def test_cosqa(tmp_path: Path) -> None:
    """Queries are freed of odd blanks, the codebase stands as it is, and the answer goes by its number."""
    assert read_published_set(_cosqa(tmp_path / "cosqa")) == PublishedSet(
        "cosqa", ("python read file",), (1,), ("def a ( ) :\n  pass", "def b ( )"), ("python", "python")
    )


def test_other_folders_are_none(tmp_path: Path) -> None:
    """A folder without such files is none of the formats, and one with a corpus is a judged set."""
    assert read_published_set(tmp_path) is None
    folder = _codesearchnet(tmp_path / "ruby")
    _lines(folder / "corpus.jsonl", [])
    assert read_published_set(folder) is None


def test_what_is_wrong_is_said(tmp_path: Path) -> None:
    """A query without its answer, a field that lacks, no query at all and a broken file are each named."""
    folder = _codesearchnet(tmp_path / "ruby")
    _lines(folder / "test.jsonl", [{"url": "u1", "docstring_tokens": []}, {"url": "u9", "docstring_tokens": []}])
    with pytest.raises(EvaluationFolderInvalid, match="the answer to query 2 is not in the codebase"):
        read_published_set(folder)
    _lines(folder / "test.jsonl", [{"url": "u1"}])
    with pytest.raises(EvaluationFolderInvalid, match=r"test\.jsonl, line 1: no field 'docstring_tokens'"):
        read_published_set(folder)
    _lines(folder / "test.jsonl", [])
    with pytest.raises(EvaluationFolderInvalid, match="it has no query"):
        read_published_set(folder)
    cosqa = _cosqa(tmp_path / "cosqa")
    queries = cosqa / "cosqa-retrieval-test-500.json"
    asked = json.loads(queries.read_text())
    queries.write_text(json.dumps([asked[0], {"doc": "x"}]))
    with pytest.raises(EvaluationFolderInvalid, match=r"test-500\.json, entry 2: no field 'retrieval_idx', only doc"):
        read_published_set(cosqa)
    (cosqa / "code_idx_map.txt").write_text("[")
    with pytest.raises(EvaluationFolderInvalid, match=r"code_idx_map\.txt: "):
        read_published_set(cosqa)


def test_ranks_are_those_of_a_reversed_ascending_sort() -> None:
    """For random scores with many ties the rank is the place in a stable ascending sort, read backwards."""
    scores = np.random.default_rng(3).integers(0, 6, 40).astype(np.float32)
    backwards = np.argsort(scores, kind="stable")[::-1].tolist()
    assert [rank_of(position, scores) for position in range(40)] == [backwards.index(n) + 1 for n in range(40)]


class _LastIsBest:
    """A matching head to which a code matches the better the later it stands in the codebase."""

    def __init__(self, codes: Sequence[str]) -> None:
        self._codes = list(codes)
        self.asked: list[list[str]] = []

    def scores(self, query: str, codes: Sequence[str]) -> NDArray[np.float32]:
        self.asked.append(list(codes))
        return np.array([10 * self._codes.index(code) for code in codes], dtype=np.float32)

    def pair_scores(self, texts: Sequence[str], codes: Sequence[str]) -> NDArray[np.float32]:
        raise NotImplementedError


def test_figures_of_both_modes() -> None:
    """By cosine the answers are at 1, 2 and 4; the head turns the first two round and never sees the last."""
    codes = ("read read read", "read", "sort", "write")
    queries, answers = ("read read", "read read", "read read"), (0, 1, 2)
    matcher = _LastIsBest(codes)
    published = PublishedSet("tiny", queries, answers, codes, ("go",) * 4)
    report = evaluate_published(published, Scorers(FakeEncoder(), matcher), [Mode.DENSE, REPLACED])
    assert report.values["dense"]["mrr"] == pytest.approx([1, 1 / 2, 1 / 4], abs=1e-6)
    assert report.values["dense+replace"]["mrr"] == pytest.approx([1 / 2, 1, 1 / 4], abs=1e-6)
    assert report.modes["dense"] == {"mrr": 0.5833, "recall@1": 0.3333, "recall@5": 1.0, "recall@10": 1.0}
    assert report.by_language["dense"]["go"] == report.modes["dense"]
    assert [sorted(codes) for codes in matcher.asked] == [["read", "read read read"]] * 2
    assert (report.queries, report.documents, report.model) == (3, 4, "fake-1")


def test_which_modes_papers_have() -> None:
    """Only the model alone: dense, and dense replaced; not what mixes."""
    modes = [*Mode, RerankedMode(Mode.DENSE), REPLACED, RerankedMode(Mode.HYBRID, replacing=True)]
    assert [str(mode) for mode in modes if is_published(mode)] == ["dense", "dense+replace"]


def test_words_search_a_published_set_as_usual(tmp_path: Path) -> None:
    """The mode lexical goes the ordinary way, with a cutoff; a limit keeps the first query."""
    with CodeSearch(library=tmp_path / "library") as engine:
        report = engine.evaluate(_codesearchnet(tmp_path / "ruby"), [Mode.LEXICAL], limit=1)
    assert report.modes == {"lexical": {"mrr@10": 1.0, "ndcg@10": 1.0, "recall@10": 1.0}}
    assert (report.queries, report.documents) == (1, 3)


def test_reports_are_joined_in_the_order_asked() -> None:
    """Modes of two reports of the same queries become one, and their seconds add up."""
    published = PublishedSet("tiny", ("read",), (0,), ("read", "sort"), ("go",) * 2)
    scorers = Scorers(FakeEncoder(), _LastIsBest(published.codes))
    dense, replaced = (evaluate_published(published, scorers, [mode]) for mode in (Mode.DENSE, REPLACED))
    both = joined([dense, replaced], ["dense+replace", "dense"])
    assert list(both.modes) == list(both.intervals) == ["dense+replace", "dense"]
    assert both.seconds == dense.seconds + replaced.seconds
