"""The commands `index`, `status`, `models` and `clear` with a hand-made engine."""

from __future__ import annotations

import json
import time
from dataclasses import asdict, replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli.main import app
from cli.reports import status_lines
from codesearch import IndexReport, ModelChange, VerificationReport
from tests.cli.fakes import (
    MODELS,
    REPORT,
    ROOT,
    STATUS,
    FakeCheck,
    FakeCodeSearch,
)


@pytest.fixture(autouse=True)
def greenwich(monkeypatch):
    """Let times be shown in UTC."""
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()


def run(*arguments, engine=None, **options):
    """Run the command line and return (stdout, stderr, exit code)."""
    result = CliRunner().invoke(app, list(arguments), obj=engine or FakeCodeSearch(), **options)
    return result.stdout, result.stderr, result.exit_code


INDEX_LINE = (
    "a  files: 12 added, 1 removed, 2,000 unchanged, 3 skipped; "
    "4,100 definitions read, 4,850 passages embedded, 150 embedded before; 2.3 s\n"
)


def test_index_says_in_a_line_what_it_did():
    """The summary is no result, so it goes to stderr."""
    assert run("index", "a") == ("", INDEX_LINE, 0)


def test_index_names_the_files_that_failed():
    """The first ten are named, the others counted; one bad file is no failure of the run."""
    report = replace(REPORT, failures=tuple(f"f{number}.py: unreadable" for number in range(12)))
    named = "".join(f"  f{number}.py: unreadable\n" for number in range(10))
    assert run("index", "a", engine=FakeCodeSearch(report=report)) == ("", f"{INDEX_LINE}{named}  and 2 more\n", 0)


def test_index_takes_several_folders():
    """Each is indexed on its own, in the order given; --lexical-only reaches the engine."""
    engine = FakeCodeSearch()
    run("index", "a", "b", "--lexical-only", engine=engine)
    assert [call for call in engine.calls if call[0] == "index"] == [
        ("index", Path("a"), True),
        ("index", Path("b"), True),
    ]


@pytest.mark.parametrize(("option", "wanted"), [("--summaries", [True]), ("--no-summaries", [False]), (None, [])])
def test_index_passes_on_whether_summaries_are_wanted(option, wanted):
    """Wanted, no more wanted, or as it was."""
    engine = FakeCodeSearch()
    run("index", "a", *([option] if option else []), engine=engine)
    assert [call for call in engine.calls if call[0] == "index"] == [("index", Path("a"), False, *wanted)]


def test_summaries_are_counted():
    """Index says how many functions were summarised, and status how many are; and both what waits."""
    said = [
        (IndexReport(unchanged=3, summarised=1), "; 1 function summarised"),
        (IndexReport(unchanged=3, unsummarised=1200), "; 1,200 not summarised: the model has no decoder"),
    ]
    for report, line in said:
        assert run("index", "a", engine=FakeCodeSearch(report=report))[1] == f"a  files: 3 unchanged{line}; 0.0 s\n"
    for summarised, waiting, line in (
        (1, 0, "1 function without documentation"),
        (1500, 12, "1,500 functions without documentation; 12 not summarised yet"),
    ):
        status = replace(STATUS, summarised=summarised, unsummarised=waiting)
        shown = run("status", engine=FakeCodeSearch(statuses=(status,)))[0]
        assert f"  summaries    {line}\n" in shown
    assert "summaries" not in run("status", engine=FakeCodeSearch())[0]


def test_index_of_what_has_not_changed():
    """Parts that are zero are not mentioned."""
    engine = FakeCodeSearch(report=IndexReport(unchanged=3, seconds=0.04))
    assert run("index", "a", engine=engine)[1] == "a  files: 3 unchanged; 0.0 s\n"
    assert run("index", "a", engine=FakeCodeSearch(report=IndexReport()))[1] == "a  files: none; 0.0 s\n"


@pytest.mark.parametrize("arguments", [["index", "a", "-q"], ["search", "q", "a", "-l"]])
def test_another_model_is_announced(arguments):
    """Before embeddings are made anew it is said how many; with the automatic model there is nothing to say."""
    engine = FakeCodeSearch(change=ModelChange(ROOT, "bundled@1", "big@2", 5000))
    assert run(*arguments, "--model", "big", engine=engine)[1] == (
        "/work space/shop: 5,000 passages are embedded anew, with the model big\n"
    )
    assert run(*arguments, engine=engine)[1] == ""


def test_index_as_json():
    """One document with the report of each folder."""
    stdout, _, _ = run("index", "a", "--json", "-q")
    assert json.loads(stdout) == {
        "schema": 1,
        "repositories": [{"path": "a", **asdict(REPORT), "failures": []}],
    }


def test_status():
    """A block of labelled lines for each repository, the largest parts first."""
    assert run("status")[0] == (
        "/work space/shop\n"
        "  indexed      2026-05-04 12:30\n"
        "  embedded     bundled: 97% of 5,000 passages\n"
        "  files        1,100: python 800, go 300\n"
        "  definitions  4,100: function 2,500, method 1,600\n"
        "  skipped      24: not source code 20, binary 4\n"
    )


@pytest.mark.parametrize(
    ("changes", "lines"),
    [
        (
            {"gone": True},
            [
                "  folder       no longer there; to forget its index: codesearch clear '/work space/shop'",
                "  indexed      2026-05-04 12:30",
            ],
        ),
        (
            {"being_indexed": True, "indexed_at": None},
            ["  now          another codesearch is indexing it", "  indexed      never"],
        ),
        ({"indexed_at": None}, ["  indexed      not to the end yet; to go on: codesearch index"]),
    ],
)
def test_status_of_what_is_not_as_usual(changes, lines):
    """A folder that is gone, a run that is going on and one that was broken off are told apart, with the way out."""
    engine = FakeCodeSearch(statuses=(replace(STATUS, **changes),))
    shown = run("status", engine=engine)[0].splitlines()
    assert shown[1 : shown.index("  embedded     bundled: 97% of 5,000 passages")] == lines


def test_status_is_wrapped_on_a_terminal():
    """Long lines go on below their beginning, and a name is not parted from its number."""
    status = replace(STATUS, skipped={}, files={"objective-c": 1, "visual basic": 2, "python": 3, "c": 4})
    assert [line.plain for line in status_lines(status, 45)] == [
        "/work space/shop",
        "  indexed      2026-05-04 12:30",
        "  embedded     bundled: 97% of 5,000 passages",
        "  files        10: c 4, python 3,",
        "               visual basic 2, objective-c 1",
        "  definitions  4,100: function 2,500,",
        "               method 1,600",
    ]


def test_status_as_json():
    """The library and every repository, with times in ISO 8601."""
    document = json.loads(run("status", "--json")[0])
    assert document["library"] == "/library"
    assert document["repositories"] == [
        {
            "root": "/work space/shop",
            "files": {"python": 800, "go": 300},
            "skipped": {"binary": 4, "not source code (json)": 12, "not source code (text)": 8},
            "definitions": {"function": 2500, "method": 1600},
            "passages": 5000,
            "embedded_passages": 4850,
            "model": "bundled@0123abcd",
            "indexed_at": "2026-05-04T12:30:00+00:00",
            "being_indexed": False,
            "gone": False,
            "summarised": 0,
            "unsummarised": 0,
        }
    ]


def test_status_of_nothing():
    """Nothing indexed is said with the command that changes it, exit code 1."""
    empty = FakeCodeSearch(statuses=())
    assert run("status", engine=empty) == ("", "nothing is indexed yet; run: codesearch index FOLDER\n", 1)


def test_skipped_files():
    """A line each: path and reason."""
    assert run("status", str(ROOT), "--skipped") == (
        "/work space/shop/logo.png: binary\n/work space/shop/vendor/: ignored\n",
        "",
        0,
    )


@pytest.mark.parametrize("arguments", [["models"], ["models", "list"]])
def test_models(arguments):
    """Without a command the models are listed."""
    assert run(*arguments) == (
        "bundled  present  default\n"
        "  what         A compact CodeT5+ encoder.\n"
        "  dimension    256\n"
        "  where        codesearch/weights/bundled\n"
        "codet5p-220m-bimodal  absent\n"
        "  what         The full-quality engine.\n"
        "  dimension    256\n"
        "  belongs in   /hub/big\n",
        "",
        0,
    )


@pytest.mark.parametrize("arguments", [["models", "--json"], ["models", "list", "--json"]])
def test_models_as_json(arguments):
    """One document with every field."""
    assert json.loads(run(*arguments)[0]) == {"schema": 1, "models": [asdict(model) for model in MODELS]}


def test_verification_that_fails():
    """Each check is shown, and the exit code is 2."""
    checks = (FakeCheck("norms", True, "1.0000"), FakeCheck("golden values", False, "0.2 off"))
    engine = FakeCodeSearch(verification=VerificationReport("big", checks))
    assert run("models", "verify", "big", engine=engine) == (
        "ok      norms: 1.0000\nFAILED  golden values: 0.2 off\n",
        "error: big does not compute what it should; fetch it again, or choose another: codesearch models\n",
        2,
    )


def test_verification_that_passes():
    """The name reaches the engine; exit code 0."""
    engine = FakeCodeSearch()
    assert run("models", "verify", "bundled", engine=engine) == ("ok      norm: 1.0000\n", "", 0)
    assert ("verify_model", "bundled") in engine.calls


def test_verification_as_json():
    """One document with every check; one that failed is exit code 2 still, with the way out on stderr."""
    assert json.loads(run("models", "verify", "bundled", "--json")[0]) == {
        "schema": 1,
        "name": "bundled",
        "passed": True,
        "checks": [{"name": "norm", "passed": True, "detail": "1.0000"}],
    }
    failing = FakeCodeSearch(verification=VerificationReport("big", (FakeCheck("golden values", False, "0.2 off"),)))
    stdout, stderr, exit_code = run("models", "verify", "big", "--json", engine=failing)
    document = json.loads(stdout)
    assert (document["passed"], document["checks"][0]["passed"], exit_code) == (False, False, 2)
    assert stderr.startswith("error: big does not compute what it should")


@pytest.mark.parametrize(("arguments", "place"), [(["--all"], None), (["there"], Path("there")), ([], Path.cwd())])
def test_clear_with_yes(arguments, place):
    """The engine forgets what was named: everything, a folder, or the current one."""
    engine = FakeCodeSearch()
    assert run("clear", *arguments, "--yes", engine=engine) == ("", "removed the index of /work space/shop\n", 0)
    assert ("clear", place) in engine.calls


def test_clear_without_anybody_to_ask():
    """Without a terminal and without --yes nothing is removed."""
    engine = FakeCodeSearch()
    _, stderr, exit_code = run("clear", "--all", engine=engine)
    assert stderr == "error: nobody is here to be asked; to remove the index anyway, add --yes\n"
    assert exit_code == 2
    assert not [call for call in engine.calls if call[0] == "clear"]


def test_clear_of_nothing():
    """Nothing to remove is exit code 1."""
    assert run("clear", "--all", engine=FakeCodeSearch(statuses=())) == ("", "nothing was indexed\n", 1)


@pytest.mark.parametrize("together", [("x", "--all"), ("x", "--gone"), ("--gone", "--all")])
def test_clear_takes_a_path_or_gone_or_all(together):
    """Two of them together cannot be meant, and nothing is removed."""
    engine = FakeCodeSearch()
    assert run("clear", *together, "--yes", engine=engine)[2] == 2
    assert engine.calls == []
