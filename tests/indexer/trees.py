"""Builds small trees of files for the tests, and asks git what it would ignore in them."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

LONG_AGO_NS = 1_600_000_000_000_000_000  # so that no test depends on how coarse the file system's clock is

# The contents of small source files.
READ = "def read_all(path):\n    return open(path).read()\n"
SEND = "def send(message):\n    queue.put(message)\n"
SORT = "def sort_names(names):\n    return sorted(names)\n"


def write_tree(root: Path, files: Mapping[str, str | bytes]) -> Path:
    """Write files (path to content) below `root`, all last changed long ago, and return `root`."""
    root.mkdir(parents=True, exist_ok=True)
    for path, content in files.items():
        file = root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content.encode() if isinstance(content, str) else content)
        os.utime(file, ns=(LONG_AGO_NS, LONG_AGO_NS))
    return root


def git(root: Path, *arguments: str, stdin: bytes = b"") -> bytes:
    """Run git in `root` and return what it prints; `check-ignore` exits with 1 when it prints nothing."""
    done = subprocess.run(["git", "-C", str(root), *arguments], input=stdin, capture_output=True, check=False)
    assert done.returncode in {0, 1}, done.stderr
    return done.stdout


def files_that_git_sees(root: Path) -> list[str]:
    """Return the paths of all files that git does not ignore, none of them committed."""
    listed = git(root, "ls-files", "--others", "--exclude-standard", "-z", ".")
    return sorted(os.fsdecode(path) for path in listed.split(b"\0") if path)
