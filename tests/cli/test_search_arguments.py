"""The arguments of the command `search`: what the engine is asked, and what cannot be meant."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli.main import app
from codesearch import Filters, Kind, Mode
from tests.cli.fakes import FakeCodeSearch


def run(*arguments, engine=None):
    """Run `search` and return its result."""
    return CliRunner().invoke(app, ["search", *arguments], obj=engine or FakeCodeSearch())


def asked(*arguments):
    """Return what the engine is asked to search: (query, paths, top_k, mode, filters, refresh, how to rerank)."""
    engine = FakeCodeSearch()
    assert run(*arguments, engine=engine).exit_code == 0
    return next(call[1:] for call in engine.calls if call[0] == "search")


def test_defaults():
    """Ten matches, hybrid, no filters, refreshed, in the current folder; whether to rerank is the engine's choice."""
    others = {"rerank": None, "rerank_k": 32, "explain": False, "words_first": None, "within": None}
    assert asked("q") == ("q", (), 10, Mode.HYBRID, Filters(), True, others)


def test_every_option_reaches_the_engine():
    """Languages by short name or comma, globs, kinds by group, the mode, no refresh, reranking."""
    arguments = (
        "q src lib -k 3 --lang py,Go --lang rs --path src/ --path *.py --kind function,block --lexical --no-refresh "
        "-x tests/ --exclude *.min.js --rerank --rerank-k 100 --explain --within 2.5"
    )
    kinds = frozenset({Kind.FUNCTION, Kind.METHOD, Kind.CONSTRUCTOR, Kind.BLOCK})
    filters = Filters(frozenset({"python", "go", "rust"}), ("src/", "*.py"), kinds, (), ("tests/", "*.min.js"))
    others = {"rerank": True, "rerank_k": 100, "explain": True, "words_first": None, "within": 2.5}
    assert asked(*arguments.split()) == ("q", (Path("src"), Path("lib")), 3, Mode.LEXICAL, filters, False, others)
    assert asked("q", "--no-rerank")[-1]["rerank"] is False


def test_the_environment_may_say_how_long_to_index(monkeypatch):
    """CODESEARCH_WITHIN is taken where --within is not given; an empty one is none, a wrong one is named."""
    for said, seconds in (("20", 20.0), ("2.5", 2.5), ("", None)):
        monkeypatch.setenv("CODESEARCH_WITHIN", said)
        assert asked("q")[-1]["within"] == seconds
    monkeypatch.setenv("CODESEARCH_WITHIN", "20")
    assert asked("q", "--within", "5")[-1]["within"] == 5.0
    for wrong in ("-1", "soon"):
        monkeypatch.setenv("CODESEARCH_WITHIN", wrong)
        result = run("q")
        assert (result.exit_code, "CODESEARCH_WITHIN" in result.stderr) == (2, True)


def test_kind_type_is_every_kind_of_type():
    """The group `type` stands for all seven kinds of types."""
    kinds = asked("q", "--kind", "type")[4].kinds
    assert kinds == {Kind.CLASS, Kind.STRUCT, Kind.INTERFACE, Kind.TRAIT, Kind.ENUM, Kind.TYPE, Kind.MODULE}


def test_model_and_library_choose_the_engine():
    """They are handed to the factory; the engine is closed in the end."""
    engine = FakeCodeSearch()
    run("q", "--model", "bundled", "--library", "/there", "--mode", "dense", engine=engine)
    assert engine.calls[0] == ("open", Path("/there"), "bundled")
    assert next(call for call in engine.calls if call[0] == "search")[4] is Mode.DENSE
    assert engine.calls[-1] == ("close",)


def test_a_query_may_begin_with_a_filter_that_leaves_out():
    """`-path:` is no option `-p`, wherever the query stands."""
    query, paths, *_ = asked("-k", "3", "-path:tests/ failed upload", "shop")
    assert (query.strip(), paths) == ("-path:tests/ failed upload", (Path("shop"),))


@pytest.mark.parametrize(
    "arguments",
    [
        "q --json -l",
        "q --kind verb",
        "q --lang pyton",
        "q -k 0",
        "q --rerank-k 0",
        "q --rerank-k 101",
        "q --within -1",
        "q --mode fast",
        "q --nonsense",
        "",
    ],
)
def test_wrong_usage_is_exit_code_2(arguments):
    """What cannot be meant is said on stderr, and the engine is not asked."""
    engine = FakeCodeSearch()
    result = run(*arguments.split(), engine=engine)
    assert (result.stdout, result.exit_code, engine.calls) == ("", 2, [])
