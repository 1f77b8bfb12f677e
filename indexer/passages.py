"""What does the encoder read? From a definition to the texts of its passages, the same each time.

An encoder reads a limited number of tokens and forgets what is behind, so the text starts with what tells most: where
the definition is, what it is called, what its documentation says; then its code. A definition that is too long is read
in overlapping windows, each under the same header, so that the middle of a long function is still known as part of it.
`compose` alone decides how the parts are put together: that is the function to vary when tuning.

The lexical index reads definitions, not passages; nothing is lost for it that is cut here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from itertools import islice
from typing import TYPE_CHECKING

from indexer.blocks import IMPORTS
from store import Definition, Kind, Passage

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

PASSAGE_CHARACTERS = 1_000  # the compact encoder reads 256 tokens; code has 3.5 to 4 characters a token
DIGEST_BYTES = 16  # 10^9 passages collide with a probability of 10^-21

_DOCUMENTATION_CHARACTERS = 400  # more of it would leave too little of the code in the first passage
_SIGNATURE_CHARACTERS = 160  # in the header of a window; a longer one is a list of parameters that the code has too
_LINE_CHARACTERS = 300  # of one line; what is longer is data, and would push the code around it out
_LEAST_CODE_CHARACTERS = 400  # of a window, however long its header
_OVERLAP_CHARACTERS = 150  # three or four lines; what one boundary cuts is whole on one side
_TAIL_CHARACTERS = 120  # a rest as short as this joins the window before it: a passage of two brackets says nothing
_MOST_PASSAGES = 64  # of one definition: 50,000 characters; beyond that it is a table of data, found by its words
_PATH_FOLDERS = 3  # the folders next to the file say what it is about, those above what the repository is about
_COMMON_FOLDERS = frozenset({"src", "lib", "source", "sources", "main", "java", "kotlin", "scala", "com", "org", "app"})

# A block is a table when it has so many lines and nearly all of them are nothing but values: locales and emojis that
# a library carries as code. Two thirds of the passages of such a library would be theirs.
_TABLE_LINES = 20
_TABLE_SHARE = 0.9
_VALUES = re.compile(r"""\s*(?:["'\d\[\](){},;.:=>+-]|0x|null\b|true\b|false\b|return\b\W*$)""")

_WORD = re.compile(r"\w+")
_OPENING_WORDS = 12  # of the documentation; the same words in the code show that it is part of the code
_SEARCHED_CHARACTERS = 4_000  # of the code: documentation inside it stands below the signature


@dataclass(frozen=True, slots=True)
class PassageParts:
    """What may stand in the passages of a definition besides its code, each part already cut to its length.

    `place` are the words of the path, `enclosing` the qualified name without its last part ("" at the top level);
    `documentation` is empty when the code contains it.
    """

    language: str
    place: str
    enclosing: str
    qualified_name: str
    signature: str
    documentation: str


def compose(parts: PassageParts, code: str, *, is_first: bool) -> str:
    """Put a passage together: one line of context, then documentation and code.

    The first window of a definition starts with the signature anyway, so only those behind it are told whose they are.
    """
    if is_first:
        lines = (f"{parts.place} {parts.enclosing}".strip(), parts.documentation, code)
    else:
        lines = (f"{parts.place} {parts.qualified_name}".strip(), parts.signature, code)
    return "\n".join(filter(None, lines))


def describe(path: str, language: str, definition: Definition) -> tuple[Passage, ...]:
    """Return the passages of a definition, in the order of its lines; the same input gives the same passages.

    `path` is relative to the repository's root. A list of imports gives none, because it says what others do, and so
    does a table of data, which is found by its words. Lines count in the file; the outline of a type does not keep its
    lines, so each of its passages has the lines of the whole type.
    """
    if definition.name == IMPORTS or _is_table(definition):
        return ()
    lines = _code_lines(definition.code)
    parts = _parts(path, language, definition)
    keeps_lines = definition.code.count("\n") == definition.end_line - definition.start_line
    passages: list[Passage] = []
    for window in _windows(lines, parts):
        text = compose(parts, "\n".join([line for _, line in lines[window]]), is_first=not passages)
        start, end = definition.start_line, definition.end_line
        if keeps_lines:
            start, end = start + lines[window][0][0], start + lines[window][-1][0]
        passages.append(Passage(digest_of(text), text, start, end))
    return tuple(passages)


def _is_table(definition: Definition) -> bool:
    """Tell whether top-level code is data: nearly every line starts with a value or a bracket."""
    if definition.kind not in (Kind.BLOCK, Kind.WINDOW):
        return False
    lines = [line for line in definition.code.split("\n") if line.strip()]
    return len(lines) >= _TABLE_LINES and sum(map(bool, map(_VALUES.match, lines))) >= _TABLE_SHARE * len(lines)


def digest_of(text: str) -> bytes:
    """Return the key of a passage's embedding: the hash of its text."""
    return blake2b(text.encode("utf-8", "replace"), digest_size=DIGEST_BYTES).digest()


def _parts(path: str, language: str, definition: Definition) -> PassageParts:
    named = not definition.name.startswith("<")  # a block or window without a name of its own
    qualified_name = definition.qualified_name if named else ""
    # Not its summary: that made the dense side worse (`cosqa_dev` without documentation: .456 to .435), while among the
    # words it made both the lexical side and the whole better (.271 to .283, .435 to .447).
    contained = _contains_words(definition.code, definition.documentation)
    return PassageParts(
        language=language,
        place=path_words(path),
        enclosing=qualified_name.removesuffix(definition.name).rstrip(".:#/\\") if named else "",
        qualified_name=qualified_name,
        signature=" ".join(definition.signature.split())[:_SIGNATURE_CHARACTERS] if named else "",
        documentation="" if contained else definition.documentation[:_DOCUMENTATION_CHARACTERS],
    )


def passage_code(code: str) -> str:
    """Return code as it stands in passages: no blank lines, no ends of endless ones, no indentation that all share."""
    return "\n".join(line for _, line in _code_lines(code))


@lru_cache(maxsize=256)  # the definitions of a file come one after the other
def path_words(path: str) -> str:
    """Return what a path says: its last folders and the file's name without its suffix, "auth/token_store"."""
    *folders, name = path.split("/")
    stem = name[: name.find(".", 1)] if name.find(".", 1) > 0 else name
    telling = [folder for folder in folders if folder.lower() not in _COMMON_FOLDERS]
    return "/".join([*telling[-_PATH_FOLDERS:], stem])


def _contains_words(code: str, documentation: str) -> bool:
    """Tell whether the documentation is also in the code, whatever its marks and line breaks."""
    opening = _first_words(documentation[:_DOCUMENTATION_CHARACTERS], _OPENING_WORDS)
    if not opening:
        return True
    searched = code[:_SEARCHED_CHARACTERS]
    position = searched.find(opening[0])
    while position >= 0:  # only what begins like it is taken apart: it is the first such, as a rule
        begins_word = _WORD.match(searched, position - 1, position) is None
        if begins_word and _first_words(searched, len(opening), position) == opening:
            return True
        position = searched.find(opening[0], position + 1)
    return False


def _first_words(text: str, count: int, start: int = 0) -> list[str]:
    return [found[0] for found in islice(_WORD.finditer(text, start), count)]


def _code_lines(code: str) -> list[tuple[int, str]]:
    """Return the lines that are not blank, with their number (from 0), without what all are indented by.

    The first line starts where the definition does, so the white space before it is not there to begin with.
    """
    lines = [(number, line) for number, line in enumerate(map(str.rstrip, code.split("\n"))) if line]
    common = min([len(line) - len(line.lstrip()) for _, line in lines[1:]], default=0)
    return [(number, line[common if index else 0 :][:_LINE_CHARACTERS]) for index, (number, line) in enumerate(lines)]


def _windows(lines: Sequence[tuple[int, str]], parts: PassageParts) -> Iterator[slice]:
    """Yield the windows that cover the lines, each as long as the header in front of it allows."""
    sizes = [len(line) + 1 for _, line in lines]
    begin, budget, remaining = 0, _room(parts, is_first=True), sum(sizes)  # characters from `begin` on
    for _ in range(_MOST_PASSAGES):
        if remaining <= budget + _TAIL_CHARACTERS:
            if lines:
                yield slice(begin, len(lines))
            return
        end, used = begin, 0
        while used == 0 or used + sizes[end] <= budget:
            used += sizes[end]
            end += 1
        yield slice(begin, end)
        following, shared = end, 0
        while following - 1 > begin and shared + sizes[following - 1] <= _OVERLAP_CHARACTERS:
            following -= 1
            shared += sizes[following]
        remaining -= sum(sizes[begin:following])
        begin, budget = following, _room(parts, is_first=False)


def _room(parts: PassageParts, *, is_first: bool) -> int:
    """Return how many characters of code fit below the header."""
    return max(_LEAST_CODE_CHARACTERS, PASSAGE_CHARACTERS - len(compose(parts, "", is_first=is_first)) - 1)
