"""The command line with the real engine on a small repository: what a person types, and what comes of it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli.main import app

QUEUE = '''\
"""Uploads."""


class Queue:
    """Jobs that wait for the network."""

    def retry(self, job):
        """Send a failed upload again."""
        for attempt in range(3):
            if self.send(job):
                return attempt
        raise UploadFailed(job)
'''

DATES = """\
package dates

// Parse reads a calendar date in any of the usual forms.
func Parse(text string) (Date, error) {
	return scan(text)
}
"""

RETRY_LINES = '''\
upload/queue.py:7-12: Queue.retry (method) {score}
    def retry(self, job):
        """Send a failed upload again."""
        for attempt in range(3):
            if self.send(job):
                return attempt
        raise UploadFailed(job)
'''


@pytest.fixture
def repository(tmp_path, monkeypatch):
    """Return a repository of two source files and a picture, as the current folder, with a library beside it."""
    root = tmp_path / "shop"
    (root / "upload").mkdir(parents=True)
    (root / "upload" / "queue.py").write_text(QUEUE, encoding="utf-8")
    (root / "dates.go").write_text(DATES, encoding="utf-8")
    (root / "logo.png").write_bytes(b"\x89PNG\r\n\x1a\n\x00\x00")
    monkeypatch.chdir(root)
    monkeypatch.setenv("CODESEARCH_LIBRARY", str(tmp_path / "library"))
    return root


def run(*arguments):
    """Run the command line and return (stdout, stderr, exit code)."""
    result = CliRunner().invoke(app, list(arguments))
    return result.stdout, result.stderr, result.exit_code


def found(*arguments):
    """Return the qualified names of the functions that a search finds."""
    stdout, _, _ = run("search", *arguments, "--lexical", "--jsonl")
    matches = [json.loads(line) for line in stdout.splitlines()]
    return {match["qualified_name"] for match in matches if match["kind"] in ("function", "method")}


def test_the_first_search_indexes_by_itself(repository):
    """Nothing but a query is needed; the answer is the method, with its place and its code."""
    stdout, stderr, exit_code = run("search", "retry a failed upload", "--lexical", "-k", "1")
    score = stdout.splitlines()[0].rsplit(" ", 1)[1]
    assert (stdout, stderr, exit_code) == (RETRY_LINES.format(score=score), "", 0)


def test_a_change_is_found_at_once_and_a_removed_file_no_more(repository):
    """Each search looks for changes first, unless told not to."""
    assert found("calendar date") == {"Parse"}
    (repository / "more.py").write_text("def calendar_week(day):\n    return day // 7\n", encoding="utf-8")
    assert "calendar_week" not in found("calendar", "--no-refresh")
    assert "calendar_week" in found("calendar")
    (repository / "more.py").unlink()
    assert "calendar_week" not in found("calendar")


def test_filters_limit_the_answer(repository):
    """Language, glob, kind and folder each leave out what is not meant."""
    assert found("date upload", "--lang", "go") == {"Parse"}
    assert found("date upload", "--kind", "method") == {"Queue.retry"}
    assert found("date upload", "--path", "*.go") == {"Parse"}
    assert found("date upload", "--exclude", "*.go") == {"Queue.retry"}
    assert found("date upload", "-x", "upload/") == {"Parse"}
    assert found("date upload", "upload") == {"Queue.retry"}
    assert found("date upload") == {"Parse", "Queue.retry"}


def test_search_without_an_index_when_it_may_not_make_one(repository):
    """With --no-refresh nothing is indexed, and the way out is said."""
    sentence = f"error: {repository} is not indexed; to index it: codesearch index {repository}\n"
    assert run("search", "x", "--no-refresh", "--lexical") == ("", sentence, 2)


def test_index_then_status_then_clear(repository):
    """What was indexed is shown, what is skipped is named, and after clear it is gone."""
    _, stderr, exit_code = run("index", "--lexical-only")
    assert stderr.startswith(f"{repository}  files: 2 added, 1 skipped; ")
    assert exit_code == 0
    status = json.loads(run("status", "--json")[0])["repositories"]
    assert [(one["root"], one["files"]) for one in status] == [(str(repository), {"python": 1, "go": 1})]
    assert run("status", "--skipped")[0].startswith("logo.png: ")
    assert run("clear", "--yes") == ("", f"removed the index of {repository}\n", 0)
    assert run("status") == ("", "nothing is indexed yet; run: codesearch index FOLDER\n", 1)


def test_clear_gone_forgets_what_is_gone_alone(repository, tmp_path):
    """Two folders go, one stays: first nobody can be asked, then each is named; after that there is none."""
    others = [tmp_path / "gone", tmp_path / "gone" / "within"]
    for folder in (*reversed(others), repository):
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "a.py").write_text("def f():\n    return 1\n", encoding="utf-8")
        run("index", str(folder), "--lexical-only", "-q")
    none_gone = ("", "no folder of an index is gone\n", 1)
    assert run("clear", "--gone", "--yes") == none_gone
    shutil.rmtree(others[0])
    assert run("clear", "--gone")[2] == 2
    said = "".join(f"removed the index of {folder}\n" for folder in others)
    assert run("clear", "--gone", "--yes") == ("", said, 0)
    assert [one["root"] for one in json.loads(run("status", "--json")[0])["repositories"]] == [str(repository)]
    assert run("clear", "--gone") == none_gone


def test_a_named_place_that_is_not_searched_is_said_to_be(repository):
    """A file that is left out, and one in a folder that is; not one that is searched and holds nothing of the kind."""
    (repository / ".gitignore").write_text("built/\n")
    (repository / "built").mkdir()
    (repository / "built" / "queue.py").write_text(QUEUE, encoding="utf-8")
    for place, reason in (("logo.png", "not source code (.png)"), ("built/queue.py", "ignored by .gitignore:1")):
        result = CliRunner().invoke(app, ["search", "retry", place, "--lexical"])
        said = f"{place} is not searched: {reason}; see what is skipped and why: codesearch status --skipped\n"
        assert (result.stdout, result.stderr, result.exit_code) == ("", said, 1)
    result = CliRunner().invoke(app, ["search", "retry", "dates.go", "--lexical"])
    assert (result.stdout, result.exit_code) == ("", 1)
    assert "dates.go" not in result.stderr


@pytest.mark.skipif(os.name == "nt" or not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root reads every file")
def test_an_unreadable_file_is_named_and_its_neighbours_are_found(repository):
    """One bad file does not stop the run."""
    (repository / "dates.go").chmod(0)
    _, stderr, exit_code = run("index", "--lexical-only")
    assert "dates.go" in stderr
    assert exit_code == 0
    assert found("failed upload") == {"Queue.retry"}


def test_a_damaged_library_is_said_in_a_sentence(repository, tmp_path):
    """A file that is no database is not a traceback, and the way out that is named works."""
    run("index", "--lexical-only")
    database = tmp_path / "library" / "library.sqlite3"
    database.write_bytes(b"this is not a database" * 1000)
    _, stderr, exit_code = run("search", "upload", "--lexical")
    assert stderr.startswith(f"error: the library {database} cannot be read: ")
    assert stderr.endswith("; delete that file and index again\n")
    assert exit_code == 2
    database.unlink()
    assert found("failed upload") == {"Queue.retry"}


def test_models_are_listed():
    """The bundled model is there, and is the default or not."""
    models = json.loads(run("models", "--json")[0])["models"]
    assert models[0]["name"] == "bundled"


def test_the_search_by_meaning_answers_with_every_passage_embedded(repository):
    """With the bundled model the whole repository has vectors, and each result says how near it is."""
    stdout, _, exit_code = run("search", "send a file over the network once more after it did not work", "--json")
    answer = json.loads(stdout)
    assert exit_code == 0
    assert answer["coverage"]["complete"]
    assert answer["results"][0]["qualified_name"] == "Queue.retry"
    assert all(-1 <= result["similarity"] <= 1 for result in answer["results"] if result["dense_rank"])
    assert {result["dense_rank"] for result in answer["results"]} >= {1, 2, 3}


def test_an_index_that_is_up_to_date_loads_neither_runtime_nor_faiss(repository):
    """Whether anything is to be embedded is known from the model's fingerprint and the names of vector files alone."""
    code = (
        "import sys\nfrom cli.main import main\n"
        "try: main()\n"
        "finally: print({'onnxruntime', 'tokenizers', 'torch', 'faiss'} & set(sys.modules), file=sys.stderr)"
    )
    command = [sys.executable, "-c", code, "index", "--quiet", "."]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    loaded = [subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stderr for _ in "12"]
    assert "onnxruntime" in loaded[0]
    assert loaded[1] == "set()\n"
