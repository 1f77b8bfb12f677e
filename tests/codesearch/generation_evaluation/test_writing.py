"""Evaluations of writing from a corpus to the figures."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from codesearch import CodeSearch, Progress
from codesearch.codet5p.writer import Task
from codesearch.evaluation.generation.evaluate import Answering, evaluate_generation
from codesearch.evaluation.generation.report import WritingSettings
from codesearch.evaluation.generation.writing import next_line
from tests.codesearch.codet5p import two_tokenizers
from tests.codesearch.generation_evaluation.corpora import DELETE, HELD_OUT, READ, FakeWriter, write_corpus
from tests.fakes import FakeEncoder

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

FIGURES = ["exact_match", "bleu", "code_bleu", "edit_similarity", "p50_ms", "p95_ms"]


def knows_with_help(task: Task, parts: Sequence[str], prefix: str) -> str:
    """Write the right code and line where something was retrieved, and "wrong" without; summaries half right."""
    target = HELD_OUT[1] if any("Sort" in part for part in parts) or "in_order" in prefix else HELD_OUT[0]
    if task is Task.SUMMARY:
        return "Read the file." if "open(" in parts[0] else "nothing"
    if task is Task.CODE:
        return target.code if len(parts) == 2 else "wrong"
    return target.code.removeprefix(prefix) if parts else "wrong"


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    """The corpus on disk."""
    return write_corpus(tmp_path / "corpus")


def test_rows_by_hand(corpus: Path, tmp_path: Path) -> None:
    """With help everything is right, without nothing; of two summaries one is."""
    writer = FakeWriter(knows_with_help)
    steps: list[Progress] = []
    report = evaluate_generation(
        corpus, Answering(FakeEncoder(), writer, tmp_path / "kept"), WritingSettings(), steps.append
    )
    assert (report.corpus, report.model, report.functions, report.retrievable) == ("corpus", "fake-1", 2, 5)
    code, summary, line = (report.tasks[task] for task in ("code", "summary", "completion"))
    assert list(code) == ["retrieval", "generation", "augmented"]
    assert [list(figures) for figures in code.values()] == [FIGURES] * 3
    assert [code["augmented"][name] for name in FIGURES[:4]] == [100.0] * 4
    assert code["generation"]["exact_match"] == code["generation"]["bleu"] == code["retrieval"]["exact_match"] == 0
    assert 0 < code["retrieval"]["code_bleu"] < 60
    assert summary["generation"]["smoothed_bleu"] == 50.0
    assert [line[row]["exact_match"] for row in ("generation", "augmented")] == [0.0, 100.0]
    assert list(report.by_language) == ["python"]
    assert report.by_language["python"]["augmented"]["bleu"] == 100.0
    assert [(step.phase, step.done, step.total) for step in steps] == [
        ("embed", 5, 5),
        ("write", 1, 2),
        ("write", 2, 2),
    ]


def test_what_the_writer_reads(corpus: Path, tmp_path: Path) -> None:
    """The prompt, then what was retrieved; code alone for a summary; what was retrieved alone for a line."""
    writer = FakeWriter(knows_with_help)
    settings = WritingSettings(beams=3, max_tokens=99)
    evaluate_generation(corpus, Answering(FakeEncoder(), writer, tmp_path), settings)
    kinds = [(task, parts) for task, parts, _ in writer.asked[:5]]
    assert kinds == [
        (Task.CODE, ("Read the file.",)),
        (Task.CODE, ("Read the file.", READ)),
        (Task.SUMMARY, (HELD_OUT[0].code,)),
        (Task.COMPLETION, ()),
        (Task.COMPLETION, (READ,)),
    ]
    assert writer.asked[6][1] == ("Sort what there is.", DELETE)
    assert HELD_OUT[0].code.startswith(writer.asked[3][2] + "\n")
    assert [(one.beams, one.max_tokens) for one in writer.decodings[:5]] == [
        (3, 99),
        (3, 99),
        (3, 48),
        (1, 48),
        (1, 48),
    ]
    assert not any(one.samples for one in writer.decodings)


def test_tasks_can_be_chosen(corpus: Path, tmp_path: Path) -> None:
    """Only what was asked for is written, and for summaries nothing is retrieved."""
    encoder = FakeEncoder()
    settings = WritingSettings(tasks=("summary",), limit=1)
    report = evaluate_generation(corpus, Answering(encoder, FakeWriter(knows_with_help), tmp_path), settings)
    assert (list(report.tasks), report.by_language, report.retrievable, encoder.texts) == (["summary"], {}, 0, [])


def test_answers_are_kept(corpus: Path, tmp_path: Path) -> None:
    """A line for each answer, with what was written beside what was expected."""
    written = tmp_path / "answers.jsonl"
    answering = Answering(FakeEncoder(), FakeWriter(knows_with_help), tmp_path)
    evaluate_generation(corpus, answering, WritingSettings(tasks=("code",)), written=written)
    rows = [json.loads(line) for line in written.read_text().splitlines()]
    assert [(row["name"], row["row"], row["written"] == row["expected"]) for row in rows] == [
        (name, row, row == "augmented")
        for name in ("read_text", "in_order")
        for row in ("retrieval", "generation", "augmented")
    ]


@pytest.mark.parametrize(
    ("written", "line"), [("\n\n    a = 1\n    b", "a = 1"), (" + 2", "+ 2"), (" \n", ""), ("", "")]
)
def test_next_line(written: str, line: str) -> None:
    """The first line with something in it, without white space around it."""
    assert next_line(written) == line


@pytest.mark.usefixtures("one_thread")
def test_a_checkpoint_folder_is_measured(corpus: Path, tmp_path: Path) -> None:
    """Through the public API with random weights: the same figures twice, and vectors kept in the library."""
    two_tokenizers.write(tmp_path / "model")
    settings = WritingSettings(limit=1, max_tokens=6)
    with CodeSearch(library=tmp_path / "library", model=str(tmp_path / "model")) as engine:
        reports = [engine.evaluate_generation(corpus, settings) for _ in range(2)]
    for report in reports:
        for rows in (*report.tasks.values(), *report.by_language.values()):
            for figures in rows.values():
                assert figures.pop("p50_ms") <= figures.pop("p95_ms")
    assert reports[0].tasks == reports[1].tasks
    assert list(reports[0].tasks) == ["code", "summary", "completion"]
    assert list((tmp_path / "library" / "evaluation" / "retrievable").glob("*.npy"))
