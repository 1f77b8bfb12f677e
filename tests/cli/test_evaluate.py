"""The command `eval` with a hand-made engine."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli.main import app
from codesearch import Mode, RerankedMode
from tests.cli.fakes import EVALUATION, MATCHING, FakeCodeSearch


def run(*arguments, engine=None):
    """Run the command line and return (stdout, stderr, exit code)."""
    result = CliRunner().invoke(app, list(arguments), obj=engine or FakeCodeSearch())
    return result.stdout, result.stderr, result.exit_code


def evaluations(*arguments):
    """Return what `eval` with these arguments asks the engine to measure."""
    engine = FakeCodeSearch()
    run("eval", "folder", *arguments, engine=engine)
    return [call for call in engine.calls if call[0].startswith("evaluate")]


MATCHING_TABLE = (
    "shop: 600 pairs, 310 of them right\n"
    "                auc  threshold  accuracy@0\n"
    "matching     0.7500    -1.2500      0.6000\n"
    "cosine       0.7000     0.6000      0.5000\n"
)


def test_evaluation():
    """A table: a row for each mode, a column for each figure."""
    assert run("eval", "folder")[0] == (
        "shop: 200 queries, 1,000 documents\n"
        "            mrr@10    ndcg@10  recall@10\n"
        "lexical     0.5000     0.5500     0.7000\n"
        "hybrid      0.8125     0.8300     0.9000\n"
    )


def test_evaluation_as_json():
    """The report's own fields and nothing else."""
    assert json.loads(run("eval", "folder", "--json")[0]) == asdict(EVALUATION)


def test_evaluation_options():
    """Modes in the order given, the limit and the field reach the engine; without modes all are measured."""
    engine = FakeCodeSearch()
    run("eval", "folder", "--modes", "lexical,hybrid", "--limit", "5", "--code-field", "body", engine=engine)
    run("eval", "folder", engine=engine)
    assert [call for call in engine.calls if call[0] == "evaluate"] == [
        ("evaluate", Path("folder"), (Mode.LEXICAL, Mode.HYBRID), 5, "body"),
        ("evaluate", Path("folder"), tuple(Mode), None, "code"),
    ]


def test_summaries_that_are_measured():
    """The flag reaches the engine, and what it came to stands above the figures."""
    assert evaluations("--summaries", "--modes", "lexical") == [
        ("evaluate", Path("folder"), (Mode.LEXICAL,), None, "code", "summaries")
    ]

    class Measured(FakeCodeSearch):
        def evaluate(self, *_, **__):
            return replace(EVALUATION, summarised=990)

    title = run("eval", "folder", "--summaries", engine=Measured())[0].splitlines()[0]
    assert title == "shop: 200 queries, 1,000 documents, 990 of them summarised"


def test_matching_alone():
    """The mode matching asks for nothing else: a row for each score; in JSON under its name."""
    assert run("eval", "folder", "--modes", "matching") == (MATCHING_TABLE, "", 0)
    assert json.loads(run("eval", "folder", "--modes", "matching", "--json")[0]) == {"matching": asdict(MATCHING)}
    assert evaluations("--modes", "Matching", "--limit", "5", "--code-field", "body") == [
        ("evaluate_matching", Path("folder"), 5, "body")
    ]


def test_matching_beside_a_search():
    """Both are measured: two tables, and one document."""
    stdout, _, _ = run("eval", "folder", "--modes", "hybrid,matching")
    assert stdout.startswith("shop: 200 queries")
    assert stdout.endswith(MATCHING_TABLE)
    document = json.loads(run("eval", "folder", "--modes", "matching,hybrid", "--json")[0])
    assert document == {**asdict(EVALUATION), "matching": asdict(MATCHING)}
    assert [call[0] for call in evaluations("--modes", "hybrid,matching")] == ["evaluate_matching", "evaluate"]


def test_the_model_reaches_the_engine():
    """A folder with a checkpoint is passed on as it is."""
    engine = FakeCodeSearch()
    run("eval", "folder", "--modes", "matching", "--model", "some/checkpoint", engine=engine)
    assert engine.calls[0] == ("open", None, "some/checkpoint")


def test_reranked_modes():
    """A mode may end in what a head does with its best candidates; how many these are is asked beside."""
    modes = "hybrid,hybrid+rerank,Dense+Replace,hybrid+rerank"
    expected = (Mode.HYBRID, RerankedMode(Mode.HYBRID), RerankedMode(Mode.DENSE, replacing=True))
    assert evaluations("--modes", modes) == [("evaluate", Path("folder"), expected, None, "code")]
    assert [str(mode) for mode in expected] == ["hybrid", "hybrid+rerank", "dense+replace"]
    [(_, _, (mode,), _, _)] = evaluations("--modes", "lexical+rerank", "--rerank-k", "8")
    assert mode == RerankedMode(Mode.LEXICAL, candidates=8)


@pytest.mark.parametrize("modes", ["hybrid+sideways", "hybrid+", "matching+rerank", "hybrid+rerank+replace"])
def test_an_unknown_ending(modes):
    """What cannot be done with candidates is refused with what can."""
    _, stderr, exit_code = run("eval", "folder", "--modes", modes)
    assert exit_code == 2
    text = " ".join(stderr.replace("│", " ").split())
    assert f"{modes!r} is none of" in text
    assert "may end in +rerank or +replace." in text
    assert evaluations("--modes", modes) == []


@pytest.mark.parametrize("modes", ["sideways", "matching,sideways"])
def test_an_unknown_mode(modes):
    """What is none of the modes is refused with all of them, and nothing is measured."""
    _, stderr, exit_code = run("eval", "folder", "--modes", modes)
    assert exit_code == 2
    assert "'sideways' is none of hybrid, dense, lexical, matching." in " ".join(stderr.replace("│", " ").split())
    assert evaluations("--modes", modes) == []
