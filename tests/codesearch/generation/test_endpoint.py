"""A server that writes: what is sent to it, how its answer is read, and every way in which it can fail."""

from __future__ import annotations

import json
import socket

import pytest

from codesearch.generation import Context, GenerationSettings
from codesearch.generation.answer import Draft
from codesearch.generation.endpoint import KEY_VARIABLE, Endpoint, question, request_document
from codesearch.generation.errors import (
    GeneratorAddressInvalid,
    GeneratorAnswerInvalid,
    GeneratorRefused,
    GeneratorSilent,
    GeneratorUnauthorised,
    GeneratorUnreachable,
)
from tests.codesearch.generation.fakes import DONE, event, match, serving, stream

RETRY = match("Queue.retry", "def retry(self):\n    return 1", path="upload/queue.py", line=7)
TICKS = match("quote", "def quote(x):\n    return '```' + x", path="text.py")
CONTEXT = Context("retry an upload", (RETRY, TICKS), (RETRY.definition.code, TICKS.definition.code), 60, 6000)
SETTINGS = GenerationSettings()


def written(server, settings=SETTINGS, pieces=None, **options):
    """Ask the server and return its text, with where it was cut if it was."""
    endpoint = Endpoint.at(server.url, options.get("model"))
    drafts = endpoint.write(CONTEXT, ["python"], settings, None if pieces is None else pieces.append)
    return [draft.text if draft.cut_at is None else draft for draft in drafts]


def test_the_numbered_functions_are_sent_and_nothing_else(monkeypatch):
    """Path, lines, name and code of each, then the prompt; no folder of this machine; fences longer than any inside."""
    monkeypatch.delenv(KEY_VARIABLE, raising=False)
    assert question(CONTEXT) == (
        "[1] upload/queue.py:7-8 Queue.retry\n```python\ndef retry(self):\n    return 1\n```\n\n"
        "[2] text.py:1-2 quote\n````python\ndef quote(x):\n    return '```' + x\n````\n\n"
        "Write: retry an upload"
    )
    with serving(stream("x")) as server:
        written(server)
    ((path, headers, document),) = server.received
    assert path == "/v1/chat/completions"
    assert "Authorization" not in headers
    assert "/nowhere" not in json.dumps(document)
    assert document == request_document(CONTEXT, ["python"], SETTINGS, "")
    assert [one["role"] for one in document["messages"]] == ["system", "user"]
    assert "in python" in document["messages"][0]["content"]
    assert {key: document[key] for key in document if key != "messages"} == {
        "max_tokens": 1024,
        "temperature": 0,
        "stream": True,
    }


def test_settings_model_and_key_reach_the_server(monkeypatch):
    """The key comes from the environment and goes into the header alone; an address may have a query."""
    monkeypatch.setenv(KEY_VARIABLE, "secret")
    settings = GenerationSettings(max_tokens=50, temperature=0.7, top_p=0.9, seed=3)
    with serving(stream("x")) as server:
        endpoint = Endpoint.at(f"{server.url}/chat/completions?api-version=2", "tiny")
        endpoint.write(CONTEXT, (), settings)
    ((path, headers, document),) = server.received
    assert path == "/v1/chat/completions?api-version=2"
    assert headers["Authorization"] == "Bearer secret"
    assert "secret" not in repr(endpoint)
    wanted = {"model": "tiny", "max_tokens": 50, "temperature": 0.7, "top_p": 0.9, "seed": 3, "stream": True}
    assert {key: document[key] for key in wanted} == wanted


def test_without_functions_nothing_is_said_of_them():
    """The instructions for a prompt alone ask for no citations."""
    document = request_document(Context("x", (), (), 3, 6000), (), SETTINGS, "")
    assert "[1]" not in json.dumps(document)
    assert document["messages"][1]["content"] == "Write: x"


TEXT = "def grüße():\n    return '→ 🎉'\n"


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
def test_pieces_may_be_cut_anywhere(size):
    """The bytes arrive in pieces of any size, cut in the midst of characters and of lines: the text is the same."""
    whole = b": keep-alive\n\n" + b"".join(stream(*TEXT)).replace(b"\n\n", b"\r\n\r\n")
    pieces = []
    with serving(whole[at : at + size] for at in range(0, len(whole), size)) as server:
        assert written(server, pieces=pieces) == [TEXT]
    assert pieces == list(TEXT)


def test_streams_of_many_kinds_of_servers():
    """A role first, empty and missing contents, a count at the end, data without a blank, no [DONE]: all are read."""
    role = b'data: {"choices": [{"delta": {"role": "assistant", "content": null}}]}\n\n'
    count = b'event: x\ndata:{"choices": [], "usage": {"total_tokens": 3}}\n\n'
    chunks = [role, event("a"), event(), event("b", usage=None), event("", finish="eos"), count]
    with serving(chunks) as server:
        assert written(server) == ["ab"]
    with serving([event("a"), DONE[:-1]]) as server:  # the last empty line is missing
        assert written(server) == ["a"]


def test_a_server_that_does_not_stream():
    """One JSON document is an answer too."""
    body = {"choices": [{"message": {"role": "assistant", "content": TEXT}, "finish_reason": "stop"}]}
    pieces = []
    with serving([json.dumps(body).encode()], content_type="application/json; charset=utf-8") as server:
        assert written(server, pieces=pieces) == [TEXT]
    assert pieces == [TEXT]


def test_an_answer_that_was_cut():
    """A server that stops at the length says so, streaming or not: where is what it was allowed."""
    with serving([event("a"), event("b", finish="length"), DONE]) as server:
        assert written(server) == [Draft("ab", 1024)]
        assert written(server, GenerationSettings(max_tokens=7)) == [Draft("ab", 7)]
    body = {"choices": [{"message": {"role": "assistant", "content": "ab"}, "finish_reason": "length"}]}
    with serving([json.dumps(body).encode()], content_type="application/json") as server:
        assert written(server) == [Draft("ab", 1024)]


@pytest.mark.parametrize(
    ("chunks", "options", "error", "detail"),
    [
        ([b"data: {nonsense\n\n"], {}, GeneratorAnswerInvalid, "no JSON: '{nonsense'"),
        ([b"data: [1]\n\n"], {}, GeneratorAnswerInvalid, "no JSON object: '[1]'"),
        ([b'data: {"id": 1}\n\n'], {}, GeneratorAnswerInvalid, "it has no choices"),
        ([b'data: {"choices": [{"delta": {"content": [1]}}]}\n\n'], {}, GeneratorAnswerInvalid, "content is no text"),
        ([b'data: {"choices": 7}\n\n'], {}, GeneratorAnswerInvalid, "it has no choices"),
        ([event("a"), event("b")], {}, GeneratorAnswerInvalid, "it breaks off"),
        ([], {}, GeneratorAnswerInvalid, "it breaks off"),
        ([b"<html>hello"], {"content_type": "text/html"}, GeneratorAnswerInvalid, "it breaks off"),
        ([b"{}"], {"content_type": "application/json"}, GeneratorAnswerInvalid, "it has no choices"),
        ([b'data: {"error": {"message": "out of\\nmemory"}}\n\n'], {}, GeneratorRefused, "out of memory"),
        ([b'{"error": {"message": "no model x"}}'], {"status": 404}, GeneratorRefused, "no model x"),
        ([b'{"error": "bad"}'], {"status": 400}, GeneratorRefused, "bad"),
        ([b'{"detail": "slow down"}'], {"status": 429}, GeneratorRefused, "slow down"),
        ([b"<b>gateway</b>"], {"status": 502}, GeneratorRefused, "<b>gateway</b>"),
        ([], {"status": 307}, GeneratorRefused, "Temporary Redirect"),  # a redirect is not followed
        ([], {"status": 401}, GeneratorUnauthorised, "401"),
        ([], {"status": 403}, GeneratorUnauthorised, "403"),
    ],
)
def test_answers_that_are_none(chunks, options, error, detail):
    """Each kind of failure is an error of its own that says what the server said."""
    with serving(chunks, **options) as server, pytest.raises(error) as raised:
        written(server)
    assert detail in str(raised.value.args)
    assert server.url.split("/")[2] in raised.value.args


def test_an_answer_without_end_is_not_waited_for(monkeypatch):
    """A server that sends more than anybody writes is given up."""
    monkeypatch.setattr("codesearch.generation.endpoint.LONGEST_ANSWER", 500)
    with serving([event("a" * 20)] * 50) as server, pytest.raises(GeneratorAnswerInvalid, match="longer than 500"):
        written(server)


def test_a_silent_server_is_given_up():
    """A server that takes the request and falls silent, before or within its answer, is an error after a while."""
    for chunks in ([], [event("a")]):
        with serving(chunks, hang=True) as server:
            endpoint = Endpoint(Endpoint.at(server.url).address, patience=0.2)
            with pytest.raises(GeneratorSilent):
                endpoint.write(CONTEXT, (), SETTINGS)


def test_nobody_listens():
    """A port without a server, and a server without TLS where TLS is asked for, are said to be unreachable."""
    with socket.socket() as reserved:
        reserved.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{reserved.getsockname()[1]}"
        with pytest.raises(GeneratorUnreachable, match="refused"):
            Endpoint.at(address).write(CONTEXT, (), SETTINGS)
    with serving() as server, pytest.raises(GeneratorUnreachable):
        Endpoint.at(server.url.replace("http", "https")).write(CONTEXT, (), SETTINGS)


def test_what_a_reader_raises_is_no_failure_of_the_server():
    """A closed pipe in `on_text` stays what it is."""

    def closed(_text):
        raise BrokenPipeError

    with serving(stream("x")) as server, pytest.raises(BrokenPipeError):
        Endpoint.at(server.url).write(CONTEXT, (), SETTINGS, closed)


@pytest.mark.parametrize(
    ("address", "detail"),
    [
        ("localhost:8080/v1", "http://"),
        ("/v1", "http://"),
        ("ftp://x/v1", "http://"),
        ("", "http://"),
        ("http:///v1", "no host"),
        ("http://x:port/v1", "Port"),
        ("http://[::1/v1", "IPv6"),
        ("https://me:secret@x/v1", "holds a password"),
    ],
)
def test_addresses_that_cannot_be_used(address, detail):
    """An address without scheme or host, and one with a password, which is not repeated."""
    with pytest.raises(GeneratorAddressInvalid) as raised:
        Endpoint.at(address)
    assert detail in raised.value.detail
    assert "secret" not in str(raised.value.args)


def test_tokens_are_estimated_from_above():
    """Three characters are a token, and a rest is one more."""
    endpoint = Endpoint.at("http://x")
    assert [endpoint.tokens_in("x" * length) for length in (0, 1, 3, 4, 300)] == [0, 1, 1, 2, 100]
    assert (endpoint.name, Endpoint.at("https://h:8/v1").name) == ("x", "h:8")
