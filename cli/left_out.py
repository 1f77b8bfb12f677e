"""Why nothing was found in a place that was named: because it is not searched at all.

The reason is the engine's to know; all that is not searched is listed by `status --skipped`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cli.errors import SEE_SKIPPED
from cli.highlighting import printable

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from codesearch import CodeSearch


def left_out_note(engine: CodeSearch, paths: Sequence[Path]) -> str:
    """Return a sentence about the first path that is not searched, or lies in a folder that is not; "" for none."""
    for path in paths:
        if reason := engine.skip_reason(path):
            return f"{printable(str(path))} is not searched: {reason}; {SEE_SKIPPED}"
    return ""
