"""Where definitions really begin and end, when one is not exactly one node of the grammar.

Two things are put right, for whichever language has them. A function that is written in several clauses (Haskell,
Elixir) is one definition, its type signature included. And a comment that a grammar with significant indentation
counts to the definition above is given back to what follows.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from indexer.captures import Findings, Found, Span


def settle_spans(source: bytes, findings: Findings) -> Findings:
    """Return the findings with clauses joined and trailing comments left out. Changes the definitions in place."""
    for found in findings.definitions:
        _leave_out_trailing_comments(source, found, findings.comments)
    if all(found.clause is None for found in findings.definitions):
        return findings
    passed_over = sorted([*findings.comments, *findings.decorators])
    return replace(findings, definitions=_join_clauses(source, findings.definitions, passed_over))


def _leave_out_trailing_comments(source: bytes, found: Found, comments: list[Span]) -> None:
    """End a definition before the comments at its end that stand no deeper than it does itself."""
    index = bisect_left(comments, (found.end, 0)) - 1
    while index >= 0:
        start, end = comments[index]
        if end != found.end or start <= found.start or not _starts_line(source, start):
            break
        if _indentation(source, start) > _indentation(source, found.start):
            break
        found.end = found.start + len(source[found.start : start].rstrip())
        found.body = min(found.body, found.end)
        index -= 1


def _join_clauses(source: bytes, definitions: list[Found], passed_over: list[Span]) -> list[Found]:
    kept: list[Found] = []
    latest: dict[tuple[str, tuple[str, ...], int], Found] = {}
    for found in definitions:
        if found.clause is not None:
            key = found.name, found.receivers, found.clause
            first = latest.get(key)
            if first is not None and _adjacent(source, first.end, found.start, passed_over):
                first.end = found.end
                continue
            latest[key] = found
        kept.append(found)
    return kept


def _adjacent(source: bytes, start: int, end: int, passed_over: list[Span]) -> bool:
    """Return whether nothing but blanks, comments and decorators lies between two definitions."""
    if start > end:
        return False
    for index in range(bisect_left(passed_over, (start, 0)), len(passed_over)):
        passed_start, passed_end = passed_over[index]
        if passed_start >= end:
            break
        if source[start:passed_start].strip():
            return False
        start = max(start, passed_end)
    return not source[start:end].strip()


def _starts_line(source: bytes, position: int) -> bool:
    return not source[source.rfind(b"\n", 0, position) + 1 : position].strip()


def _indentation(source: bytes, position: int) -> int:
    line = source[source.rfind(b"\n", 0, position) + 1 : position + 1]
    return len(line) - len(line.lstrip())
