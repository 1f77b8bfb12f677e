"""What is measured on: files, functions and questions, by default of the Python packages that are installed here.

So anybody can run the benchmarks. Everything is taken in a fixed order: the same machine measures the same thing again.
"""

from __future__ import annotations

import random
import shutil
import sysconfig
from functools import cache
from pathlib import Path

from indexer import describe, read_folder

_SEED = 17
_LARGEST_FILE = 200_000  # bytes; generated tables say nothing about functions
_QUESTIONS = (
    "where are failed requests retried",
    "parse command line arguments",
    "read a configuration file",
    "compute a hash of a file",
    "open a database connection",
    "convert bytes to a string",
    "split text into tokens",
    "sort results by score",
    "write an array to disk",
    "raise an error when a path does not exist",
    "load weights of a model",
    "format a date",
    "remove duplicates from a list",
    "check whether a version is supported",
    "walk a directory tree",
    "cache the result of a function",
    "which tests are skipped on this platform",
    "register a callback",
    "decode a unicode escape",
    "merge two dictionaries",
)


def make_repository(folder: Path, files: int, source: Path | None = None) -> int:
    """Fill a new folder with copies of that many source files; return how many there were.

    `source` is the folder whose files are taken: None takes Python files of installed packages, mixed.
    """
    origin = source or Path(sysconfig.get_paths()["purelib"])
    chosen = _files(origin, "*" if source else "*.py")[:files]
    for number, path in enumerate(chosen):
        target = folder / f"part{number % 20:02}" / path.relative_to(origin)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
    return len(chosen)


def questions(count: int) -> list[str]:
    """Return that many different questions, in plain words."""
    kinds = ("", "how do I ", "python ", "function to ", "code that can ")
    asked = [f"{kind}{question}" for kind in kinds for question in _QUESTIONS]
    return [asked[number % len(asked)] for number in range(count)]


def functions(folder: Path, count: int) -> list[str]:
    """Return up to that many different passages of the definitions in a folder, as an encoder is given them."""
    texts: dict[str, None] = {}
    for reading in read_folder(folder):
        for definition in reading.definitions:
            texts.update(dict.fromkeys(one.text for one in describe(reading.path, reading.language, definition)))
        if len(texts) >= count:
            break
    return list(texts)[:count]


@cache
def _files(origin: Path, pattern: str) -> list[Path]:
    found = [path for path in sorted(origin.rglob(pattern)) if path.is_file() and not path.is_symlink()]
    found = [path for path in found if ".git" not in path.parts and 0 < path.stat().st_size <= _LARGEST_FILE]
    random.Random(_SEED).shuffle(found)
    return found
