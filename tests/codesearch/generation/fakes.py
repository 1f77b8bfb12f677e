"""Matches out of nothing, a writer that counts words, and a server that says what it is told to."""

from __future__ import annotations

import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from codesearch import Definition, Kind, Match
from codesearch.codet5p.writer import Written

ROOT = Path("/nowhere/shop")


def match(name: str, code: str, language: str = "python", path: str = "shop.py", line: int = 1) -> Match:
    """Return a match whose code stands at `line` of a file that does not exist."""
    last = line + code.count("\n")
    definition = Definition(Kind.FUNCTION, name, name, code.split("\n")[0], "", code, line, last, 0, len(code))
    return Match(ROOT, path, language, definition, 0.5, 1, 1, 0.5, (line, last))


class FakeWriter:
    """Its tokens are the words between blanks. It writes `texts`, and remembers what it was asked.

    With `cut_at` it has room for no more tokens.
    """

    def __init__(self, *texts: str, source_tokens: int = 100, cut_at: int | None = None) -> None:
        self.texts = texts
        self.cut_at = cut_at
        self.source_tokens = source_tokens
        self.calls: list[tuple] = []

    def tokens_in(self, text):
        return len(text.split())

    def write(self, task, parts, decoding, *, prefix="", on_text=None):
        self.calls.append((task, tuple(parts), decoding))
        if on_text is not None:
            for piece in self.texts[0].splitlines(keepends=True):
                on_text(piece)
        return [Written(text, -float(rank), self.cut_at) for rank, text in enumerate(self.texts)]


class FakeServer(ThreadingHTTPServer):
    """Answers each request with `status`, the content type and `chunks`, sent one by one; keeps what it received."""

    daemon_threads = True

    def __init__(self, chunks, status=200, content_type="text/event-stream", hang=False):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.chunks, self.status, self.content_type, self.hang = chunks, status, content_type, hang
        self.received: list[tuple[str, dict[str, str], dict]] = []
        self.over = threading.Event()

    def handle_error(self, request, client_address):
        """Say nothing of a client that has gone."""

    @property
    def url(self) -> str:
        """The address to give to `--generator`."""
        return f"http://127.0.0.1:{self.server_address[1]}/v1"


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.received.append((self.path, dict(self.headers), json.loads(body)))
        self.send_response(self.server.status)
        self.send_header("Content-Type", self.server.content_type)
        self.end_headers()
        for chunk in self.server.chunks:
            self.wfile.write(chunk)
            self.wfile.flush()
        if self.server.hang:
            self.server.over.wait(20)

    def log_message(self, *_):
        pass


@contextmanager
def serving(chunks=(), **options):
    """Run a server that answers with the chunks; it is gone afterwards."""
    server = FakeServer(list(chunks), **options)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.over.set()
        server.shutdown()
        server.server_close()
        thread.join()


def event(content: str | None = None, finish: str | None = None, **more) -> bytes:
    """Return one event of a stream, as the bytes that are sent."""
    delta = {} if content is None else {"content": content}
    document = {"choices": [{"index": 0, "delta": delta, "finish_reason": finish}], **more}
    return b"data: " + json.dumps(document, ensure_ascii=False).encode() + b"\n\n"


DONE = b"data: [DONE]\n\n"


def stream(*contents: str) -> list[bytes]:
    """Return the events of a whole answer."""
    return [*(event(content) for content in contents), event(finish="stop"), DONE]
