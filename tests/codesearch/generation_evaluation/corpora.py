"""A corpus small enough to know what is retrieved, and a writer that is told what to write."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codesearch.codet5p.writer import Decoding, Task, Written
from codesearch.training.corpus import Example, write_shards
from codesearch.training.corpus.records import to_line, write_held_out

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

READ = "def load(path):\n    with open(path) as stream:\n        return stream.read()"
SEND = "def post(message, address):\n    body = message.encode()\n    return connect(address).push(body)"
SORT = "def ordered(items):\n    result = list(items)\n    result.sort()\n    return result"
DELETE = "def gone(path):\n    path.unlink()\n    return not path.exists()"
JAVA_READ = "String load(Path path) { return Files.readString(path); }"


def example(name: str, documentation: str, code: str, language: str = "python") -> Example:
    """Return an example of a made-up source."""
    return Example(
        "pypi:made", f"{name}.py", language, "function", name, name, f"def {name}()", documentation, code, ()
    )


# What is held out: a function to read, one to sort, one without documentation.
HELD_OUT = (
    example(
        "read_text", "Read the file.", "def read_text(name):\n    text = open(name).read()\n    return text.strip()"
    ),
    example("in_order", "Sort what there is.", SORT.replace("ordered", "in_order")),
    example("silent", "", "def silent():\n    return None"),
)

# What can be retrieved. `ordered` is nearly the same as the held-out `in_order`.
LEARNED = (
    example("load", "Read a file, read all of it.", READ),
    example("post", "Send a message.", SEND),
    example("ordered", "Sort, sort, sort.", SORT),
    example("gone", "Delete and sort out.", DELETE),
    example("loadJava", "Read read read.", JAVA_READ, "java"),
)


def write_corpus(folder: Path) -> Path:
    """Write the corpus and return its folder."""
    write_shards(LEARNED, folder)
    write_held_out(map(to_line, HELD_OUT), folder)
    return folder


class FakeWriter:
    """Writes what `answer` returns of the parts and the prefix, and remembers what it was asked."""

    source_tokens = 64

    def __init__(self, answer: Callable[[Task, Sequence[str], str], str]) -> None:
        self._answer = answer
        self.asked: list[tuple[Task, tuple[str, ...], str]] = []
        self.decodings: list[Decoding] = []

    def tokens_in(self, text: str) -> int:
        return len(text.split())

    def write(self, task, parts, decoding, *, prefix="", on_text=None):
        self.asked.append((task, tuple(parts), prefix))
        self.decodings.append(decoding)
        text = self._answer(task, parts, prefix)
        return [Written(text, -1.0), *[Written("worse", -2.0)] * (decoding.beams - 1)]
