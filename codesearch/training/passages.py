"""The passage that belongs to a query in training: as search shows it to the encoder, less what would give it away.

A passage in search begins with its place (folders, file, enclosing type), then documentation and code, see
`indexer.passages`. A query that was made from the documentation must not find it in the passage word for word each
time, and a query that was made from a name must not find the name: then meaning has to do the work. Documentation is
left in for a share of the examples all the same, because in search it is mostly there.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from codesearch.training.queries import QueryStyle, opening
from indexer.passages import path_words

if TYPE_CHECKING:
    import random

    from codesearch.training.corpus import Example
    from codesearch.training.queries import Query

_HIDDEN_NAME = "Func"  # what AdvTest calls every function
_HIDDEN_VARIABLE = "arg_{}"
_PYTHON_BODY = re.compile(r":[ \t]*(?:#.*)?\n([ \t]+)")
_PARAMETER = re.compile(r"(?:^|[(,])\s*(?:[\w.<>\[\]?*&:]+\s+)*[*&$]*(\w+)\s*(?=[:=,)]|$)")
_ASSIGNED = re.compile(r"(?:^|[;{]|\b(?:var|let|const|auto|for)\s)\s*\$?([a-z_]\w*)\s*(?::?=(?![=>])|\bin\b)", re.MULTILINE)
_KEYWORDS = frozenset("self this cls return if else for while in not and or new int str let var const void".split())
_LEAST_VARIABLE = 2  # characters; single letters say nothing and are everywhere

# From the documentation itself: the passage keeps none of it. Made out of it: it may stand there as it does in search.
_REMAINDER_ONLY = frozenset({QueryStyle.DOCUMENTATION, QueryStyle.OPENING})


@dataclass(frozen=True, slots=True)
class PassageShares:
    """How often (0 to 1) a passage shows or hides something; the defaults are those of the bundled checkpoint."""

    place: float = 0.6  # starts with folders, file and enclosing type
    documentation: float = 0.35  # keeps the documentation that the query was not taken from
    hidden_name: float = 0.2  # of the function
    hidden_variables: float = 0.1  # of the function, its parameters and what it assigns


def make_passage(example: Example, query: Query, shares: PassageShares, random: random.Random) -> str:
    """Return the text that `query` should find."""
    code = example.code
    if query.style is QueryStyle.COMMENT:
        code = _without(code, query.text)
    documentation = _documentation(example, query, shares, random)
    draw = random.random()
    if draw < shares.hidden_variables:
        code = hide_variables(hide_name(code, example.name), example.signature)
    elif query.style is QueryStyle.NAME or draw < shares.hidden_variables + shares.hidden_name:
        code = hide_name(code, example.name)
        documentation = hide_name(documentation, example.name)
    if documentation and example.language == "python" and random.random() < 0.5:  # half as CoSQA has it, half as here
        code, documentation = _with_docstring(code, documentation), ""
    place = _place(example) if random.random() < shares.place and query.style is not QueryStyle.NAME else ""
    return "\n".join(filter(None, (place, documentation, code)))


def hide_name(text: str, name: str) -> str:
    """Return `text` with the function's name replaced wherever it stands as a word."""
    return re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", _HIDDEN_NAME, text) if name else text


def hide_variables(code: str, signature: str) -> str:
    """Return `code` with parameters and assigned variables numbered, in the order in which they first stand there.

    Read off with patterns, for any language: some names stay, none is confused with another.
    """
    _, _, parameters = signature.partition("(")
    names = [*_PARAMETER.findall(f"({parameters}"), *_ASSIGNED.findall(code)]
    numbered: dict[str, str] = {}
    for name in names:
        if len(name) >= _LEAST_VARIABLE and name not in _KEYWORDS and not name.isdigit() and name != _HIDDEN_NAME:
            numbered.setdefault(name, _HIDDEN_VARIABLE.format(len(numbered)))
    if not numbered:
        return code
    pattern = re.compile(rf"(?<![\w.])(?:{'|'.join(map(re.escape, numbered))})(?!\w)")
    return pattern.sub(lambda found: numbered[found[0]], code)


def _place(example: Example) -> str:
    enclosing = example.qualified_name.removesuffix(example.name).rstrip(".:#/\\")
    return f"{path_words(example.path)} {enclosing}".strip()


def _documentation(example: Example, query: Query, shares: PassageShares, random: random.Random) -> str:
    if random.random() >= shares.documentation:
        return ""
    whole = " ".join(example.documentation.split())
    if query.style in _REMAINDER_ONLY:
        return whole.removeprefix(opening(whole)).strip() if query.style is QueryStyle.OPENING else ""
    return whole


def _without(code: str, comment: str) -> str:
    """Drop the comment that became the query: its whole line, or the end of the line that it stands on."""
    words = comment.split()
    place = code.find(words[0] if words else comment)
    lines = code.split("\n")
    kept = [line for line in lines if comment not in " ".join(line.split())]
    if len(kept) < len(lines) or place < 0:
        return "\n".join(kept)
    return code


def _with_docstring(code: str, documentation: str) -> str:
    found = _PYTHON_BODY.search(code)
    if found is None:
        return f"{documentation}\n{code}"
    return f'{code[: found.start(1)]}{found[1]}"""{documentation}"""\n{code[found.start(1) :]}'
