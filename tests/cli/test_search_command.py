"""The command `search` with a hand-made engine: exact outputs, what the engine is asked, exit codes."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from typer.testing import CliRunner

from cli.main import app
from codesearch import Coverage
from codesearch.codet5p.errors import CapabilityMissing
from tests.cli.fakes import COVERAGE, PARSE, RETRY, FakeCodeSearch

PLAIN = '''\
/work space/shop/upload/queue.py:41-46: Queue.retry (method) 0.91
    def retry(self, job):
        """Send a failed upload again."""
        for attempt in range(3):
            if self.send(job):
                return attempt
        raise UploadFailed(job)

/work space/shop/dates.go:7-28: Parse (function) 0.50
    func Parse(text string) (Date, error) {
    …
    \tstep12(text)
    \tstep13(text)
    \tstep14(text)
    \tstep15(text)
    \tstep16(text)
    \tstep17(text)
    \tstep18(text)
    …

/work space/shop/basket.py:1-30: Basket (class) 0.25
    class Basket:
        """What a customer wants to buy."""

        def add(self, item):
'''


def run(*arguments, engine=None):
    """Run `search` and return its result."""
    return CliRunner().invoke(app, ["search", *arguments], obj=engine or FakeCodeSearch())


def test_piped_output_is_plain_text():
    """No colour and no boxes, code indented below `path:start-end: name (kind) score`; nothing on stderr."""
    result = run("failed upload")
    assert (result.stdout, result.stderr, result.exit_code) == (PLAIN, "", 0)


def test_no_snippets_is_a_line_each():
    """Zero lines of code leave one line for each match."""
    assert run("x", "--snippet-lines", "0").stdout == (
        "/work space/shop/upload/queue.py:41-46: Queue.retry (method) 0.91\n"
        "/work space/shop/dates.go:7-28: Parse (function) 0.50\n"
        "/work space/shop/basket.py:1-30: Basket (class) 0.25\n"
    )


def test_files_only():
    """Each file once, best first."""
    engine = FakeCodeSearch()
    engine.matches += engine.matches
    assert run("x", "-l", engine=engine).stdout == (
        "/work space/shop/upload/queue.py\n/work space/shop/dates.go\n/work space/shop/basket.py\n"
    )


def test_json_is_one_document_with_stable_fields():
    """The document has exactly the promised fields, with the values of the answer."""
    result = run("failed upload", "--json", "-k", "1")
    assert result.stderr == ""
    assert json.loads(result.stdout) == {
        "schema": 1,
        "query": "failed upload",
        "mode": "hybrid",
        "seconds": 0.021,
        "coverage": {
            "definitions": 4100,
            "passages": 5000,
            "embedded_passages": 5000,
            "complete": True,
            "stale": False,
            "being_indexed": False,
            "out_of_time": False,
            "indexed_at": "2026-05-04T12:30:00+00:00",
        },
        "corrections": [],
        "results": [
            {
                "path": "upload/queue.py",
                "root": "/work space/shop",
                "language": "python",
                "kind": "method",
                "name": "retry",
                "qualified_name": "Queue.retry",
                "signature": "def retry(self, job):",
                "documentation": "Send a failed upload again.",
                "start_line": 41,
                "end_line": 46,
                "score": 0.913,
                "similarity": 0.5,
                "matching": None,
                "lexical_rank": 1,
                "dense_rank": 2,
                "focus_lines": [41, 46],
                "explanation": None,
                "code": "def retry(self, job):\n"
                '        """Send a failed upload again."""\n'
                "        for attempt in range(3):\n"
                "            if self.send(job):\n"
                "                return attempt\n"
                "        raise UploadFailed(job)",
            }
        ],
    }


def test_what_the_head_says_is_in_the_document():
    """The logit as it is, of a match that was read."""
    engine = FakeCodeSearch(matches=(replace(RETRY, matching=-1.25), PARSE))
    found = json.loads(run("x", "--json", engine=engine).stdout)["results"]
    assert [match["matching"] for match in found] == [-1.25, None]


def test_a_model_without_a_head_is_one_sentence():
    """What it lacks, and the ways out."""
    result = run("x", "--rerank", engine=FakeCodeSearch(raises=CapabilityMissing("small", "matching head")))
    assert (result.stdout, result.exit_code) == ("", 2)
    assert " ".join(result.stderr.split()) == (
        "error: the model small has no matching head; choose one that has, with --model (codesearch models); "
        "fetch one that has everything: hf download Salesforce/codet5p-220m-bimodal; or leave "
        "out what needs it, such as --rerank"
    )


def test_json_lines_are_the_results_of_the_document():
    """Each line is one entry of `results`."""
    lines = run("x", "--jsonl").stdout.splitlines()
    assert [json.loads(line) for line in lines] == json.loads(run("x", "--json").stdout)["results"]


def test_json_has_as_many_lines_of_code_as_are_asked_for():
    """None for 0, else those that text shows below each other; all of them unless a number is asked for."""
    whole, lines, none = (
        [json.loads(line)["code"] for line in run("x", "--jsonl", *option).stdout.splitlines()]
        for option in ([], ["--snippet-lines", "3"], ["--snippet-lines", "0"])
    )
    assert whole == [match.definition.code for match in FakeCodeSearch().matches]
    assert lines[:2] == [
        'def retry(self, job):\n    """Send a failed upload again."""\n    for attempt in range(3):\n…',
        "func Parse(text string) (Date, error) {\n…\n\tstep12(text)\n\tstep13(text)\n…",
    ]
    assert none == ["", "", ""]
    document = json.loads(run("x", "--json", "--snippet-lines", "3").stdout)
    assert [match["code"] for match in document["results"]] == lines


@pytest.mark.parametrize("option", ["--json", "--jsonl", "--snippet-lines=8", "--color=always", "-l"])
def test_unpaired_surrogates_can_be_printed(option):
    """A path or code that is no valid text is written somehow, whatever the form."""
    engine = FakeCodeSearch()
    found = replace(engine.matches[0], path="na\udcefve.py")
    engine.matches = (replace(found, definition=replace(found.definition, code="x = '\ud800'")),)
    result = run("x", option, engine=engine)
    assert result.exit_code == 0
    assert "na\\udcefve.py" in result.stdout or "na?ve.py" in result.stdout


@pytest.mark.parametrize(
    ("engine", "options", "sentence"),
    [
        (FakeCodeSearch(matches=()), [], "nothing found; try other words, or another folder\n"),
        (
            FakeCodeSearch(matches=()),
            ["--lang", "go"],
            "nothing found; try without --lang, --path, --exclude or --kind, or with other words\n",
        ),
        (
            FakeCodeSearch(matches=()),
            ["--lexical"],
            "nothing found; try other words, or search by meaning: --mode hybrid\n",
        ),
        (
            FakeCodeSearch(matches=(), coverage=Coverage(0, 0, 0, None, stale=False)),
            [],
            "no code that can be searched here; see what is skipped and why: codesearch status --skipped\n",
        ),
        (
            FakeCodeSearch(matches=(), coverage=Coverage(0, 0, 0, None, stale=True)),
            ["--no-refresh"],
            "nothing is indexed here yet; index first: codesearch index\n",
        ),
        (
            FakeCodeSearch(matches=(), coverage=Coverage(4, 5, 0, None, stale=True)),
            ["--mode", "dense", "--no-refresh"],
            "nothing here is embedded with this model; index first: codesearch index\n",
        ),
        (
            FakeCodeSearch(matches=(), coverage=Coverage(0, 0, 0, None, stale=True, out_of_time=True)),
            ["--within", "1"],
            "no code is read yet: the time was up; search again to go on\n",
        ),
        (
            FakeCodeSearch(matches=(), coverage=Coverage(4, 5, 5, None, stale=True, out_of_time=True)),
            ["--within", "1", "--lang", "go"],
            "nothing found in what is indexed so far; search again to go on\n",
        ),
    ],
)
def test_nothing_found_is_one_sentence_and_exit_code_1(engine, options, sentence):
    """Nothing on stdout; on stderr what to try instead."""
    result = run("q", *options, engine=engine)
    assert (result.stdout, result.stderr, result.exit_code) == ("", sentence, 1)


def test_nothing_found_is_still_a_document():
    """With --json there is a document without results, and the exit code tells."""
    result = run("q", "--json", engine=FakeCodeSearch(matches=()))
    assert json.loads(result.stdout)["results"] == []
    assert result.exit_code == 1


def test_several_words_without_a_command_are_a_query():
    """`codesearch "failed upload"` is a search; a single unknown word is a mistake."""
    shortcut = CliRunner().invoke(app, ["failed upload", "-k", "3"], obj=FakeCodeSearch())
    assert (shortcut.stdout, shortcut.exit_code) == (PLAIN, 0)
    mistake = CliRunner().invoke(app, ["serach"], obj=FakeCodeSearch())
    assert "Did you mean 'search'?" in mistake.stderr
    assert mistake.exit_code == 2
    unknown = CliRunner().invoke(app, ["upload"], obj=FakeCodeSearch())
    assert "No such command 'upload'. To search for it: codesearch search upload" in unknown.stderr
    assert unknown.exit_code == 2


def test_colour_can_be_forced():
    """With --color always the terminal's view is written, escape sequences and all; NO_COLOR does not overrule it."""
    result = CliRunner().invoke(app, ["search", "x", "--color", "always"], obj=FakeCodeSearch(), env={"NO_COLOR": "1"})
    assert "\x1b[35mupload" in result.stdout or "\x1b[35m/work space/shop/upload/queue.py\x1b[0m" in result.stdout


def test_closing_note():
    """The note says how many, how fast, and what could not be taken into account."""
    from cli.search import closing_note

    engine = FakeCodeSearch(coverage=Coverage(4100, 5000, 4899, COVERAGE.indexed_at, stale=True))
    results = engine.search("q", progress=lambda _: None)
    assert closing_note(results) == (
        "3 of 4,100 definitions in 0.02 s; 97% of passages embedded; changes since the last index not looked at"
    )


@pytest.mark.parametrize(
    ("coverage", "note"),
    [
        (Coverage(9, 9, 3, None, stale=False, out_of_time=True), "33% of passages embedded; the time was up"),
        (
            Coverage(9, 9, 3, None, stale=True, out_of_time=True),
            "33% of passages embedded; not all files are read yet, the time was up",
        ),
    ],
)
def test_what_is_missing_for_want_of_time_is_said_to_programs_too(coverage, note):
    """One line on stderr, where there is no terminal either, unless it is to be quiet; the answer is as ever."""
    result = run("failed upload", "--within", "1", engine=FakeCodeSearch(coverage=coverage))
    assert (result.stdout, result.exit_code) == (PLAIN, 0)
    assert result.stderr == f"3 of 9 definitions in 0.02 s; {note}: search again to go on\n"
    assert run("x", "--within", "1", "-q", engine=FakeCodeSearch(coverage=coverage)).stderr == ""
