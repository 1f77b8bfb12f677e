"""What a definition does, in one line: the decoder's answer, or nothing where it makes no sense.

Which definition is meant is `reading`; how a decoder writes is `codet5p.writer`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from codesearch.codet5p.writer import Decoding, Task
from codesearch.generation.context import sources_of
from codesearch.reading import as_match
from codesearch.results import ExplainedDefinition

if TYPE_CHECKING:
    from codesearch.codet5p.writer import Writer
    from store import StoredDefinition

# A line has room for no more; CodeT5+ writes summaries with 5 beams (section 5 of the paper).
SUMMARY = Decoding(max_tokens=48, beams=5)

# What is no summary. Of the 3,889 docstrings in Python's own library these refuse 2 %: single words ("Constructor.",
# "minute (0-59)"), signatures, and a few paragraphs that are longer than any summary.
_LEAST_WORDS = 2
_TURNS = 3  # the same word so often in a row is no sentence
_JUDGED_BY_SHARE = 6  # words; of fewer a share says nothing
_LEAST_DISTINCT = 0.5  # of the words
_LEAST_LETTERS = 0.5  # of the characters that are no blanks
_NOT_TEXT = "\N{REPLACEMENT CHARACTER}"

_WORD = re.compile(r"[^\W\d_]+")
_BEFORE_PUNCTUATION = re.compile(r"\s+(?=[.,;:!?)](?:\s|$))")


def explain(stored: StoredDefinition, writer: Writer, model: str) -> ExplainedDefinition:
    """Return what the decoder says of a definition, reading its code without its documentation.

    The best of its beams that says something counts.
    """
    match = as_match(stored)
    (source,) = sources_of([match])
    for written in writer.write(Task.SUMMARY, (source.code,), SUMMARY):
        summary = in_one_line(written.text)
        if says_something(summary):
            return ExplainedDefinition(match, summary, written.score, model)
    return ExplainedDefinition(match, "", None, model)


def in_one_line(text: str) -> str:
    """Return the first paragraph as one line; texts that were learned as tokens have blanks before their full stops."""
    paragraph = text.strip().split("\n\n", 1)[0]
    return _BEFORE_PUNCTUATION.sub("", " ".join(paragraph.split()))


def says_something(summary: str) -> bool:
    """Whether a summary can be one: words, mostly letters, and no going round in circles."""
    words = [word.lower() for word in _WORD.findall(summary)]
    if len(set(words)) < _LEAST_WORDS or _NOT_TEXT in summary:
        return False
    if any(len(set(words[at : at + _TURNS])) == 1 for at in range(len(words) - _TURNS + 1)):
        return False
    if len(words) >= _JUDGED_BY_SHARE and len(set(words)) < _LEAST_DISTINCT * len(words):
        return False
    characters = "".join(summary.split())
    return sum(character.isalpha() for character in characters) >= _LEAST_LETTERS * len(characters)
