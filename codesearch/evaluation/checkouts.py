"""The folders in which real repositories lie: which are there, and at which revision, without asking git."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_COMMIT = re.compile(r"[0-9a-f]{40,64}")


def revision_of(checkout: Path) -> str | None:
    """Return the commit that is checked out in a folder, None where that cannot be told: no `.git`, or a new format."""
    git = checkout / ".git"
    if git.is_file():  # a worktree: "gitdir: FOLDER"
        git = checkout / _text_of(git).removeprefix("gitdir:").strip()
    head = _text_of(git / "HEAD")
    if head.startswith("ref:"):
        reference = head.removeprefix("ref:").strip()
        head = _text_of(git / reference) or _packed(git, reference)
    return head if _COMMIT.fullmatch(head) else None


def _packed(git: Path, reference: str) -> str:
    lines = (line.split() for line in _text_of(git / "packed-refs").splitlines())
    return next((parts[0] for parts in lines if parts[1:] == [reference]), "")


def _text_of(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""
