"""The command `generate`: code alone on stdout, its sources on stderr, and never garbage with a straight face."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass, field
from types import SimpleNamespace

import pytest
from typer.testing import CliRunner

from cli import generate as command
from cli.main import app
from codesearch import Filters, Kind
from codesearch.codet5p import Decoding
from codesearch.codet5p.errors import CapabilityMissing
from codesearch.generation.question import GenerationQuestion
from tests.cli.fakes import PARSE, RETRY, FakeCodeSearch
from tests.codesearch.generation.fakes import FakeWriter, serving, stream

GOOD = 'def retry(self, job):\n    return "é"'
BAD = "def retry(self:\n"
RETRY_PLACE = "/work space/shop/upload/queue.py:41-46  Queue.retry"
SOURCES = f"written by auto, drawing on\n  {RETRY_PLACE}\n  /work space/shop/dates.go:7-28  Parse\n"
RETRY_FOUND = "/work space/shop/upload/queue.py:41-46: Queue.retry (method) 0.91\n    def retry(self, job):\n"


@dataclass
class WritingEngine(FakeCodeSearch, GenerationQuestion):
    """The fake engine with the real way of generating; its model writes `texts`, or has no decoder without any."""

    texts: tuple[str, ...] = (GOOD,)
    matches: tuple = (RETRY, PARSE)
    room: int = 200
    cut_at: int | None = None
    writer: FakeWriter = field(init=False)

    def __post_init__(self):
        self.writer = FakeWriter(*self.texts, source_tokens=self.room, cut_at=self.cut_at)
        self._repositories = SimpleNamespace(find=lambda path: None)
        self._models = SimpleNamespace(writer=self._writer, name_for=lambda home: "auto")

    def _writer(self, home, task):
        assert task == "code"
        if not self.texts:
            raise CapabilityMissing("bundled", "decoder")
        return self.writer


def run(*arguments, engine=None):
    """Run `generate` and return (stdout, stderr, exit code)."""
    result = CliRunner().invoke(app, ["generate", "retry an upload", *arguments], obj=engine or WritingEngine())
    return result.stdout, result.stderr, result.exit_code


def test_code_goes_to_stdout_and_its_sources_to_stderr():
    """Piped, stdout is the code and nothing else; stderr lists what it was drawn from."""
    assert run() == (f"{GOOD}\n", SOURCES, 0)
    assert run("-q") == (f"{GOOD}\n", "", 0)


def test_settings_reach_search_and_writer():
    """Four matches for each function wanted; languages and globs filter; the decoding is as asked."""
    engine = WritingEngine()
    arguments = "src --retrieve 1 --lang py,go --path src/ -x old/ --max-tokens 9 --temperature 0.5 --top-p 0.8"
    run(*arguments.split(), "--seed", "3", "--no-refresh", "--model", "own", engine=engine)
    assert engine.calls[0] == ("open", None, "own")
    (_, query, paths, top_k, _, filters, refresh, _) = next(call for call in engine.calls if call[0] == "search")
    assert (query, [str(path) for path in paths], top_k, refresh) == ("retry an upload", ["src"], 4, False)
    assert (filters.languages, filters.paths, filters.not_paths) == ({"python", "go"}, ("src/",), ("old/",))
    ((_, parts, decoding),) = engine.writer.calls
    assert decoding == Decoding(9, temperature=0.5, top_p=0.8, seed=3)
    assert len(parts) == 2


def test_without_retrieval_nothing_is_searched():
    """The prompt alone is read, and that is said."""
    engine = WritingEngine()
    assert run("--no-retrieval", engine=engine) == (f"{GOOD}\n", "written by auto from the prompt alone\n", 0)
    assert "search" not in [call[0] for call in engine.calls]
    assert engine.writer.calls[0][1] == ("retry an upload",)


def test_the_best_usable_beam_is_written():
    """The first beam is malformed, the second is taken."""
    assert run("--beam", "2", engine=WritingEngine(texts=(BAD, GOOD)))[0] == f"{GOOD}\n"


def test_what_is_not_usable_is_never_printed():
    """The sentence says why, what was found is the result, and the exit code is 1."""
    stdout, stderr, exit_code = run(engine=WritingEngine(texts=(BAD,)))
    assert stderr == "what auto wrote is no python; instead, what was found:\n"
    assert stdout.startswith(RETRY_FOUND)
    assert BAD not in stdout
    assert exit_code == 1


def test_what_was_cut_is_said_to_be():
    """With the way out, unless the writer has no more room; of what is not usable too; in JSON always."""
    cut, engine = "cut at 256 tokens; --max-tokens N gives more", WritingEngine(cut_at=256)
    assert run(engine=engine) == (f"{GOOD}\n", f"{SOURCES}{cut}\n", 0)
    assert run("-q", engine=engine)[1] == ""
    assert run("--max-tokens", "900", "--no-retrieval", engine=engine)[1].endswith(
        "\ncut at 256 tokens, the most that auto writes\n"
    )
    stderr = run(engine=WritingEngine(texts=(BAD,), cut_at=256))[1]
    assert stderr == f"what auto wrote is no python, {cut}; instead, what was found:\n"
    for limit, complete in ((None, True), (256, False)):
        document = json.loads(run("--json", "-q", engine=WritingEngine(cut_at=limit))[0])
        assert (document["complete"], document["cut_at"]) == (complete, limit)


def test_filters_in_a_prompt_are_not_written_from():
    """They say what is searched and in which language to write; the writer reads the other words alone."""
    engine = WritingEngine()
    prompt = 'lang:py retry an -path:tests/ "upload" path:src/ kind:method'
    result = CliRunner().invoke(app, ["generate", prompt, "--lang", "go", "--json"], obj=engine)
    assert engine.writer.calls[0][1][0] == json.loads(result.stdout)["prompt"] == 'retry an "upload"'
    (_, query, _, _, _, filters, _, _) = next(call for call in engine.calls if call[0] == "search")
    assert query == "retry an  upload "
    assert (filters.languages, filters.paths, filters.not_paths) == ({"python", "go"}, ("src/",), ("tests/",))
    assert filters.kinds == {Kind.METHOD}
    result = CliRunner().invoke(app, ["generate", "lang:go path:src/"], obj=WritingEngine())
    assert (result.stdout, result.exit_code) == ("", 2)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "auto wrote nothing; and no function was found\n"),
        ("x x " * 20, "auto went round in a circle; and no function was found\n"),
        ("x = 1", "what auto wrote defines nothing; and no function was found\n"),
    ],
)
def test_each_reason_has_its_sentence(text, sentence):
    """With nothing found there is nothing to show."""
    assert run("--lang", "python", engine=WritingEngine(texts=(text,), matches=())) == ("", sentence, 1)


def test_a_model_without_a_decoder():
    """One sentence with both ways out, and what was found."""
    stdout, stderr, exit_code = run(engine=WritingEngine(texts=()))
    assert stderr == (
        "the model bundled has no decoder that writes code well enough; take one that has: "
        "--model NAME (see codesearch models), "
        "or a server: --generator URL; instead, what was found:\n"
    )
    assert (stdout[: len(RETRY_FOUND)], exit_code) == (RETRY_FOUND, 1)


def test_show_context():
    """All that the writer reads, with places, before anything is written."""
    _, stderr, _ = run("--show-context", "--retrieve", "1")
    # <s> retry an upload </s> is 5 tokens; the code without its documentation has 13 words, and an end.
    assert stderr.startswith(
        f"context: 19 of 200 tokens\n  retry an upload\n  [1] {RETRY_PLACE}\n    def retry(self, job):\n"
        "            for attempt in range(3):\n"
    )


def test_a_source_that_is_cut_is_said_to_be():
    """Where not even the best function fits, its end is not read."""
    assert (
        "(it is longer than the 12 tokens that are read; its end was left out)\n"
        in run(engine=WritingEngine(room=12))[1]
    )


def test_json():
    """One document with everything; of what is not usable too, and the exit code tells."""
    stdout, stderr, exit_code = run("--json")
    document = json.loads(stdout)
    assert (stderr, exit_code) == ("", 0)
    assert {key: document[key] for key in ("schema", "prompt", "code", "language", "usable", "reason", "writer")} == {
        "schema": 1,
        "prompt": "retry an upload",
        "code": GOOD,
        "language": "python",
        "usable": True,
        "reason": None,
        "writer": "auto",
    }
    assert [source["qualified_name"] for source in document["sources"]] == ["Queue.retry", "Parse"]
    assert document["context"]["parts"][0] == "retry an upload"
    stdout, _, exit_code = run("--json", engine=WritingEngine(texts=(BAD,)))
    document = json.loads(stdout)
    assert (document["text"], document["usable"], document["reason"], exit_code) == (BAD, False, "does not parse", 1)


@pytest.mark.parametrize(
    "arguments",
    [
        "--beam 2 --temperature 1",
        "--beam 2 --generator http://x",
        "--top-p 0.5",
        "--seed 1",
        "--generator-model x",
        "--retrieve 0",
        "--max-tokens 0",
    ],
)
def test_wrong_usage(arguments):
    """What contradicts itself is said, and the engine is not asked."""
    engine = WritingEngine()
    stdout, _, exit_code = run(*arguments.split(), engine=engine)
    assert (stdout, exit_code, engine.calls) == ("", 2, [])


ANSWER = f"```python\n{GOOD}\n```\nIt follows [1] and [7]."


def test_a_server_writes():
    """Stdout has the code alone; stderr what is sent where, its remarks, and which citation is false."""
    with serving(stream(*ANSWER)) as server:
        host = server.url.split("/")[2]
        assert run("--generator", server.url, "--generator-model", "m") == (
            f"{GOOD}\n",
            f"sending the prompt and 2 functions to {host}\n"
            f"{host} cites [7], which it was not sent; do not rely on what it says there\n"
            "It follows [1] and [7].\n"
            + SOURCES.replace("auto", host).replace("  /work", "  [1] /work", 1).replace("  /work", "  [2] /work", 1),
            0,
        )
        stdout, stderr, _ = run("--generator", server.url, "--json")
        assert json.loads(stdout)["false_citations"] == [7]
        assert "cites [7]" in stderr
    assert server.received[0][2]["model"] == "m"


def test_nothing_is_sent_without_the_flag(monkeypatch):
    """A server that is there, and a key for it, get no request from any other way of asking."""
    with serving(stream(ANSWER)) as server:
        monkeypatch.setenv("CODESEARCH_GENERATOR_KEY", "secret")
        monkeypatch.setenv("OPENAI_BASE_URL", server.url)
        for arguments in ([], ["--beam", "2"], ["--no-retrieval"], ["--json"]):
            run(*arguments)
        run(engine=WritingEngine(texts=()))
        assert server.received == []


def test_a_server_that_fails_is_an_error():
    """A sentence with the way out, exit code 2, nothing on stdout; a bad address is said before the search."""
    with serving([b'{"error": {"message": "no such model"}}'], status=404) as server:
        stdout, stderr, exit_code = run("--generator", server.url, "-q")
        host = server.url.split("/")[2]
    assert (stdout, exit_code) == ("", 2)
    assert stderr == (
        f"error: the server {host} does not do it (status 404): no such model; name one of its models with "
        "--generator-model, or mend what it complains of\n"
    )
    engine = WritingEngine()
    stdout, stderr, exit_code = run("--generator", "localhost:8080", engine=engine)
    assert "the server localhost:8080 cannot be asked: it does not begin with http:// or https://" in stderr
    assert (exit_code, [call[0] for call in engine.calls]) == (2, ["open", "close"])


class Terminal(io.StringIO):
    """A stream that a person looks at."""

    def isatty(self):
        return True


def test_on_a_terminal_the_text_appears_as_it_is_written(monkeypatch):
    """Each piece is shown at once, without what a terminal obeys; with beams and for programs nothing is."""
    screen = Terminal()
    monkeypatch.setattr(command.sys, "stdout", screen)
    settings = command.generation.GenerationSettings()
    show = command._streams_text(settings, as_json=False)
    show("def \x1b[31mf():\n")
    assert screen.getvalue() == "def ␛[31mf():\n"
    show("\treturn 1")
    assert screen.getvalue().endswith("\treturn 1")
    assert command._streams_text(settings, as_json=True) is None
    assert command._streams_text(command.generation.GenerationSettings(beams=2), as_json=False) is None


def test_an_empty_prompt_is_an_error():
    """Without a letter or digit nothing is searched or written."""
    result = CliRunner().invoke(app, ["generate", "?!"], obj=WritingEngine())
    assert (result.stdout, result.exit_code) == ("", 2)
    assert "no letter and no digit" in result.stderr


def test_quotes_in_a_prompt_are_no_phrases():
    """In a search, quotes would insist on the words in them; the writer reads the prompt as it is."""
    engine = WritingEngine()
    CliRunner().invoke(app, ["generate", 'print "hello"'], obj=engine)
    assert next(call for call in engine.calls if call[0] == "search")[1] == "print  hello "
    assert engine.writer.calls[0][1][0] == 'print "hello"'
    assert Filters() != engine.calls[1][5]
