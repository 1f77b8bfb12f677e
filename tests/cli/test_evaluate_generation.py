"""The commands `eval generation` and `eval problems` with a hand-made engine, and how `eval` chooses."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli.main import app
from codesearch.errors import HeldOutMissing
from codesearch.evaluation import ProblemSettings, WritingSettings
from tests.cli.fakes import PROBLEMS, WRITTEN, FakeCodeSearch


def run(*arguments, engine=None):
    """Run the command line and return (stdout, stderr, exit code)."""
    result = CliRunner().invoke(app, list(arguments), obj=engine or FakeCodeSearch())
    return result.stdout, result.stderr, result.exit_code


def asked(*arguments):
    """Return what the command line asks the engine to measure, and the model that it opens."""
    engine = FakeCodeSearch()
    run(*arguments, engine=engine)
    return [call for call in engine.calls if call[0].startswith("evaluate")], engine.calls[0]


def test_generation():
    """A table for each task, with a row for each way to an answer."""
    assert run("eval", "generation", "folder") == (
        "shop: 500 functions, 20,000 others to retrieve\n"
        "code\n"
        "           exact_match       bleu     p50_ms\n"
        "retrieval         0.00      12.50       4.00\n"
        "augmented         3.25      31.00    1250.00\n"
        "summary\n"
        "            smoothed_bleu     p50_ms\n"
        "generation          17.12     300.00\n",
        "",
        0,
    )


def test_generation_as_json():
    """The report's own fields and the schema."""
    assert json.loads(run("eval", "generation", "folder", "--json")[0]) == json.loads(
        json.dumps({"schema": 1, **asdict(WRITTEN)}, default=list)
    )


def test_generation_options():
    """Every option reaches the engine; without any the defaults do."""
    [(_, folder, settings, written)], opened = asked("eval", "generation", "folder")
    assert (folder, settings, written) == (Path("folder"), WritingSettings(), None)
    options = "--tasks code,summary --limit 9 --retrieval-limit 0 --lang py,go --seed 3 --beam 5 --max-tokens 40"
    [(_, _, settings, written)], opened = asked(
        "eval", "generation", "folder", *options.split(), "--written", "out.jsonl", "--model", "some/checkpoint"
    )
    assert settings == WritingSettings(("code", "summary"), 9, None, frozenset({"python", "go"}), 3, 5, 40)
    assert (written, opened) == (Path("out.jsonl"), ("open", None, "some/checkpoint"))


def test_an_unknown_task():
    """What is none of the tasks is refused with all of them."""
    _, stderr, exit_code = run("eval", "generation", "folder", "--tasks", "poem")
    assert exit_code == 2
    assert "'poem' is none of code, summary, completion." in " ".join(stderr.replace("│", " ").split())


def test_an_error_is_a_sentence():
    """A folder without a corpus is said to be one, with the way out."""
    engine = FakeCodeSearch(raises=HeldOutMissing(Path("folder"), "nothing there"))
    _, stderr, exit_code = run("eval", "generation", "folder", engine=engine)
    assert exit_code == 2
    assert stderr.startswith("error: there is no corpus with held-out functions in folder: nothing there; build one")


def test_problems():
    """How many there are, how the programs ended, and each pass@k."""
    stdout, stderr, exit_code = run("eval", "problems", "human.jsonl")
    assert stdout.replace("\u00a0", " ") == (
        "human.jsonl: 164 problems, 10 programs each\n"
        "  programs     1,640: failed 1,440, passed 197, timed out 3\n"
        "  pass@1       12.00\n"
        "  pass@10      20.50\n"
    )
    assert (stderr, exit_code) == ("", 0)
    assert json.loads(run("eval", "problems", "human.jsonl", "--json")[0])["pass_at"] == PROBLEMS.pass_at


def test_problem_options():
    """Every option reaches the engine; without any the defaults do."""
    assert asked("eval", "problems", "p.jsonl")[0] == [("evaluate_problems", Path("p.jsonl"), ProblemSettings())]
    options = "--samples 7 --temperature 0.8 --top-p 0.9 --seed 4 --limit 3 --max-tokens 50 --seconds 2.5"
    [(_, _, settings)], _ = asked("eval", "problems", "p.jsonl", *options.split())
    assert settings == ProblemSettings(7, 0.8, 0.9, 4, 3, 50, 2.5)


@pytest.mark.parametrize(
    "arguments",
    [
        ("judged", "--modes", "lexical"),
        ("--modes", "lexical", "judged"),
        ("search", "judged", "--modes", "lexical"),
        ("./generation", "--modes", "lexical"),
    ],
)
def test_the_search_is_measured_by_default(arguments):
    """A folder, or an option, where a command could be means the search; a folder named like a command has a slash."""
    [(name, folder, *_)], _ = asked("eval", *arguments)
    assert (name, folder) == ("evaluate", Path("generation" if "./generation" in arguments else "judged"))
