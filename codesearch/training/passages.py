"""The passage that belongs to a query in training: as search shows it to the encoder, less what would give it away.

A passage in search begins with its place (folders, file, enclosing type), then documentation and code, see
`indexer.passages`. A query that was made from the documentation must not find it in the passage word for word each
time, and a query that was made from a name must not find the name: then meaning has to do the work. Documentation is
left in for a share of the examples all the same, because in search it is mostly there.
"""

from __future__ import annotations

import io
import re
import tokenize
from dataclasses import dataclass
from typing import TYPE_CHECKING

from codesearch.training.hiding import hide_name, hide_variables
from codesearch.training.phrases import opening
from codesearch.training.queries import QueryStyle
from indexer import passage_code, path_words

if TYPE_CHECKING:
    import random

    from codesearch.training.corpus import Example
    from codesearch.training.queries import Query

_IN_PYTHON = 0.5  # of what is kept in Python stands as a docstring in the code, as in CoSQA; the rest above it, as here
_DOCUMENTATION_CHARACTERS = 400  # as in search

_QUOTES = r"\"\"\"|'{3}"
_MARKS_BEFORE = re.compile(
    rf"[ \t]*(?:/{{2,}}[/!]*|/\*+!?|#+[!:]?|--+(?:\[\[)?\|?|<!--|;+|%+|\(\*+|\{{-\|?|<#|\*+|{_QUOTES})?[ \t]*$"
)
_MARKS_AFTER = re.compile(rf"[ \t]*(?:\*+/|\*+\)|-->|-\}}|#>|\]\]|{_QUOTES})?[ \t]*")
_BRACKETS = (frozenset("([{"), frozenset(")]}"))
_BETWEEN_WORDS = r"(?:[\s#/*;:%!|-]|<[^<>\n]{1,80}>)+"  # line breaks and comment marks, and tags that were taken off


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
        code = without_comment(code, query.text)
    documentation = _documentation(example, query, shares, random)
    draw = random.random()
    hides_variables = draw < shares.hidden_variables
    if hides_variables or query.style is QueryStyle.NAME or draw < shares.hidden_variables + shares.hidden_name:
        code = hide_name(code, example.name)
        documentation = _hidden_in_prose(documentation, example.name)
    if hides_variables:
        code = hide_variables(code, example.signature, example.language)
    if documentation and example.language == "python" and random.random() < _IN_PYTHON:
        code, documentation = with_docstring(code, documentation), ""
    place = place_of(example) if random.random() < shares.place and query.style is not QueryStyle.NAME else ""
    return "\n".join(filter(None, (place, documentation, passage_code(code))))


def search_passage(example: Example) -> str:
    """Return the passage with which search finds the example: its place, its documentation and its code.

    The documentation stands where its language has it: above the code, or in it.
    """
    documentation = " ".join(example.documentation.split())[:_DOCUMENTATION_CHARACTERS]
    code = example.code
    if documentation and example.language == "python":
        code, documentation = with_docstring(code, documentation), ""
    return "\n".join(filter(None, (place_of(example), documentation, passage_code(code))))


def place_of(example: Example) -> str:
    """Return the line with which the passage begins in search: words of the path, enclosing types."""
    enclosing = example.qualified_name.removesuffix(example.name).rstrip(".:#/\\")
    return f"{path_words(example.path)} {enclosing}".strip()


def without_comment(code: str, comment: str) -> str:
    """Return `code` without a comment, which may go over several lines; a line of nothing else goes with it."""
    words = [re.escape(word) for word in comment.split()]
    found = re.search(rf"(?<!\w){_BETWEEN_WORDS.join(words)}(?!\w)", code) if words else None
    if found is None:
        return code
    line = code.rfind("\n", 0, found.start()) + 1
    before = _MARKS_BEFORE.sub("", code[line : found.start()], count=1)
    after = _MARKS_AFTER.sub("", code[found.end() :], count=1)
    if before.strip() or not after.startswith("\n"):
        return f"{code[:line]}{before}{after}"
    return f"{code[:line]}{after[1:]}"


def with_docstring(code: str, documentation: str) -> str:
    """Return Python code with a docstring below its signature; above the code where there is no body to put it in."""
    body = _python_body(code)
    if body is None:
        return f"{documentation}\n{code}"
    line, indentation = body
    lines = code.split("\n")
    text = documentation.replace('"""', "'''") + " " * documentation.endswith('"')
    return "\n".join([*lines[:line], f'{indentation}"""{text}"""', *lines[line:]])


def _documentation(example: Example, query: Query, shares: PassageShares, random: random.Random) -> str:
    if random.random() >= shares.documentation:
        return ""
    whole = " ".join(example.documentation.split())
    if query.style is QueryStyle.OPENING:
        whole = whole.removeprefix(opening(whole)).strip()
    return "" if query.style is QueryStyle.DOCUMENTATION else whole[:_DOCUMENTATION_CHARACTERS]


def _hidden_in_prose(documentation: str, name: str) -> str:
    """Hide a name, but no word of the language: `load` may be meant as one, `load_file` is not."""
    return documentation if name.isalpha() and name.islower() else hide_name(documentation, name)


def _python_body(code: str) -> tuple[int, str] | None:
    """Return before which line (from 0) the body of the first function begins, and its indentation."""
    tokens = tokenize.generate_tokens(io.StringIO(code).readline)
    depth, in_signature = 0, False
    try:
        for token in tokens:
            depth += (token.string in _BRACKETS[0]) - (token.string in _BRACKETS[1])
            if token.type == tokenize.NAME and token.string == "def":
                in_signature = True
            elif in_signature and token.string == ":" and depth == 0:
                break
        following = (token for token in tokens if token.type not in {tokenize.COMMENT, tokenize.NL})
        end, indent = next(following), next(following)
    except (tokenize.TokenError, SyntaxError, StopIteration):
        return None
    if end.type != tokenize.NEWLINE or indent.type != tokenize.INDENT:
        return None
    return end.end[0], indent.string
