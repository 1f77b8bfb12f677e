"""What is written where no person watches: text in the manner of grep, one match after the other, without colour.

Pure functions from an answer to text; the terminal's view of the same answer is in `views`.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from cli.excerpt import text_lines
from cli.why import UNWRAPPED, why_lines

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from codesearch import Match, SkippedFile

_INDENT = "    "


def matches_text(matches: Sequence[Match], snippet_lines: int, folder: Path) -> str:
    """Return the matches as text, paths relative to `folder`: a line each, with up to `snippet_lines` lines of code."""
    if not snippet_lines:
        return "\n".join("\n".join(_heading(match, folder)) for match in matches)
    return "\n\n".join("\n".join([*_heading(match, folder), *_code_lines(match, snippet_lines)]) for match in matches)


def files_text(matches: Iterable[Match], folder: Path) -> str:
    """Return the path of each file with a match, the best first, a line each."""
    return "\n".join(dict.fromkeys(shown_path(match.root, match.path, folder) for match in matches))


def skipped_text(root: Path, skipped: Iterable[SkippedFile], folder: Path) -> str:
    """Return a line for each file that is not searched: its path and the reason."""
    return "\n".join(f"{shown_path(root, file.path, folder)}: {file.reason}" for file in skipped)


def shown_path(root: Path, path: str, folder: Path) -> str:
    """Return the path as a terminal opens it: relative to `folder` where it is below, else absolute."""
    full = os.path.join(root, path)
    below = os.path.join(folder, "")
    return full[len(below) :] if full.startswith(below) else full


def place_text(match: Match, folder: Path) -> str:
    """Return where and what a definition is, without a score: `path:start-end: name (kind)`."""
    definition = match.definition
    lines = f"{definition.start_line}-{definition.end_line}"
    name = f"{definition.qualified_name} " if definition.qualified_name else ""
    return f"{shown_path(match.root, match.path, folder)}:{lines}: {name}({definition.kind})"


def stated_lines(match: Match) -> list[str]:
    """Return what a definition says of itself, indented: its signature, and the first line of its documentation."""
    documentation = match.definition.documentation.strip().split("\n")[0]
    stated = (" ".join(match.definition.signature.split()), documentation.strip())
    return [_INDENT + line for line in stated if line]


def _heading(match: Match, folder: Path) -> list[str]:
    """Return where and what the match is, and why it was found if that was asked."""
    return [_location(match, folder), *(_INDENT + reason for reason in why_lines(match, UNWRAPPED))]


def _location(match: Match, folder: Path) -> str:
    return f"{place_text(match, folder)} {match.score:.2f}"


def _code_lines(match: Match, limit: int) -> list[str]:
    return [_INDENT + line if line.strip() else "" for line in text_lines(match, limit)]
