"""What a corpus is on disk: examples as gzipped JSON lines in shards, the held-out ones apart, and a manifest.

Only the standard library, so that a trainer on another machine reads a corpus with this module alone. Which examples
there are is decided in `build`.
"""

from __future__ import annotations

import gzip
import json
import zlib
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

HELD_OUT = "held_out.jsonl.gz"
MANIFEST = "manifest.json"
CODE_CHARACTERS = 4_000  # of one function: 1,000 tokens, twice what an encoder of this kind reads
SHARD_BYTES = 150_000_000  # of JSON before compression; source text becomes a fifth to a third of that
UNREADABLE = (OSError, EOFError, zlib.error, ValueError, KeyError, TypeError)
"""What reading a corpus may raise: files that are missing or damaged, lines that are no examples."""

_COMPRESSION = 6  # the library's default of 9 takes three times as long for 2 % less


@dataclass(frozen=True, slots=True)
class Example:
    """One function to learn from.

    `source` is the key of the listed source ("pypi:requests"); `path` is relative to the unpacked source. `language`
    and `kind` are the indexer's. `documentation` is the first paragraph of the documentation comment as prose, ""
    for a unimodal example. `code` is the function without that documentation, dedented, at most `CODE_CHARACTERS`.
    `comments` are comments inside the body that read like phrases, `questions` what was written to be answered by this
    function, see `questions`.
    """

    source: str
    path: str
    language: str
    kind: str
    name: str
    qualified_name: str
    signature: str
    documentation: str
    code: str
    comments: tuple[str, ...]
    questions: tuple[str, ...] = ()


def to_line(example: Example) -> bytes:
    """Return an example as one line of JSON, without the line break; most have no questions, and then no such key."""
    fields = asdict(example)
    if not example.questions:
        del fields["questions"]
    return json.dumps(fields, ensure_ascii=False, separators=(",", ":")).encode()


def from_line(line: str | bytes) -> Example:
    """Return the example of one line; raises ValueError, KeyError or TypeError for a line that is none."""
    fields: dict[str, Any] = json.loads(line)
    several = {name: tuple(fields.get(name, ())) for name in ("comments", "questions")}
    return Example(**{**fields, **several})


def write_lines(lines: Iterable[bytes], folder: Path, *, shard_bytes: int = SHARD_BYTES) -> int:
    """Write lines as `part-000.jsonl.gz` and so on, in the order given; return how many there were.

    A part holds up to `shard_bytes` of uncompressed JSON. The bytes written depend on the lines alone: no file name
    and no time is in them. An empty corpus has one empty part.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("part-*.jsonl.gz"):
        old.unlink()
    count = parts = written = 0
    with ExitStack() as stack:
        stream = _open_shard(stack, folder, parts)
        for line in lines:
            if written and written + len(line) > shard_bytes:
                stack.close()
                parts, written = parts + 1, 0
                stream = _open_shard(stack, folder, parts)
            stream.write(line + b"\n")
            written += len(line) + 1
            count += 1
    return count


def write_held_out(lines: Iterable[bytes], folder: Path) -> int:
    """Write the lines of held-out examples, see `HELD_OUT`; return how many there were."""
    folder.mkdir(parents=True, exist_ok=True)
    count = 0
    with ExitStack() as stack:
        stream = _open_gzip(stack, folder / HELD_OUT)
        for line in lines:
            stream.write(line + b"\n")
            count += 1
    return count


def write_shards(examples: Iterable[Example], folder: Path, *, shard_bytes: int = SHARD_BYTES) -> int:
    """Write examples as the parts of a corpus, see `write_lines`; the order is the caller's."""
    return write_lines(map(to_line, examples), folder, shard_bytes=shard_bytes)


def read_examples(folder: Path, *, held_out: bool = False) -> Iterator[Example]:
    """Return the examples of a corpus in the order of its parts, or the held-out ones.

    Any prefix is a fair sample of the whole. Raises FileNotFoundError when the folder holds no corpus.
    """
    parts = [folder / HELD_OUT] if held_out else sorted(folder.glob("part-*.jsonl.gz"))
    if not parts:
        raise FileNotFoundError(folder / "part-000.jsonl.gz")
    for part in parts:
        with gzip.open(part, "rt", encoding="utf-8") as stream:
            for line in stream:
                yield from_line(line)


def write_manifest(manifest: Mapping[str, object], folder: Path) -> None:
    """Write what is known of a corpus as JSON; the last file to be written, so a folder with one is complete."""
    text = json.dumps(manifest, indent=2, ensure_ascii=False) + "\n"
    (folder / MANIFEST).write_text(text, encoding="utf-8")


def read_manifest(folder: Path) -> dict[str, Any]:
    """Return the manifest of a corpus; raises FileNotFoundError when the folder holds no complete corpus."""
    manifest: dict[str, Any] = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    return manifest


def _open_shard(stack: ExitStack, folder: Path, number: int) -> gzip.GzipFile:
    return _open_gzip(stack, folder / f"part-{number:03}.jsonl.gz")


def _open_gzip(stack: ExitStack, path: Path) -> gzip.GzipFile:
    raw = stack.enter_context(path.open("wb"))
    return stack.enter_context(gzip.GzipFile("", "wb", compresslevel=_COMPRESSION, fileobj=raw, mtime=0))
