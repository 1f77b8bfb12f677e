"""Which definition is meant: by `FILE:LINE`, as grep and editors print it, or by a name.

Brings the repositories that are asked about up to date and finds the definition in the library. What is then said of
it is `similar`, `explaining` and `completing`.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from codesearch.errors import (
    FileNotSearched,
    LineMissing,
    LineNotGiven,
    NoDefinitionHere,
    NotIndexed,
    PathMissing,
    SymbolAmbiguous,
    SymbolUnknown,
)
from codesearch.results import Match
from store import Filters, Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from codesearch.repositories import Repositories
    from store import Repository, StoredDefinition

    Part = tuple[Repository, tuple[str, ...]]  # a repository, and the paths in it that are meant; () for all of it

# path:12, path:12-40 (what search prints), path:12:5 (compilers, editors), each with a colon behind it (grep -n)
_SPOT = re.compile(r"(?P<path>.+?):(?P<first>\d+)(?:-(?P<last>\d+)|:\d+)?:?")
_SEPARATORS = re.compile(r"\.|::?|->|#|/")

# How a line begins that is a comment in some language, and not `#include` or `#[derive]`.
_COMMENT = re.compile(r"\s*(#(\s|$)|//|/\*|\*|--|;|%|\(\*|\{-)")
_TEXT = re.compile(r"\s*\S")

FUNCTIONS = frozenset({Kind.FUNCTION, Kind.METHOD, Kind.CONSTRUCTOR})

# Definitions of one name that are looked at: beyond that nobody can tell which was meant.
_NAMESAKES = 100
_LISTED = 8  # of several of one name: they fill a third of a screen


@dataclass(frozen=True, slots=True)
class Spot:
    """Lines of a file, counted from 1, both included."""

    path: Path
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Located:
    """What is meant, the repository that it is in, and what is to be searched for things like it."""

    meant: StoredDefinition
    home: Repository
    parts: tuple[Part, ...]


def read_spot(text: str) -> Spot | None:
    """Return the lines that `FILE:LINE`, `FILE:FIRST-LAST` or `FILE:LINE:COLUMN` means; None for anything else."""
    match = _SPOT.fullmatch(text.strip())
    if match is None:
        return None
    first = int(match["first"])
    return Spot(Path(match["path"]).expanduser(), first, max(first, int(match["last"] or first)))


def locate(
    where: str, paths: Sequence[Path], repositories: Repositories, refresh: Callable[[Repository], object] | None
) -> Located:
    """Return the definition that `where` means; a name is looked for below `paths`.

    `refresh` brings a repository up to date; without it the index is read as it is. Raises PathMissing, NotIndexed
    (without `refresh`), the errors of `definition_at` for a spot and those of `definition_named` for a name, and
    LineNotGiven for a file alone.
    """
    spot = read_spot(where)
    parts = tuple(repositories.parts(paths, create=refresh is not None))
    if spot is None:
        if os.path.isfile(where):  # false, too, for what can be no path; `Path` would raise
            raise LineNotGiven(Path(where))
        if refresh:
            for repository, _ in parts:
                refresh(repository)
        home, meant = definition_named(where, parts)
        return Located(meant, home, parts)
    home = home_of(spot.path, repositories, create=refresh is not None)
    if refresh:
        for repository in {one.root: one for one in (home, *(part[0] for part in parts))}.values():
            refresh(repository)
    return Located(definition_at(home, spot), home, parts)


def home_of(path: Path, repositories: Repositories, *, create: bool) -> Repository:
    """Return the repository that a file belongs to; the current folder becomes one if it holds the file, else its own.

    Raises PathMissing, PathUnreadable, and NotIndexed unless `create`.
    """
    found = repositories.find(path)
    if not path.is_file():
        raise PathMissing(path)
    if found is not None:
        return found
    if not create:
        raise NotIndexed(path)
    current = Path.cwd()
    return repositories.known_or_new(current if path.resolve().is_relative_to(current.resolve()) else path)


def definition_at(repository: Repository, spot: Spot) -> StoredDefinition:
    """Return the innermost definition that holds the lines, else their first one.

    A comment belongs to the definition right below it. Raises FileNotSearched, LineMissing and NoDefinitionHere.
    """
    path = spot.path.resolve().relative_to(repository.root).as_posix()
    found = definitions_in(repository, path)
    lines = lines_of(spot.path)
    if not 1 <= spot.first <= len(lines):
        raise LineMissing(spot.path, spot.first, len(lines))
    if not found:
        _raise_if_skipped(repository, spot.path, path)
    meant = _innermost(found, spot.first, spot.last) or _innermost(found, spot.first, spot.first)
    if meant is None or meant.definition.kind not in FUNCTIONS:
        meant = _right_below(found, spot.first, lines, _TEXT if meant is None else _COMMENT) or meant
    if meant is None:
        raise NoDefinitionHere(spot.path, spot.first)
    return meant


def definitions_in(repository: Repository, path: str) -> list[StoredDefinition]:
    """Return the definitions of a file of the repository."""
    return repository.definitions(repository.containing((), Filters(below=(path,))))


def lines_of(path: Path) -> list[str]:
    """Return the lines of a file, without line ends. Raises PathMissing when it is gone."""
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise PathMissing(path) from error
    return text.removesuffix("\n").split("\n")


def definition_named(name: str, parts: Sequence[Part]) -> tuple[Repository, StoredDefinition]:
    """Return the definition that a name means, and its repository: `send`, `HttpClient.send`, `net::Client::send()`.

    A whole qualified name counts before the end of one, and that before one in another case. Raises SymbolUnknown, and
    SymbolAmbiguous when the name is that of several.
    """
    wanted = _parts_of(name.strip().removesuffix("()"))
    known = [
        (repository, stored)
        for repository, below in parts
        for stored in repository.definitions(
            repository.named(wanted[-1], _NAMESAKES, Filters(below=below)) if wanted else []
        )
    ]
    named = [(pair, _parts_of(pair[1].definition.qualified_name)) for pair in known]
    tiers = (
        [pair for pair, its in named if its == wanted],
        [pair for pair, its in named if its[-len(wanted) :] == wanted],
        [pair for pair, its in named if _folded(its[-len(wanted) :]) == _folded(wanted)],
    )
    meant = next(filter(None, tiers), [])
    if not meant:
        raise SymbolUnknown(name)
    if len(meant) > 1:
        places = [f"{one.path}:{one.definition.start_line}-{one.definition.end_line}" for _, one in meant]
        raise SymbolAmbiguous(name, tuple(places[:_LISTED]), len(places))
    return meant[0]


def as_match(stored: StoredDefinition, score: float = 1.0, focus_lines: tuple[int, int] | None = None) -> Match:
    """Return a definition as a match by meaning alone; by default as one that is all that is asked for."""
    definition = stored.definition
    return Match(
        root=stored.root,
        path=stored.path,
        language=stored.language,
        definition=definition,
        score=score,
        lexical_rank=None,
        dense_rank=None,
        similarity=None,
        focus_lines=focus_lines or (definition.start_line, definition.end_line),
    )


def _innermost(found: Sequence[StoredDefinition], first: int, last: int) -> StoredDefinition | None:
    holding = [one for one in found if one.definition.start_line <= first and last <= one.definition.end_line]
    return min(holding, key=lambda one: one.definition.end_byte - one.definition.start_byte, default=None)


def _right_below(
    found: Sequence[StoredDefinition], line: int, lines: Sequence[str], says: re.Pattern[str]
) -> StoredDefinition | None:
    """Return the definition that begins below the line, if the line and all between are what `says` finds."""
    below = [one for one in found if one.definition.start_line > line]
    nearest = min(below, key=lambda one: (one.definition.start_line, -one.definition.end_line), default=None)
    if nearest is None or not all(says.match(one) for one in lines[line - 1 : nearest.definition.start_line - 1]):
        return None
    return nearest


def skip_reason(repository: Repository, path: str) -> str:
    """Return why a file or a folder of a repository is not searched, by itself or for a folder around it; "" if it is.

    `path` is relative to the root, with forward slashes.
    """
    reasons = repository.skipped_files()
    folders = [path.rsplit("/", depth)[0] + "/" for depth in range(1, path.count("/") + 1)]
    return next((reasons[one] for one in (path, f"{path}/", *folders) if one in reasons), "")


def _raise_if_skipped(repository: Repository, file: Path, path: str) -> None:
    """Raise FileNotSearched for a file that is not in the index, with the reason of it or of a folder around it."""
    reason = skip_reason(repository, path)
    if reason or path not in repository.files():
        raise FileNotSearched(file, reason or "not in the index")


def _parts_of(name: str) -> list[str]:
    return [part for part in _SEPARATORS.split(name) if part]


def _folded(parts: Sequence[str]) -> list[str]:
    return [part.lower() for part in parts]
