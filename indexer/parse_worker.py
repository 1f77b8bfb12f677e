"""The process in which files are parsed for another: it reads tasks from its standard input and answers on its output.

Started by `worker_process`, which also says what travels. It loads no more than parsing needs. It ends with its input,
so also when the process that started it is gone; Ctrl-C is that one's to handle.
"""

from __future__ import annotations

import gc
import logging
import os
import pickle
import struct
import sys
from typing import IO, TYPE_CHECKING, Any

from indexer.parsing import examine

if TYPE_CHECKING:
    from collections.abc import Sequence

    from indexer.parsing import Examined, ToExamine

    Request = tuple[str, Sequence[ToExamine]]
    Answer = tuple[list[Examined], list[tuple[str, int, str]]]

READY = b"codesearch parser\n"
"""What a worker says first, before any message: whatever else answers in its place is none."""

_LENGTH = struct.Struct("<Q")

# Rows live until they are sent, and none of them is in a cycle: looking for cycles more often only takes time.
_OBJECTS_BEFORE_COLLECTION = 50_000


class _Notes(logging.Handler):
    """Keeps what is logged, so that it can be logged where it is read."""

    def __init__(self) -> None:
        super().__init__()
        self.kept: list[tuple[str, int, str]] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a record: its logger, level and text."""
        self.kept.append((record.name, record.levelno, record.getMessage()))


def main() -> None:
    """Answer requests (a root and its tasks) until there are no more."""
    gc.set_threshold(_OBJECTS_BEFORE_COLLECTION)
    requests = sys.stdin.buffer
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # whatever a library prints must not stand between the answers
    notes = _Notes()
    logging.getLogger().addHandler(notes)
    try:
        answers.write(READY)
        answers.flush()
        while (request := receive(requests)) is not None:
            root, tasks = request
            answer: Answer = [examine(root, task) for task in tasks], notes.kept
            send(answers, answer)
            notes.kept = []
    except BrokenPipeError:
        return  # nobody wants the answer any more


def send(stream: IO[bytes], message: object) -> None:
    """Write a message: its length (eight bytes, little-endian), and then itself, pickled. Raises OSError."""
    content = pickle.dumps(message, pickle.HIGHEST_PROTOCOL)
    stream.write(_LENGTH.pack(len(content)))
    stream.write(content)
    stream.flush()


def receive(stream: IO[bytes]) -> Any:  # noqa: ANN401 - what was sent
    """Read a message that `send` wrote; None where the stream ends, also within a message. Raises OSError."""
    head = stream.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        return None
    (size,) = _LENGTH.unpack(head)
    content = stream.read(size)
    return None if len(content) < size else pickle.loads(content)
