"""The commands of `train`, on real runs of a few steps."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

import cli
from cli.main import app
from tests.codesearch.training.small_runs import write_corpus, write_settings, write_start

NOWHERE = "/no/such/place"

pytestmark = pytest.mark.usefixtures("one_thread")


def run(*arguments):
    """Run `codesearch train ...` and return (stdout, stderr, exit code)."""
    result = CliRunner().invoke(app, ["train", *map(str, arguments)])
    return result.stdout, result.stderr, result.exit_code


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Return the arguments of a run but for its folder."""
    folder = tmp_path_factory.mktemp("made")
    settings = write_settings(folder / "settings.toml")
    return settings, "--corpus", write_corpus(folder / "corpus"), "--init", write_start(folder / "start")


def test_a_run_in_two_parts(made, tmp_path):
    """No minutes are enough for one step; the same command goes on to the end, and says each time where it is."""
    arguments = ("run", *made, "--output", tmp_path / "run")
    stdout, stderr, code = run(*arguments, "--minutes", 0)
    assert (stdout, code) == ("", 0)
    assert "first 1/3  contrastive " in stderr
    assert f"{tmp_path / 'run'}  1 of 5 steps" in stderr
    assert stderr.rstrip().endswith("saved; to go on, run the same command again")
    stdout, stderr, code = run(*arguments, "--json")
    document = json.loads(stdout)
    assert code == 0
    assert (document["schema"], document["finished"], document["steps"], document["of_steps"]) == (1, True, 5, 5)
    assert document["checkpoint"] == str(tmp_path / "run" / "checkpoint")
    assert f"codesearch eval FOLDER --model {tmp_path / 'run' / 'checkpoint'}" in stderr

    stdout, _, code = run("curves", tmp_path / "run")
    assert (stdout.splitlines()[0], code) == (str(tmp_path / "run" / "curves.json"), 0)
    drawn = json.loads(run("curves", tmp_path / "run", "--json")[0])
    assert drawn["losses"]["contrastive"]["steps"] == [1, 2, 3]

    start, target = made[-1], tmp_path / "mixed"
    stdout, stderr, code = run("average", start, document["checkpoint"], "--share", 0.25, "--output", target)
    assert (stdout, code) == ("", 0)
    assert stderr == f"{target}: {start} with 25% of {document['checkpoint']}\n"
    assert (target / "model.safetensors").is_file()


def test_quiet_says_nothing(made, tmp_path):
    """With --quiet there is neither progress nor a note."""
    assert run("run", *made, "--output", tmp_path / "run", "--quiet", "--minutes", 0) == ("", "", 0)


def test_without_matplotlib(made, tmp_path, monkeypatch):
    """A run that could not draw its picture says how to get one."""
    monkeypatch.delitem(sys.modules, "codesearch.training.picture", raising=False)
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    _, stderr, code = run("run", *made, "--output", tmp_path / "run", "--minutes", 0)
    assert code == 0
    assert "pip install 'codesearch-codet5p[train]'" in stderr


def test_a_folder_of_ones_own_that_is_not_there():
    """It is named as what is wrong, before anything is read; an archive would be no help."""
    stdout, stderr, code = run("corpus", "--own", NOWHERE, "--output", NOWHERE)
    assert (stdout, code) == ("", 2)
    assert "--own" in stderr
    assert NOWHERE in stderr


def test_a_corpus_of_ones_own_and_a_start_from_it(tmp_path):
    """--own alone reads that repository and nothing else; a tokenizer is learned from what came of it."""
    (tmp_path / "code").mkdir()
    for name in ("excerpt.py", "plain.py", "streams.py"):
        (tmp_path / "code" / name).write_bytes((Path(cli.__file__).parent / name).read_bytes())
    corpus = tmp_path / "corpus"
    stdout, stderr, code = run("corpus", "--own", tmp_path / "code", "--output", corpus, "--json")
    assert code == 0
    manifest = json.loads(stdout)
    assert 10 < manifest["train"]["pairs"] <= manifest["train"]["examples"]
    assert list(manifest["train"]["languages"]) == ["python"]
    assert [source["package"] for source in manifest["sources"]] == [str(tmp_path / "code")]
    assert f"pairs       {manifest['train']['pairs']}: python {manifest['train']['pairs']}\n" in stderr
    start = ("start", "efficient", "--corpus", corpus, "--vocabulary", 500, "--output", tmp_path / "start")
    stdout, stderr, code = run(*start, "--init", NOWHERE)
    assert (stdout, code) == ("", 2)
    assert "there is no model" in stderr


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (
            ("run", "fast", "--corpus", NOWHERE, "--init", "bundled", "--output", "x"),
            "the settings fast cannot be used",
        ),
        (("run", "fine-tune", "--corpus", NOWHERE, "--init", "bundled", "--output", "x"), "nothing to learn from"),
        (("run", "fine-tune", "--corpus", NOWHERE, "--init", NOWHERE, "--output", "x"), "there is no model"),
        (("curves", NOWHERE), "there is no training run in"),
        (("corpus", f"{NOWHERE}.toml", "--output", "x"), "the list of sources"),
        (("start", "slow", "--corpus", NOWHERE, "--output", "x"), "is none of efficient, from-scratch"),
        (("start", "from-scratch", "--init", "bundled", "--corpus", NOWHERE, "--output", "x"), "leave it out"),
    ],
)
def test_mistakes_have_a_way_out(arguments, sentence, tmp_path, monkeypatch):
    """What cannot be done is said in a sentence, with exit code 2, and leaves nothing behind."""
    monkeypatch.chdir(tmp_path)
    stdout, stderr, code = run(*arguments)
    assert (stdout, code) == ("", 2)
    assert sentence in " ".join(stderr.split())
    assert "Traceback" not in stderr
    assert not list(tmp_path.glob("x/*.pt"))
