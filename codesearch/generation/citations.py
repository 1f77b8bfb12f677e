"""What a language model wrote: which part of it is code, and which of the numbered functions it cites.

Knows Markdown as language models write it; what the numbers stand for is the caller's business.
"""

from __future__ import annotations

import re
from typing import NamedTuple

_FENCE = re.compile(r"^[ \t]*```[^\n]*\n(.*?)(?:^[ \t]*```[ \t]*$|\Z)", re.DOTALL | re.MULTILINE)
_INLINE_CODE = re.compile(r"`[^`\n]*`")
_CITATION = re.compile(r"(?<![\w\])])\[(\d{1,3}(?:\s*[,;]\s*\d{1,3})*)\](?!\()")


class Citations(NamedTuple):
    """Numbers from 1, each once and in order: those of functions that were sent, and others."""

    valid: tuple[int, ...]
    invalid: tuple[int, ...]


def code_in(text: str) -> str:
    """Return the first code block of a Markdown text (it may lack its end); a text without one is all code."""
    block = _FENCE.search(text)
    return (block[1] if block else text).strip("\r\n").rstrip()


def prose_in(text: str) -> str:
    """Return a Markdown text without its code blocks; a text without one is all code."""
    prose, blocks = _FENCE.subn("", text)
    return prose.strip() if blocks else ""


def citations_in(text: str, count: int) -> Citations:
    """Return the citations `[1]`, `[1, 3]` of a text, of which 1 to `count` exist.

    What stands in code is none: there, `[0]` is an index.
    """
    prose = _INLINE_CODE.sub(" ", _FENCE.sub(" ", text))
    named = {int(number) for found in _CITATION.finditer(prose) for number in re.findall(r"\d+", found[1])}
    valid = {number for number in named if 1 <= number <= count}
    return Citations(tuple(sorted(valid)), tuple(sorted(named - valid)))
