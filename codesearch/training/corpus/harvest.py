"""From the files of one source to its examples: through the indexer, then the filters, then fingerprinted.

Works on one source and writes what it found to a spool file, so that sources run in processes of their own and a
corpus larger than memory can be built. What may be kept besides other sources' functions is decided in `build`.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from codesearch.training.corpus.filters import (
    FUNCTION_KINDS,
    phrases,
    why_not_documentation,
    why_not_file,
    why_not_function,
    why_not_pair,
)
from codesearch.training.corpus.fingerprints import SKETCH, Fingerprint, fingerprint
from codesearch.training.corpus.prose import first_paragraph
from codesearch.training.corpus.records import CODE_CHARACTERS, Example, to_line
from indexer import read_folder

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from indexer import FileReading
    from store import Definition

_DIGEST = 16
_ENTRY = 3 * _DIGEST + SKETCH * 4 + _DIGEST + 9  # a fingerprint, the order, where the line is, whether it is a pair
_NONE = bytes(_DIGEST)
_ORDER_SEED = b"codesearch corpus 1"  # another seed gives another order


@dataclass(slots=True)
class Harvest:
    """What one source gave: how many files were read, and how many files and functions each filter took."""

    files: int = 0
    left_out: Counter[str] = field(default_factory=Counter)  # files, by the filter
    dropped: Counter[str] = field(default_factory=Counter)
    stripped: Counter[str] = field(default_factory=Counter)  # functions that became unimodal, by the filter
    examples: int = 0


@dataclass(frozen=True, slots=True)
class Spooled:
    """One example of a spool: where its line starts in the file, its place in the corpus, and its fingerprints."""

    offset: int
    order: bytes
    is_pair: bool
    fingerprint: Fingerprint


def harvest(root: Path, source: str, parts: tuple[str, ...] = ()) -> Iterator[tuple[Example, Fingerprint]]:
    """Return the examples of an unpacked source, by path and then by place in the file, with their fingerprints.

    `parts` limits the source to some of its folders.
    """
    return _Harvester(source, parts, Harvest()).run(root)


def harvest_to_spool(root: Path, source: str, parts: tuple[str, ...], spool: Path) -> Harvest:
    """Write the examples of an unpacked source to `spool` and their fingerprints beside it; return the counts."""
    counts = Harvest()
    offset = 0
    with spool.open("wb") as lines, spool.with_suffix(".index").open("wb") as index:
        for example, one in _Harvester(source, parts, counts).run(root):
            line = to_line(example)
            lines.write(line + b"\n")
            index.write(_entry(offset, line, one, is_pair=bool(example.documentation)))
            offset += len(line) + 1
            counts.examples += 1
    return counts


def read_spool(spool: Path) -> Iterator[Spooled]:
    """Return what a spool holds, in its order."""
    with spool.with_suffix(".index").open("rb") as index:
        while entry := index.read(_ENTRY):
            digests = [entry[start : start + _DIGEST] for start in range(0, 4 * _DIGEST, _DIGEST)]
            exact, body, renamed = (digest if digest != _NONE else b"" for digest in digests[:3])
            sketch = entry[4 * _DIGEST : 4 * _DIGEST + SKETCH * 4]
            yield Spooled(
                offset=int.from_bytes(entry[-9:-1], "big"),
                order=digests[3],
                is_pair=bool(entry[-1]),
                fingerprint=Fingerprint(exact, body, renamed, sketch),
            )


def _entry(offset: int, line: bytes, one: Fingerprint, *, is_pair: bool) -> bytes:
    order = hashlib.blake2b(line, digest_size=_DIGEST, key=_ORDER_SEED).digest()
    digests = one.exact + (one.body or _NONE) + (one.renamed or _NONE) + order
    return digests + one.sketch + offset.to_bytes(8, "big") + bytes([is_pair])


class _Harvester:
    def __init__(self, source: str, parts: tuple[str, ...], counts: Harvest) -> None:
        self._source = source
        self._parts = tuple(part.strip("/") + "/" for part in parts)
        self._counts = counts

    def run(self, root: Path) -> Iterator[tuple[Example, Fingerprint]]:
        for reading in read_folder(root, self._is_wanted):
            if not reading.skip_reason:
                self._counts.files += 1
                for definition in reading.definitions:
                    if definition.kind in FUNCTION_KINDS:
                        yield from self._take(reading, definition)

    def _is_wanted(self, path: str) -> bool:
        reason = why_not_file(path)
        if reason:
            self._counts.left_out[reason] += 1
        return not reason and (not self._parts or path.startswith(self._parts))

    def _take(self, reading: FileReading, definition: Definition) -> Iterator[tuple[Example, Fingerprint]]:
        code = reading.code_without_docstring(definition)
        reason = why_not_function(definition.kind, definition.name, code)
        if reason:
            self._counts.dropped[reason] += 1
            return
        documentation = first_paragraph(definition.documentation)
        why_unimodal = why_not_documentation(documentation) or why_not_pair(definition.kind, definition.name)
        if why_unimodal:
            self._counts.stripped[why_unimodal] += 1
        example = Example(
            source=self._source,
            path=reading.path,
            language=reading.language,
            kind=definition.kind.value,
            name=definition.name,
            qualified_name=definition.qualified_name,
            signature=definition.signature,
            documentation="" if why_unimodal else documentation,
            code=code,
            comments=phrases(comment.text for comment in reading.comments_in(definition)),
        )
        yield replace(example, code=code[:CODE_CHARACTERS]), fingerprint(code, reading.language)
