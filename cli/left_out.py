"""Why nothing was found in a place that was named: because it is not searched at all.

The files that are not searched, with their reasons, are the engine's; all of them are listed by `status --skipped`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cli.highlighting import printable

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from codesearch import CodeSearch

WAY_OUT = "see what is skipped and why: codesearch status --skipped"


def left_out_note(engine: CodeSearch, paths: Sequence[Path]) -> str:
    """Return a sentence about the first path that is not searched, or lies in a folder that is not; "" for none."""
    for path in paths:
        for status in engine.status(path):
            place = path.resolve()
            for skipped in engine.skipped_files(path):
                left_out = status.root / skipped.path
                if left_out == place or (skipped.path.endswith("/") and left_out in place.parents):
                    return f"{printable(str(path))} is not searched: {skipped.reason}; {WAY_OUT}"
    return ""
