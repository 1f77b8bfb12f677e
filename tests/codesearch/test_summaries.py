"""Summaries from a decoder that knows two functions by heart to the answers of a search."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from typer.testing import CliRunner

from cli.main import app
from codesearch import CodeSearch, Mode
from codesearch.codet5p.errors import CapabilityMissing
from codesearch.errors import PathMissing
from codesearch.refreshing import TimeIsUp, TimeLimit
from store import Progress
from tests.codesearch.codet5p import folders, learned

pytestmark = pytest.mark.usefixtures("one_thread")

ADD, SIZE = learned.SUMMARIES
SHOP = {
    "sums.py": f"# a file\nclass Sums:\n    {ADD.replace(chr(10), chr(10) + '    ')}\n",
    "said.py": 'def told(a):\n    """Told by a person."""\n    return a\n',
}


@pytest.fixture(scope="module")
def model(tmp_path_factory, one_thread):
    """The folder of the checkpoint, which learns with one thread."""
    folder = tmp_path_factory.mktemp("learned")
    learned.write(folder)
    return str(folder)


@pytest.fixture(scope="module")
def encoder_alone(tmp_path_factory):
    """The folder of a checkpoint without a decoder."""
    folder = tmp_path_factory.mktemp("encoder")
    folders.published(folder, "codet5p_embedding", file="model.safetensors")
    return str(folder)


@pytest.fixture
def shop(tmp_path):
    """A method without documentation, and a function with some."""
    root = tmp_path / "shop"
    root.mkdir()
    for path, text in SHOP.items():
        (root / path).write_text(text)
    return root


def named(results):
    return [match.definition.name for match in results.matches]


def test_a_function_is_found_by_its_summary(tmp_path, shop, model):
    """It is read as `explain` reads it, is no documentation, and every later run and search keeps it up."""
    with CodeSearch(tmp_path / "library", model) as engine:
        report = engine.index(shop, summaries=True)
        assert (report.summarised, report.unsummarised) == (1, 0)
        [match] = engine.search("numbers", [shop], mode=Mode.LEXICAL).matches
        assert (match.definition.name, match.definition.summary, match.definition.documentation) == (
            "add",
            learned.SUMMARIES[ADD],
            "",
        )
        (shop / "size.py").write_text(f"{SIZE}\n")
        assert named(engine.search("say", [shop], mode=Mode.LEXICAL)) == []  # a search by words loads no model
        [status] = engine.status(shop)
        assert (status.summarised, status.unsummarised) == (1, 1)
        assert "size" in named(engine.search("something", [shop]))
        assert named(engine.search("say", [shop], mode=Mode.LEXICAL)) == ["size"]
    with CodeSearch(tmp_path / "library") as engine:  # whichever model: the one that did it before
        (shop / "again.py").write_text(f"more = 1\n\n\n{ADD}\n")
        assert engine.index(shop, lexical_only=True).summarised == 1
        assert engine.index(shop, lexical_only=True, summaries=False).summarised == 0
        assert named(engine.search("numbers say", [shop], mode=Mode.LEXICAL)) == []
        assert [one.summarised for one in engine.status(shop)] == [0]


def test_without_a_decoder_nothing_is_changed(tmp_path, shop, encoder_alone):
    """Neither a new folder becomes a repository, nor is a known one touched."""
    with CodeSearch(tmp_path / "library", encoder_alone) as engine:
        with pytest.raises(CapabilityMissing):
            engine.index(shop, summaries=True, lexical_only=True)
        assert engine.status() == []
        with pytest.raises(PathMissing):
            engine.index(shop / "nowhere", summaries=True)
        engine.index(shop, lexical_only=True)
        (shop / "new.py").write_text(f"{SIZE}\n")
        with pytest.raises(CapabilityMissing):
            engine.index(shop, summaries=True, lexical_only=True)
        [status] = engine.status()
        assert (sum(status.files.values()), status.summarised, status.unsummarised) == (2, 0, 0)


def test_a_decoder_that_is_gone_fails_no_search(tmp_path, shop, model, encoder_alone):
    """What is summarised stays, what is new waits, and a run says how much."""
    with CodeSearch(tmp_path / "library", model) as engine:
        engine.index(shop, lexical_only=True, summaries=True)
    (shop / "size.py").write_text(f"{SIZE}\n")
    with CodeSearch(tmp_path / "library", encoder_alone) as engine:
        assert sorted(named(engine.search("add numbers", [shop]))) == ["Sums", "add", "size", "told"]
        report = engine.index(shop)
        assert (report.summarised, report.unsummarised) == (0, 1)
        assert named(engine.search("numbers", [shop], mode=Mode.LEXICAL)) == ["add"]


def test_explaining_waits_for_no_summaries(tmp_path, shop, model):
    """What is explained is brought up to date, and the summaries of others are left to a run."""
    with CodeSearch(tmp_path / "library", model) as engine:
        engine.index(shop, lexical_only=True, summaries=True)
        (shop / "size.py").write_text(f"{SIZE}\n")
        assert engine.explain("size", [shop]).summary == learned.SUMMARIES[SIZE]
        assert engine.status(shop)[0].unsummarised == 1


def test_a_time_limit_ends_summarising_between_batches():
    """Not before some are written, as with passages."""
    limit = TimeLimit(0, None)
    limit(Progress("summarise", 0, 9))
    with pytest.raises(TimeIsUp):
        limit(Progress("summarise", 1, 9))


def test_the_command_line(tmp_path, shop, model, monkeypatch):
    """From index --summaries to the field of a result, which is only there where there is one; and out again."""
    monkeypatch.setenv("CODESEARCH_LIBRARY", str(tmp_path / "library"))

    def run(*arguments):
        done = CliRunner().invoke(app, [*arguments, "--model", model])
        assert done.exit_code == 0, done.stderr
        return done

    assert "definitions read, 1 function summarised;" in run("index", str(shop), "--summaries", "--lexical-only").stderr
    found = json.loads(run("search", "numbers told", str(shop), "--lexical", "--json").stdout)["results"]
    assert {one["name"]: (one.get("summary"), one["documentation"]) for one in found} == {
        "add": ("Add numbers.", ""),
        "told": (None, "Told by a person."),
    }
    assert "summary" not in next(one for one in found if one["name"] == "told")
    run("index", str(shop), "--no-summaries", "--lexical-only")
    found = json.loads(run("search", "told", str(shop), "--lexical", "--json").stdout)["results"]
    assert [one["name"] for one in found] == ["told"]


UP_TO_DATE = """
import sys
from pathlib import Path
from codesearch import CodeSearch
with CodeSearch(Path(sys.argv[1]), sys.argv[2]) as engine:
    print(engine.index(Path(sys.argv[3]), lexical_only=True).summarised, "torch" in sys.modules)
"""


def test_where_nothing_is_to_be_summarised_no_torch_is_loaded(tmp_path, shop, model):
    """Summaries that are there, and those that are kept from before, cost nothing heavy."""
    with CodeSearch(tmp_path / "library", model) as engine:
        engine.index(shop, lexical_only=True, summaries=True)
    for summarised in (0, 1):
        command = [sys.executable, "-c", UP_TO_DATE, str(tmp_path / "library"), model, str(shop)]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        assert done.stdout.split() == [str(summarised), "False"]
        (shop / "sums.py").write_text("# the same method further down\n" + SHOP["sums.py"])
