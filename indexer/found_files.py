"""What a walk finds, as a value: apart from the walk, because who only parses has no use for ignore rules."""

from __future__ import annotations

from dataclasses import dataclass

SIZE_LIMIT = 1_000_000
"""Bytes; hand-written files stay far below it (the largest in CPython is 0.6 MB)."""


@dataclass(frozen=True, slots=True)
class FoundFile:
    """One file of the tree, or a whole folder that is left out.

    `path` is relative to the root, with forward slashes; that of a folder ends in one. `skip_reason` is empty for a
    file to be searched. `insisted` says that a `.codesearchignore` asks for this file, so that it is taken even if it
    is generated. Size in bytes; `modified_ns` as in `walk.last_change_ns`; both 0 for what is not a file.
    """

    path: str
    size: int = 0
    modified_ns: int = 0
    skip_reason: str = ""
    insisted: bool = False
