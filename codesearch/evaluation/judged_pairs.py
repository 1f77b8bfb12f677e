"""Reading judged pairs: queries, each with one piece of code, and whether that code answers it.

The file is `pairs.jsonl[.gz]` in a judged set's folder, with {query, code, label}; a label is 1 (it answers) or 0.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from codesearch.errors import EvaluationFolderInvalid
from codesearch.evaluation.json_lines import read_rows

if TYPE_CHECKING:
    from pathlib import Path

    from codesearch.evaluation.json_lines import Row

_LABELS = (0, 1)  # true and false are equal to them


@dataclass(frozen=True, slots=True)
class JudgedPair:
    """A query, a piece of code, and whether the code answers the query."""

    query: str
    code: str
    right: bool


@dataclass(frozen=True, slots=True)
class JudgedPairs:
    """Pairs of both kinds, right and wrong, in the order of the file."""

    name: str
    pairs: tuple[JudgedPair, ...]


def read_judged_pairs(folder: Path, code_field: str = "code", limit: int | None = None) -> JudgedPairs:
    """Read the pairs in `folder`; `code_field` names the field with the code, `limit` keeps the first pairs.

    Raises EvaluationFolderInvalid when the file is missing, a line is not what it should be, or all of the pairs are of
    one kind.
    """
    rows = islice(read_rows(folder, "pairs"), limit)
    pairs = tuple(
        JudgedPair(
            str(row.field("query")),
            str(row.field(code_field)),
            _right(row),
        )
        for row in rows
    )
    if len({pair.right for pair in pairs}) < len(_LABELS):
        raise EvaluationFolderInvalid(folder, "some pairs must be right and some wrong")
    return JudgedPairs(folder.resolve().name, pairs)


def _right(row: Row) -> bool:
    label = row.field("label")
    if label not in _LABELS:
        raise row.wrong(f"the label is {label!r}, neither 0 nor 1")
    return bool(label)
