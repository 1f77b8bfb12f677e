"""Retrieve, pack, write, check: the page that puts generation together."""

from __future__ import annotations

import pytest

from codesearch import Filters, Kind
from codesearch.codet5p import Decoding, Task
from codesearch.codet5p.errors import CapabilityMissing
from codesearch.generation import GenerationSettings, Reason, Watch
from codesearch.generation.local import LocalAuthor
from codesearch.generation.recipe import Request, generate, opener
from tests.codesearch.generation.fakes import FakeWriter, match, serving, stream

GOOD = "def area(self):\n    return 1"
BAD = "def area(self:\n"
FOUND = [
    match("area", "def area(self):\n    return self.width * self.height"),
    match("copy", "def area(self):\n    return self.width * self.height"),
    match("go", "func area() int {\n\treturn 1\n}", "go"),
    match("send", "def send(self, data):\n    self.socket.sendall(data)"),
]


class Asked:
    """A search that answers `FOUND` and remembers how it was asked."""

    def __init__(self):
        self.calls = []

    def __call__(self, count, filters):
        self.calls.append((count, filters))
        return FOUND


def answered(writer, *, search=None, watch=None, languages=(), kinds=(), **settings):
    """Let a fake writer answer; return the answer."""
    filters = Filters(languages=frozenset(languages), kinds=frozenset(kinds))
    request = Request("the area", GenerationSettings(**settings), filters)
    return generate(request, search or Asked(), lambda: LocalAuthor(writer, "fake"), watch or Watch())


def names(matches):
    """Return the names of the matches' definitions."""
    return [one.definition.name for one in matches]


@pytest.mark.parametrize(
    ("asked", "searched"),
    [({Kind.METHOD, Kind.CLASS}, {Kind.METHOD}), ({Kind.CLASS}, {Kind.FUNCTION, Kind.METHOD, Kind.CONSTRUCTOR})],
)
def test_kinds_that_are_asked_for(asked, searched):
    """Of functions only those of the kind that the filters name are read; where they name none, any."""
    search = Asked()
    answered(FakeWriter(GOOD), search=search, kinds=asked)
    assert [filters.kinds for _, filters in search.calls] == [searched]


def test_from_prompt_to_answer():
    """Functions alone are searched, copies left out, the prompt and the codes handed on, and the text checked."""
    search, writer = Asked(), FakeWriter(GOOD)
    answer = answered(writer, search=search, retrieve=2, max_tokens=40, temperature=0.5, top_p=0.9, seed=4)
    functions = frozenset({Kind.FUNCTION, Kind.METHOD, Kind.CONSTRUCTOR})
    assert search.calls == [(8, Filters(kinds=functions))]
    ((task, parts, decoding),) = writer.calls
    assert (task, decoding) == (Task.CODE, Decoding(40, temperature=0.5, top_p=0.9, seed=4))
    assert parts == ("the area", FOUND[0].definition.code, FOUND[2].definition.code)
    assert (answer.text, answer.code, answer.language, answer.reason) == (GOOD, GOOD, "python", None)
    assert answer.usable
    assert names(answer.sources) == names(answer.found) == ["area", "go"]
    assert (answer.writer, answer.citations, answer.false_citations) == ("fake", (), ())


@pytest.mark.parametrize(
    ("texts", "text", "reason"),
    [
        ((BAD, GOOD, "x = 1"), GOOD, None),
        ((GOOD, BAD), GOOD, None),
        ((BAD, "x = 1"), BAD, Reason.DOES_NOT_PARSE),
        (("x = 1", BAD), "x = 1", Reason.NO_DEFINITION),
    ],
)
def test_the_first_usable_beam_is_taken(texts, text, reason):
    """Without a usable one it is the best, with its reason."""
    answer = answered(FakeWriter(*texts), beams=3)
    assert (answer.text, answer.reason) == (text, reason)


def test_the_language_asked_for_decides():
    """Python is no Go; without a language it is that of the best function, and without a function any usual one."""
    assert answered(FakeWriter(GOOD), languages=["go"]).reason is Reason.DOES_NOT_PARSE
    assert answered(FakeWriter(GOOD), languages=["go", "python"]).language == "python"
    assert answered(FakeWriter(GOOD)).language == "python"
    assert answered(FakeWriter("fn area() -> u8 {\n    1\n}")).reason is Reason.DOES_NOT_PARSE
    assert answered(FakeWriter("fn area() -> u8 {\n    1\n}"), retrieve=0).language == "rust"


def test_nothing_is_searched_without_retrieval():
    """With 0 functions the prompt is alone."""
    search, writer = Asked(), FakeWriter(GOOD)
    answer = answered(writer, search=search, retrieve=0)
    assert (search.calls, writer.calls[0][1], answer.found, answer.sources) == ([], ("the area",), (), ())


def test_who_looks_on_sees_the_context_first():
    """The context comes before the text; with beams there is no text to see."""
    seen = []
    watch = Watch(lambda context, name: seen.append((len(context.sources), name)), seen.append)
    answered(FakeWriter(GOOD), watch=watch)
    assert seen == [(3, "fake"), "def area(self):\n", "    return 1"]
    seen.clear()
    answered(FakeWriter(GOOD), watch=watch, beams=2)
    assert seen == [(3, "fake")]


def test_a_model_that_cannot_write_still_finds():
    """Without a decoder there is no text, a reason, and what the search brought."""

    def no_decoder():
        raise CapabilityMissing("bundled", "decoder")

    answer = generate(Request("x", GenerationSettings(), Filters()), Asked(), no_decoder, Watch())
    assert (answer.text, answer.reason, answer.writer) == (None, Reason.NO_DECODER, "bundled")
    assert names(answer.found) == ["area", "go", "send"]
    assert answer.sources == ()


def test_citations_of_a_server_are_checked():
    """Of three functions that were sent, 2 exists and 9 does not."""
    text = f"```python\n{GOOD}\n```\nIt follows [2] and [9]."
    with serving(stream(text)) as server:
        request = Request("the area", GenerationSettings(generator=server.url), Filters())
        answer = generate(request, Asked(), opener(request.settings, lambda: pytest.fail("not asked")), Watch())
    assert (answer.text, answer.code, answer.reason) == (text, GOOD, None)
    assert (answer.citations, answer.false_citations, answer.remarks) == ((2,), (9,), "It follows [2] and [9].")
    assert len(server.received) == 1
