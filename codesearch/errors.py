"""The errors of the engine; each carries data, and `cli/errors.py` turns it into a sentence with the way out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from store import CodesearchError

if TYPE_CHECKING:
    from pathlib import Path


class PathMissing(CodesearchError):
    """A path to index or to search does not exist."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.path = path


class PathUnreadable(CodesearchError):
    """A path to index or to search lies in a folder that may not be looked into."""

    def __init__(self, path: Path, detail: str) -> None:
        super().__init__(path, detail)
        self.path = path
        self.detail = detail


class NotIndexed(CodesearchError):
    """A path was to be searched as it is, and nothing of it is in the library."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.path = path


class EmptyQuery(CodesearchError):
    """The query has no letter and no digit."""


class OnlyFilters(EmptyQuery):
    """A query says where to look (`lang:go`) and not what for."""

    def __init__(self, query: str) -> None:
        super().__init__(query)
        self.query = query


class LanguageUnknown(CodesearchError):
    """A filter names a language that there is none of; `nearest` are known names like it, else the usual ones."""

    def __init__(self, name: str, nearest: tuple[str, ...]) -> None:
        super().__init__(name, nearest)
        self.name = name
        self.nearest = nearest


class KindUnknown(CodesearchError):
    """A filter names a kind of definition that there is none of; `nearest` are known names like it, else all."""

    def __init__(self, name: str, nearest: tuple[str, ...]) -> None:
        super().__init__(name, nearest)
        self.name = name
        self.nearest = nearest


class EvaluationFolderInvalid(CodesearchError):
    """A folder is not an evaluation set: a file is missing or a line of it cannot be read."""

    def __init__(self, folder: Path, detail: str) -> None:
        super().__init__(folder, detail)
        self.folder = folder
        self.detail = detail


class CheckoutsMissing(CodesearchError):
    """Not one of the repositories that questions are about is in the folder of checkouts; `names` are wanted."""

    def __init__(self, folder: Path, names: tuple[str, ...]) -> None:
        super().__init__(folder, names)
        self.folder = folder
        self.names = names


class RunUnreadable(CodesearchError):
    """A file is no run of an evaluation of the search, or one that cannot be compared; `detail` says why."""

    def __init__(self, path: Path, detail: str) -> None:
        super().__init__(path, detail)
        self.path = path
        self.detail = detail


class DrawingUnavailable(CodesearchError):
    """A picture was asked for, and matplotlib is not installed."""


class HeldOutMissing(CodesearchError):
    """A folder holds no corpus, or none with held-out functions to measure writing on."""

    def __init__(self, folder: Path, detail: str) -> None:
        super().__init__(folder, detail)
        self.folder = folder
        self.detail = detail


class ProblemsUnreadable(CodesearchError):
    """A file of programming problems is missing, or a line of it is none of the known formats."""

    def __init__(self, path: Path, detail: str) -> None:
        super().__init__(path, detail)
        self.path = path
        self.detail = detail


class SandboxUnavailable(CodesearchError):
    """Programs cannot be run here: the system has no limits for processes."""

    def __init__(self, system: str) -> None:
        super().__init__(system)
        self.system = system


class LineNotGiven(CodesearchError):
    """A file was named where one of its lines or a definition must be."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.path = path


class LineMissing(CodesearchError):
    """A file has fewer lines than the one that was asked for."""

    def __init__(self, path: Path, line: int, lines: int) -> None:
        super().__init__(path, line, lines)
        self.path = path
        self.line = line
        self.lines = lines


class NoDefinitionHere(CodesearchError):
    """The line belongs to no definition: it is blank, or a comment that stands alone."""

    def __init__(self, path: Path, line: int) -> None:
        super().__init__(path, line)
        self.path = path
        self.line = line


class FileNotSearched(CodesearchError):
    """A file is not in the index; `reason` says why, in a few words for people."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(path, reason)
        self.path = path
        self.reason = reason


class SymbolUnknown(CodesearchError):
    """No definition has this name."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


class SymbolAmbiguous(CodesearchError):
    """A name is that of `count` definitions; `places` are the first of them, as `path:start-end`."""

    def __init__(self, name: str, places: tuple[str, ...], count: int) -> None:
        super().__init__(name, places, count)
        self.name = name
        self.places = places
        self.count = count
