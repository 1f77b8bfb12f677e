"""The commands `eval repositories`, `eval compare` and `eval history`: a hand-made engine, real files of runs."""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli import documents
from cli.main import app
from codesearch import EvaluationReport, Mode, RerankedMode, evaluation
from tests.cli.fakes import FakeCodeSearch

QUERIES = [
    {"id": "shop:1", "query": "retry an upload", "repository": "shop", "category": "semantic", "language": "python"},
    {"id": "clock:1", "query": "Tick", "repository": "clock", "category": "symbol", "language": "go"},
]
FIGURES = {"lexical": {"ndcg@10": 0.75, "recall@1": 0.5}, "hybrid": {"ndcg@10": 1.0, "recall@1": 1.0}}
LATENCY = {"lexical": {"p50_ms": 4.5, "p95_ms": 9.25}, "hybrid": {"p50_ms": 12.0, "p95_ms": 30.0}}
REPORT = evaluation.RepositoriesReport(
    set="questions",
    queries=2,
    model="bundled@0123",
    modes=FIGURES,
    intervals={"lexical": {"ndcg@10": [0.5, 1.0], "recall@1": [0.0, 1.0]}},
    latency=LATENCY,
    by_category={mode: {"semantic": its, "symbol": its} for mode, its in FIGURES.items()},
    by_language={mode: {"go": its, "python": its} for mode, its in FIGURES.items()},
    repositories=[
        evaluation.RepositoryFigures("shop", "python", 1, 1200, 0, 5400, 6000, 0.5, FIGURES, LATENCY),
        evaluation.RepositoryFigures("clock", "go", 1, 3, 3, 40, 40, 1.25, FIGURES, LATENCY),
    ],
    asked=QUERIES,
    values={
        "lexical": {"ndcg@10": [0.5, 1.0], "recall@1": [0.0, 1.0]},
        "hybrid": {"ndcg@10": [1.0, 1.0], "recall@1": [1.0, 1.0]},
    },
)
DOCUMENT = documents.repositories_document(REPORT)

TABLES = """\
questions: 2 questions to 2 repositories
             ndcg@10     recall@1
lexical       0.7500       0.5000
          .500-1.000   .000-1.000
hybrid        1.0000       1.0000

ndcg@10 by question
          lexical  hybrid
semantic   0.7500  1.0000
symbol     0.7500  1.0000

ndcg@10 by language
        lexical  hybrid
go       0.7500  1.0000
python   0.7500  1.0000

milliseconds a question
               p50        p95
lexical        4.5        9.2
hybrid        12.0       30.0

ndcg@10 by repository
       lexical  hybrid  lexical p50  hybrid p50  definitions                indexed in
shop    0.7500  1.0000       4.5 ms     12.0 ms        5,400  0.5 s (0 of 1,200 files)
clock   0.7500  1.0000       4.5 ms     12.0 ms           40                     1.2 s
"""

COMPARISON = """\
A -> B: 2 queries in both

lexical -> hybrid
           first  second  difference       95 % interval       p
ndcg@10   0.7500  1.0000     +0.2500  +0.2500 to +0.2500  1.0000
recall@1  0.5000  1.0000     +0.5000  +0.5000 to +0.5000  1.0000
ndcg@10: 1 query better, 0 worse
  +0.500  0.500 -> 1.000  shop: retry an upload
"""


@dataclass
class FakeMeasuring(FakeCodeSearch):
    """Has measured `measured`, whatever is asked."""

    measured: evaluation.RepositoriesReport = REPORT

    def evaluate_repositories(self, folder, checkouts, modes, *, only, cutoff, progress):
        self._called("repositories", folder, checkouts, tuple(modes), only, cutoff)
        return self.measured


def run(*arguments, engine=None):
    """Run `eval` and return (stdout, stderr, exit code)."""
    result = CliRunner().invoke(app, ["eval", *map(str, arguments)], obj=engine or FakeMeasuring())
    return result.stdout, result.stderr, result.exit_code


def words(text):
    """Return a framed text as one line."""
    return " ".join(text.replace("│", " ").split())


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    """A folder with two runs, the later one of hybrid alone."""
    later = {**DOCUMENT, "modes": {"hybrid": FIGURES["hybrid"]}}
    evaluation.keep_run(tmp_path, DOCUMENT, datetime(2026, 5, 4, 12, 30, tzinfo=UTC))
    evaluation.keep_run(tmp_path, later, datetime(2026, 5, 5, 12, 30, tzinfo=UTC))
    return tmp_path


def test_repositories():
    """Tables: headline figures over their intervals, then by question, language and repository."""
    assert run("repositories", "questions", "--checkouts", "trees") == (TABLES, "", 0)


def test_repositories_options():
    """Everything that can be chosen reaches the engine; without modes all three are measured."""
    engine = FakeMeasuring()
    chosen = ("--modes", "lexical,hybrid+rerank", "--rerank-k", "8", "--only", "nvm,gson", "--only", "zls", "-k", "5")
    run("repositories", "questions", "--checkouts", "trees", *chosen, engine=engine)
    run("repositories", "questions", "--checkouts", "trees", engine=engine)
    modes = (Mode.LEXICAL, RerankedMode(Mode.HYBRID, candidates=8))
    assert [call for call in engine.calls if call[0] == "repositories"] == [
        ("repositories", Path("questions"), Path("trees"), modes, ("nvm", "gson", "zls"), 5),
        ("repositories", Path("questions"), Path("trees"), tuple(Mode), (), 10),
    ]


def test_repositories_as_json():
    """The report's own fields, with the version of the format."""
    stdout, _, _ = run("repositories", "questions", "--checkouts", "trees", "--json")
    assert json.loads(stdout) == {"schema": 1, **asdict(REPORT)}


def test_notes_on_what_is_amiss():
    """Missing checkouts, other revisions and places that are none are said on stderr, unless that is to be quiet."""
    report = evaluation.RepositoriesReport(
        **{**{name: getattr(REPORT, name) for name in REPORT.__slots__}, "missing": ["gson", "zls"]}
        | {"other_revisions": ["shop"], "unresolved": ["shop/a.py:9"]}
    )
    _, stderr, _ = run("repositories", "questions", "--checkouts", "trees", engine=FakeMeasuring(measured=report))
    assert stderr.splitlines() == [
        "left out for want of a checkout: gson, zls; the figures are means over 2 repositories",
        "checked out at another revision than the questions were asked of: shop",
        "in no definition that is searched, so that nothing can find them: shop/a.py:9",
    ]
    quiet = run("repositories", "questions", "--checkouts", "trees", "-q", engine=FakeMeasuring(measured=report))
    assert quiet[1] == ""


def test_a_search_replaces_nothing():
    """The mode +replace is refused, and nothing is measured."""
    engine = FakeMeasuring()
    _, stderr, exit_code = run("repositories", "q", "--checkouts", "t", "--modes", "dense+replace", engine=engine)
    assert (exit_code, engine.calls) == (2, [])
    assert "a search has no +replace" in words(stderr)


def test_keeping_runs(tmp_path: Path):
    """Both kinds of run are kept, with a note of where; a run of a search has to be there."""
    _, stderr, _ = run("repositories", "questions", "--checkouts", "trees", "--keep", tmp_path)
    assert re.fullmatch(rf"kept: {re.escape(str(tmp_path))}/\d{{4}}-\d\d-\d\dT[-\d]+_questions_bundled\.json\n", stderr)
    run("search", "folder", "--modes", "lexical", "--keep", tmp_path)
    runs = evaluation.kept_runs(tmp_path)
    assert sorted((kept.set, kept.repositories) for kept in runs) == [("questions", True), ("shop", False)]
    _, stderr, exit_code = run("search", "folder", "--modes", "matching", "--keep", tmp_path)
    assert (exit_code, "only runs of a search are kept." in words(stderr)) == (2, True)


def test_compare(tmp_path: Path):
    """A table of differences, then the queries that changed most."""
    path = tmp_path / "run.json"
    path.write_text(json.dumps(DOCUMENT))
    stdout, _, _ = run("compare", path, path, "--mode", "lexical", "--with", "hybrid")
    assert stdout.replace(str(path), "A", 1).replace(str(path), "B", 1) == COMPARISON
    document = json.loads(run("compare", path, path, "--mode", "lexical", "--with", "hybrid", "--json")[0])
    [mode] = document["modes"]
    assert (document["queries"], mode["changed"], mode["metrics"][1]["difference"]) == (2, [1, 0], 0.5)
    assert [change["query"] for change in mode["better"]] == ["retry an upload"]
    few = json.loads(run("compare", path, path, "--mode", "lexical", "--with", "hybrid", "--changed", "0", "--json")[0])
    assert (few["modes"][0]["better"], few["modes"][0]["changed"]) == ([], [1, 0])


def test_comparing_what_is_no_run(tmp_path: Path):
    """A sentence with the way out."""
    stdout, stderr, exit_code = run("compare", tmp_path / "a.json", tmp_path / "b.json")
    assert (stdout, exit_code) == ("", 2)
    assert "a.json cannot be used: there is no such file; keep one with --keep FOLDER" in stderr


def test_history(kept: Path):
    """A line for each mode of each run, the oldest first; one figure alone if that is asked for."""
    lines = run("history", kept)[0].splitlines()
    assert lines[0].split() == ["date", "set", "model", "queries", "mode", "ndcg@10", "recall@1"]
    assert [line.split()[2:] for line in lines[1:]] == [
        ["questions", "bundled", "2", "lexical", "0.7500", "0.5000"],
        ["questions", "bundled", "2", "hybrid", "1.0000", "1.0000"],
        ["questions", "bundled", "2", "hybrid", "1.0000", "1.0000"],
    ]
    assert run("history", kept, "--metric", "recall@1")[0].splitlines()[1].endswith("lexical    0.5000")


def test_history_as_json(kept: Path):
    """Every run with its file, its date and its figures."""
    document = json.loads(run("history", kept, "--json")[0])
    assert [entry["date"][:10] for entry in document["runs"]] == ["2026-05-04", "2026-05-05"]
    assert document["runs"][0]["modes"] == FIGURES


def test_history_of_nothing(kept: Path):
    """A figure or a set that there is none of is refused, and so is a folder without runs."""
    assert "'mrr' is none of ndcg@10, recall@1." in words(run("history", kept, "--metric", "mrr")[1])
    assert "no run of the set 'moon' was kept." in words(run("history", kept, "--set", "moon")[1])
    assert run("history", kept / "nowhere")[2] == 2


def test_history_drawn(kept: Path):
    """The picture is written beside the table, and what it shows is said."""
    pytest.importorskip("matplotlib")
    _, stderr, exit_code = run("history", kept, "--plot", kept / "p.png", "--set", "questions")
    assert (stderr, exit_code) == (f"drawn: {kept / 'p.png'} (ndcg@10)\n", 0)
    assert (kept / "p.png").is_file()


def test_intervals_of_a_judged_set():
    """Below the figures of a mode stand their intervals."""
    report = EvaluationReport(
        "shop", 2, 9, "m", {"lexical": {"mrr@10": 0.5}}, intervals={"lexical": {"mrr@10": [0.25, 0.75]}}
    )

    class Measured(FakeCodeSearch):
        def evaluate(self, *_, **__):
            return report

    assert run("folder", engine=Measured())[0].splitlines()[1:] == [
        "              mrr@10",
        "lexical       0.5000",
        "           .250-.750",
    ]
