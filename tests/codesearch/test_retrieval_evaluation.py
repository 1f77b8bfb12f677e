"""An evaluation from files to figures, against ranks worked out by hand."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from codesearch import CodeSearch, Mode
from codesearch.codet5p.errors import CapabilityMissing, ModelNotFound
from codesearch.evaluation.judged_set import Document, read_judged_set
from codesearch.evaluation.retrieval import Measured, definition_of, evaluate_retrieval
from store import Library
from tests.codesearch.codet5p import folders
from tests.fakes import FakeEncoder, FakeSummariser

if TYPE_CHECKING:
    from pathlib import Path

CORPUS = {
    "add": "def add_numbers(a, b):\n    return a + b",
    "zip": "def compress_archive(folder):\n    return zip_up(folder)",
    "mail": "def deliver_letter(address):\n    post(address)",
}
QUERIES = {"q1": "compress archive", "q2": "deliver letter", "q3": "unrelatedword numbers"}
JUDGED = {"q1": "zip", "q2": "add", "q3": "add"}  # q2 is judged wrongly on purpose: its document is never found


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A judged set of three documents and three queries."""
    files = {
        "corpus": [{"id": name, "language": "python", "code": code} for name, code in CORPUS.items()],
        "queries": [{"id": name, "query": text} for name, text in QUERIES.items()],
        "qrels": [{"query_id": query, "doc_id": document, "relevance": 1} for query, document in JUDGED.items()],
    }
    target = tmp_path / "tiny"
    target.mkdir()
    for name, rows in files.items():
        (target / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return target


def test_figures_of_a_lexical_run(folder: Path, tmp_path: Path) -> None:
    """Two of three queries find their document first, the third never: a mean of two thirds."""
    with CodeSearch(library=tmp_path / "library") as engine:
        report = engine.evaluate(folder, [Mode.LEXICAL])
    assert (report.set, report.queries, report.documents) == ("tiny", 3, 3)
    assert report.modes == {"lexical": {"mrr@10": 0.6667, "ndcg@10": 0.6667, "recall@10": 0.6667}}
    assert report.by_language["lexical"]["python"]["mrr@10"] == 0.6667


def test_words_alone_need_no_model(folder: Path, tmp_path: Path) -> None:
    """The mode lexical looks for no model: one that does not exist is not missed, and the report names none."""
    with CodeSearch(library=tmp_path / "library", model="no-such-model") as engine:
        report = engine.evaluate(folder, [Mode.LEXICAL])
        assert (report.modes["lexical"]["mrr@10"], report.model) == (0.6667, "")
        with pytest.raises(ModelNotFound):
            engine.evaluate(folder, [Mode.LEXICAL, Mode.HYBRID])


def test_figures_of_each_language(folder: Path, tmp_path: Path) -> None:
    """A query counts for the language of its relevant documents, not of those that were judged wrong."""
    rows = [
        {"id": name, "language": "go" if name == "add" else "python", "code": code} for name, code in CORPUS.items()
    ]
    (folder / "corpus.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    with (folder / "qrels.jsonl").open("a") as judgements:
        judgements.write('{"query_id": "q1", "doc_id": "add", "relevance": 0}\n')
    with CodeSearch(library=tmp_path / "library") as engine:
        figures = engine.evaluate(folder, [Mode.LEXICAL]).by_language["lexical"]
    assert {language: row["mrr@10"] for language, row in figures.items()} == {"go": 0.5, "python": 1.0}


def test_a_second_run_embeds_nothing(folder: Path, tmp_path: Path) -> None:
    """The documents are kept: a second run reports no embedding, and the same figures."""
    phases: list[str] = []
    with CodeSearch(library=tmp_path / "library") as engine:
        first = engine.evaluate(folder, [Mode.DENSE])
        second = engine.evaluate(folder, [Mode.DENSE], progress=lambda step: phases.append(step.phase))
    assert "embed" not in phases
    assert first.modes == second.modes
    assert first.modes["dense"]["recall@10"] == 1.0  # three documents: all are within ten


def test_documents_with_summaries(folder: Path, tmp_path: Path) -> None:
    """What only a summary says is found by words; documented code has none; nothing is written twice."""
    said = {"id": "said", "language": "python", "code": 'def told(a):\n    """Parse a bill."""\n    return a'}
    with (folder / "corpus.jsonl").open("a") as corpus:
        corpus.write(json.dumps(said) + "\n")
    (folder / "queries.jsonl").write_text('{"id": "q", "query": "sort, delete"}\n')
    (folder / "qrels.jsonl").write_text('{"query_id": "q", "doc_id": "mail"}\n')
    judged = read_judged_set(folder)
    summariser = FakeSummariser({"post": "Sort and delete."})
    modes = (Mode.LEXICAL, Mode.DENSE)
    with Library.open(tmp_path / "library") as library:
        plain = library.repository(folder / "code")
        report = evaluate_retrieval(judged, plain, Measured(FakeEncoder()), modes)
        assert (report.modes["lexical"]["mrr@10"], report.summarised) == (0.0, None)
        dense = report.modes["dense"]["mrr@10"]
        kept = library.repository(folder / "code with summaries")
        for read in ([CORPUS["add"], CORPUS["mail"], CORPUS["zip"]], []):
            report = evaluate_retrieval(judged, kept, Measured(FakeEncoder(), None, summariser), modes)
            assert [report.modes[mode]["mrr@10"] for mode in modes] == [1.0, dense]
            assert (report.summarised, summariser.read()) == (1, sorted(read))
        assert not library.repository(folder / "code").summaries.count()


def test_summaries_need_a_decoder(folder: Path, tmp_path: Path) -> None:
    """A model without one says so before anything is kept."""
    folders.published(tmp_path / "model", "codet5p_embedding", file="model.safetensors")
    with CodeSearch(library=tmp_path / "library", model=str(tmp_path / "model")) as engine:
        with pytest.raises(CapabilityMissing):
            engine.evaluate(folder, [Mode.LEXICAL], summaries=True)
        assert not (tmp_path / "library").exists()


def test_a_document_is_one_definition() -> None:
    """A document keeps all of its code and takes name and documentation from its main function."""
    code = 'def outer(x):\n    """Go out."""\n    def inner():\n        pass\n    return inner'
    definition = definition_of(Document("d", "python", code))
    assert (definition.name, definition.documentation, definition.code) == ("outer", "Go out.", code)
    fragment = definition_of(Document("d", "python", "x = 1\ny = 2"))
    assert (fragment.name, fragment.code) == ("", "x = 1\ny = 2")
