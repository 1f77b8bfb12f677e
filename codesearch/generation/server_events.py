"""The answer of an OpenAI-compatible server, from its lines to pieces of text.

Server-sent events (WHATWG HTML, section 9.2) whose data are the JSON chunks of a chat completion, with `[DONE]` as the
last. Lines arrive whole and as bytes, so that a character that was sent in two pieces is one again. Connections are
left to `endpoint`.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

from codesearch.generation.errors import GeneratorAnswerInvalid, GeneratorRefused

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

LAST_EVENT = "[DONE]"
CUT = "length"  # the reason to finish where `max_tokens` did not do
_OK = 200  # the status under which an error came that was noticed too late for another
_QUOTED = 40  # characters of what could not be understood


class Piece(NamedTuple):
    """What one event says: some text, and why it is the last, else ""."""

    text: str
    reason: str


def pieces(host: str, lines: Iterable[bytes]) -> Iterator[Piece]:
    """Yield the pieces of text, and the reason to finish, in the order in which they are sent.

    The stream must end with `[DONE]` or with a reason to finish: else it was cut off. `host` is named in what is
    raised: GeneratorAnswerInvalid, and GeneratorRefused where the server sends an error instead of going on.
    """
    finished = False
    for data in _events(lines):
        if data == LAST_EVENT:
            return
        piece = _read_choice(host, _object(host, data), "delta")
        finished = finished or bool(piece.reason)
        if piece.text or piece.reason:
            yield piece
    if not finished:
        raise GeneratorAnswerInvalid(host, "it breaks off")


def whole_answer(host: str, body: bytes) -> Piece:
    """Return an answer that was not streamed. Raises what `pieces` raises."""
    return _read_choice(host, _object(host, body.decode("utf-8", "replace")), "message")


def complaint(body: bytes) -> str:
    """Return what a server says of an error, as one line: its message, else the beginning of the body."""
    text = body.decode("utf-8", "replace")
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        document = None
    if isinstance(document, dict):
        stated = document.get("error", document)
        message = stated.get("message", stated.get("detail")) if isinstance(stated, dict) else stated
        text = message if isinstance(message, str) else text
    return " ".join(text.split())


def _events(lines: Iterable[bytes]) -> Iterator[str]:
    """Yield the data of each event; the last one may lack the empty line that ends an event."""
    data: list[str] = []
    for line in lines:
        text = line.decode("utf-8", "replace").rstrip("\r\n")
        field, _, value = text.partition(":")
        if field == "data" and text:
            data.append(value.removeprefix(" "))
        elif not text and data:
            yield "\n".join(data)
            data = []
    if data:
        yield "\n".join(data)


def _object(host: str, text: str) -> dict[str, Any]:
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise GeneratorAnswerInvalid(host, f"no JSON: {text[:_QUOTED]!r}") from error
    if not isinstance(document, dict):
        raise GeneratorAnswerInvalid(host, f"no JSON object: {text[:_QUOTED]!r}")
    if document.get("error"):
        raise GeneratorRefused(host, _OK, complaint(text.encode()))
    return document


def _read_choice(host: str, document: dict[str, Any], field: str) -> Piece:
    """Return the text of the first choice and the reason why it ends there; chunks that only count have no choice."""
    try:
        choices = document["choices"]
        if not choices and field == "delta":
            return Piece("", "")
        content = (choices[0].get(field) or {}).get("content") or ""
        reason = choices[0].get("finish_reason") or ""
    except (KeyError, IndexError, TypeError, AttributeError) as error:
        raise GeneratorAnswerInvalid(host, "it has no choices") from error
    if not isinstance(content, str):
        raise GeneratorAnswerInvalid(host, "its content is no text")
    return Piece(content, str(reason))
