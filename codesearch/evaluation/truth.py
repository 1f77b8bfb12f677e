"""What is meant by a relevant place, and which results are at it: a file, or one definition of it.

A place is written `src/a.py` (the file), `src/a.py:12` (the innermost definition that has this line, as `codesearch
similar` understands it) or `src/a.py::Queue.retry` (the definition of that name, or whose qualified name ends so); as
an object it is {path}, {path, line} or {path, name}. An object's start_line and end_line are not read: where the
published questions name lines, their published figures count the whole file.

Two paths are the same when they are equal, or one ends with "/" and the other: labels may leave out leading folders.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from store import Definition

_LINE = re.compile(r"(?P<path>.+):(?P<line>\d+)")
_NAME = "::"
_SEPARATORS = re.compile(r"\.|::?|->|#|/")


@dataclass(frozen=True, slots=True)
class RelevantPlace:
    """A file; with `line` or `name` one definition of it, and with `lines` the lines of that one once it is known."""

    path: str
    line: int | None = None
    name: str = ""
    lines: tuple[int, int] | None = None

    def __str__(self) -> str:
        suffix = f":{self.line}" if self.line is not None else f"{_NAME}{self.name}" if self.name else ""
        return f"{self.path}{suffix}"

    @property
    def is_file(self) -> bool:
        """Whether the whole file is meant."""
        return self.line is None and not self.name

    def is_at(self, path: str, definition: Definition) -> bool:
        """Return whether a definition in the file `path` is what is meant."""
        if not same_path(path, self.path):
            return False
        if self.line is not None:
            return self.lines == (definition.start_line, definition.end_line)
        wanted = _parts_of(self.name)
        return not wanted or _parts_of(definition.qualified_name)[-len(wanted) :] == wanted


def read_place(entry: object) -> RelevantPlace | None:
    """Return the place that an entry of a question means, None for what is none."""
    if isinstance(entry, str) and entry:
        path, separator, name = entry.partition(_NAME)
        if separator:
            return RelevantPlace(path, name=name) if path and name else None
        match = _LINE.fullmatch(entry)
        return RelevantPlace(match["path"], int(match["line"])) if match else RelevantPlace(entry)
    if isinstance(entry, dict) and isinstance(entry.get("path"), str) and entry["path"]:
        line, name = entry.get("line"), entry.get("name", "")
        if (line is None or isinstance(line, int)) and isinstance(name, str):
            return RelevantPlace(entry["path"], line, "" if line is not None else name)
    return None


def same_path(one: str, other: str) -> bool:
    """Return whether two paths are the same, but for leading folders that one of them may lack."""
    return one == other or one.endswith(f"/{other}") or other.endswith(f"/{one}")


def hits_of(results: Sequence[tuple[str, Definition]], places: Sequence[RelevantPlace]) -> list[set[int]]:
    """Return for each rank, best first, the numbers of the places that stand there.

    With files alone the ranks are those of distinct files, each at its first result; two files may be at one place.
    With a definition among the places each result has a rank of its own, and a place is at the first that is it.
    """
    if all(place.is_file for place in places):
        paths = dict.fromkeys(path for path, _ in results)
        return [{number for number, place in enumerate(places) if same_path(path, place.path)} for path in paths]
    hits: list[set[int]] = []
    missing = set(range(len(places)))
    for path, definition in results:
        hits.append({number for number in missing if places[number].is_at(path, definition)})
        missing -= hits[-1]
    return hits


def _parts_of(name: str) -> list[str]:
    return [part for part in _SEPARATORS.split(name.removesuffix("()")) if part]
