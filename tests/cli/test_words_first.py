"""The first answer, by words, on a real terminal: its place in the output, and what interrupts it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from cli.words_first import WordsFirst
from codesearch import Mode, SearchResults
from tests.cli.fakes import BASKET, FakeCodeSearch

REPOSITORY = Path(__file__).parents[2]

# An engine that gives a first answer if one is wanted, then reports, then ends as told.
PROGRAM = """
import sys
from dataclasses import replace
from cli.main import app
from codesearch import Mode, Progress, SearchResults
from tests.cli.fakes import BASKET, PARSE, FakeCodeSearch

class Slow(FakeCodeSearch):
    def search(self, query, paths=(), *, progress, words_first, **others):
        if words_first is not None:
            found = () if query == "nothing" else (BASKET,)
            words_first(SearchResults(query, Mode.LEXICAL, found, self.coverage, 0.01))
        progress(Progress("embed", 1, 1000))
        if query == "interrupted":
            raise KeyboardInterrupt
        return SearchResults(query, Mode.HYBRID, (PARSE,), self.coverage, 0.02)

app(["search", *sys.argv[1:]], obj=Slow())
"""

pytestmark = pytest.mark.skipif(not hasattr(os, "openpty"), reason="this system has no pseudo-terminals")


def on_a_terminal(*arguments):
    """Run a search whose stdout and stderr are one terminal; return (what it shows, exit code)."""
    ours, theirs = os.openpty()
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY), "NO_COLOR": "1", "COLUMNS": "100"}
    command = [sys.executable, "-c", PROGRAM, *arguments, "--snippet-lines", "0"]
    with subprocess.Popen(
        command, stdin=theirs, stdout=theirs, stderr=theirs, env=environment, cwd=REPOSITORY
    ) as process:
        os.close(theirs)
        shown = b""
        while chunk := _read(ours):
            shown += chunk
    os.close(ours)
    return shown.decode().replace("\r\n", "\n"), process.returncode


def _read(descriptor):
    """Return what comes next; nothing when the other side is closed, which Linux calls an error."""
    try:
        return os.read(descriptor, 65536)
    except OSError:
        return b""


def places(shown, *texts):
    """Return where each text begins, all of which must be there."""
    return [shown.index(text) for text in texts]


def test_the_first_answer_comes_first():
    """Heading, first answer, heading, full answer, closing note, in this order and once each."""
    shown, exit_code = on_a_terminal("q")
    order = places(shown, "By words, while", "basket.py:1-30", "By words and meaning", "dates.go:7-28", "1 of 4,100")
    assert order == sorted(order)
    assert [shown.count(text) for text in ("basket.py", "dates.go", "By words")] == [1, 1, 2]
    assert exit_code == 0


def test_a_first_answer_without_a_match_says_so():
    """One line, and the full answer follows."""
    shown, exit_code = on_a_terminal("nothing")
    assert shown.startswith("Nothing by words; meaning is still being prepared.\n")
    assert "dates.go:7-28" in shown
    assert exit_code == 0


def test_an_interruption_after_the_first_answer():
    """The answer by words stays, one line says how to go on, and the exit code is that of an interruption."""
    shown, exit_code = on_a_terminal("interrupted")
    order = places(shown, "basket.py:1-30", "stopped; the answer by words stands, and what was embedded is kept")
    assert order == sorted(order)
    assert "By words and meaning" not in shown
    assert exit_code == 130


@pytest.mark.parametrize("option", ["--json", "--jsonl", "--files-only", "--quiet"])
def test_what_is_not_read_by_a_person_comes_once(option):
    """Also on a terminal: a document, paths alone and a quiet search have one answer."""
    shown, _ = on_a_terminal("q", option)
    assert "basket.py" not in shown
    assert shown.count("dates.go") == 1


def test_a_pipe_gets_one_answer():
    """Without a terminal the full answer is all that is written, and an interruption is that of any command."""
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    run = [sys.executable, "-c", PROGRAM]
    done = subprocess.run([*run, "q"], env=environment, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert ("basket.py" in done.stdout, "dates.go" in done.stdout, done.stderr) == (False, True, "")
    stopped = subprocess.run(
        [*run, "interrupted"], env=environment, cwd=REPOSITORY, capture_output=True, text=True, check=False
    )
    assert (stopped.stdout, stopped.returncode) == ("", 130)
    assert stopped.stderr == "stopped; what was done is kept; run again to go on\n"


def test_the_bars_make_room_for_the_first_answer():
    """They are off the screen when the answer is written, or it would stand in the middle of them."""
    steps: list[str] = []

    class Bars:
        def clear(self):
            steps.append("wiped")

    first = WordsFirst(lambda found: steps.append(found.query), Bars())
    first(SearchResults("a basket", Mode.LEXICAL, (BASKET,), FakeCodeSearch().coverage, 0.01))
    assert steps == ["wiped", "a basket"]
