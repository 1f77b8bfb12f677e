"""The commands `similar`, `explain` and `complete` with a hand-made engine: exact outputs, exit codes."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli.main import app
from codesearch import CompletedCode, ExplainedDefinition, Filters, Kind, Mode, SearchResults, SimilarDefinitions
from codesearch.codet5p.errors import CapabilityMissing
from codesearch.errors import NoDefinitionHere, SymbolAmbiguous
from tests.cli.fakes import BASKET, COVERAGE, PARSE, RETRY, FakeCodeSearch

EXPLAINED = ExplainedDefinition(RETRY, "Send a failed upload again.", -0.25, "toy")
COMPLETED = CompletedCode(Path("a.py"), 3, " a + b\nreturn c", False, -0.5, "toy", RETRY, (PARSE,))


@dataclass
class FakeAnswers(FakeCodeSearch):
    """Also answers questions about definitions."""

    explained: ExplainedDefinition = EXPLAINED
    completed: CompletedCode = COMPLETED

    def similar(self, where, paths=(), *, top_k, filters, refresh, progress):
        self._called("similar", where, paths, top_k, filters, refresh)
        return SimilarDefinitions(BASKET, SearchResults(where, Mode.DENSE, self.matches[:top_k], self.coverage, 0.02))

    def explain(self, where, paths=(), *, refresh, progress):
        self._called("explain", where, paths, refresh)
        return self.explained

    def complete(self, where, paths=(), *, lines, refresh, progress):
        self._called("complete", where, paths, lines, refresh)
        return self.completed


def run(*arguments, engine=None):
    """Return (stdout, stderr, exit code) of a command."""
    result = CliRunner().invoke(app, list(arguments), obj=engine or FakeAnswers())
    return result.stdout, result.stderr, result.exit_code


def asked(*arguments):
    """Return what the engine is asked."""
    engine = FakeAnswers()
    assert run(*arguments, engine=engine)[2] == 0
    return next(call[1:] for call in engine.calls if call[0] == arguments[0])


def test_similar_shows_what_search_shows():
    """The same text for the same matches; with every way to write it."""
    for options in ([], ["--snippet-lines", "0"], ["-k", "1"], ["--files-only"], ["--jsonl"], ["--color", "always"]):
        found = run("similar", "basket.py:3", *options)
        assert found == run("search", "", *options)
        assert found[0]


def test_similar_as_json():
    """A search's document, and which definition was meant."""
    document = json.loads(run("similar", "basket.py:3", "--json")[0])
    searched = json.loads(run("search", "basket.py:3", "--mode", "dense", "--json")[0])
    definition = document.pop("definition")
    assert (definition["qualified_name"], definition["path"]) == ("Basket", "basket.py")
    assert {**document, "seconds": 0} == {**searched, "seconds": 0}


def test_what_the_engine_is_asked():
    """Each option arrives, and the defaults are those of search."""
    assert asked("similar", "a.py:1") == ("a.py:1", (), 10, Filters(), True)
    filters = Filters(frozenset({"go"}), ("src/",), frozenset({Kind.MACRO}), (), ("old/",))
    options = ["--lang", "go", "--path", "src/", "-x", "old/", "--kind", "macro", "-k", "3", "--no-refresh"]
    assert asked("similar", "a.py:1", "x", "y", *options) == ("a.py:1", (Path("x"), Path("y")), 3, filters, False)
    assert asked("explain", "A.b", "x", "--no-refresh") == ("A.b", (Path("x"),), False)
    assert asked("complete", "a.py:1", "--lines", "4") == ("a.py:1", (), 4, True)
    assert asked("complete", "a.py:1", "x") == ("a.py:1", (Path("x"),), 1, True)


def test_nothing_is_similar():
    """Exit code 1 and the way out that fits: no word was asked for, so there are no other words to try."""
    nothing = FakeAnswers(matches=())
    assert run("similar", "a.py:1", engine=nothing) == (
        "",
        "nothing to compare it with: no other definition is here; "
        "name more folders: codesearch similar FILE:LINE FOLDER...\n",
        1,
    )
    expected = "nothing to compare it with; try without --lang, --path, --exclude or --kind\n"
    assert run("similar", "a.py:1", "--lang", "go", engine=nothing) == ("", expected, 1)
    nothing.coverage = replace(COVERAGE, definitions=0)
    assert "no code that can be searched here" in run("similar", "a.py:1", engine=nothing)[1]


def test_explain_is_one_line():
    """Where, what, and the summary; as JSON with score and model."""
    place = "/work space/shop/upload/queue.py:41-46: Queue.retry (method)"
    assert run("explain", "queue.py:43") == (f"{place}: Send a failed upload again.\n", "", 0)
    document = json.loads(run("explain", "queue.py:43", "--json")[0])
    assert (document["summary"], document["score"], document["model"]) == ("Send a failed upload again.", -0.25, "toy")
    assert document["definition"]["name"] == "retry"


def test_explain_says_that_it_cannot_say():
    """Signature and documentation instead, and exit code 1; in JSON an empty summary."""
    engine = FakeAnswers(explained=replace(EXPLAINED, summary="", score=None))
    stdout, stderr, code = run("explain", "queue.py:43", engine=engine)
    assert stdout.splitlines()[1:] == ["    def retry(self, job):", "    Send a failed upload again."]
    assert (stderr, code) == ("the model toy could not say what this does\n", 1)
    stdout, _, code = run("explain", "queue.py:43", "--json", engine=engine)
    assert (json.loads(stdout)["summary"], json.loads(stdout)["score"], code) == ("", None, 1)


def test_complete_writes_code_and_nothing_else():
    """What can be pasted goes to stdout; as JSON with what was read beside it."""
    assert run("complete", "a.py:3", "--lines", "2") == (" a + b\nreturn c\n", "", 0)
    document = json.loads(run("complete", "a.py:3", "--json")[0])
    assert (document["text"], document["line"], document["new_line"]) == (" a + b\nreturn c", 3, False)
    assert [source["name"] for source in document["sources"]] == ["Parse"]
    assert document["complete"]
    engine = FakeAnswers(completed=replace(COMPLETED, complete=False))
    cut = "the last line was cut: the model had no room for the rest of it\n"
    assert run("complete", "a.py:3", engine=engine) == (" a + b\nreturn c\n", cut, 0)
    engine = FakeAnswers(completed=replace(COMPLETED, text="", definition=None))
    stdout, stderr, code = run("complete", "a.py:3", engine=engine)
    assert (stdout, stderr, code) == ("", "the model toy has nothing to add to this line\n", 1)
    assert json.loads(run("complete", "a.py:3", "--json", engine=engine)[0])["definition"] is None


@pytest.mark.parametrize("command", ["similar", "explain", "complete"])
def test_errors_say_the_way_out(command):
    """One sentence, exit code 2."""
    for error, words in (
        (CapabilityMissing("bundled", "decoder"), "the model bundled has no decoder; choose one that has"),
        (NoDefinitionHere(Path("a.py"), 7), "line 7 of a.py is in no definition; name a line of a function"),
        (SymbolAmbiguous("run", ("a.py:1-2", "b.py:3-4"), 2), "2 definitions are called run: a.py:1-2, b.py:3-4; "),
    ):
        stdout, stderr, code = run(command, "a.py:7", engine=FakeAnswers(raises=error))
        assert (stdout, code) == ("", 2)
        assert stderr.startswith(f"error: {words}")


def test_one_form_at_a_time():
    """--json and --jsonl together are refused."""
    assert run("similar", "a.py:1", "--json", "--jsonl")[2] == 2
