"""Is what was written any good? It must parse, define something, and not go round in a circle.

Judges form alone: whether the code does what was asked is for the reader to say. Grammars are the business of
`indexer`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from codesearch.generation.answer import Reason
from indexer import malformed_share, split
from store import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable

# The share of malformed bytes that is put up with. Of 5,288 real functions in Python, Go and Rust (flask, gin,
# ripgrep), taken out of their files, not one has any. Macros are another matter: of 2,500 in C and C++ (redis), 20 %
# have some and 1 % have more than this.
TOLERANCE = 0.0
TOLERANCE_FOR_MACROS = 0.1
LANGUAGES_WITH_MACROS = frozenset({"c", "cpp", "objc"})

# What a function stands in, where its grammar does not take it alone: text before and after.
_ALONE = ("", "")
_IN_CLASS = ("class _ {\n", "\n}")
_IN_OBJECT = ("_ = {\n", "\n}")
SURROUNDINGS: dict[str, tuple[tuple[str, str], ...]] = {
    "javascript": (_ALONE, _IN_CLASS, _IN_OBJECT),
    "typescript": (_ALONE, _IN_CLASS, _IN_OBJECT),
    "tsx": (_ALONE, _IN_CLASS, _IN_OBJECT),
    "php": (("<?php\n", ""), ("<?php\nclass _ {\n", "\n}")),  # without its mark PHP takes everything for text
    "objc": (_ALONE, ("@implementation _\n", "\n@end")),
}
_WRAPPER_NAME = "_"
_MARKS = {"php": "<?php"}  # what is in the surroundings, and may be in the code too

# Where no language is asked for and no function was found that would tell, it is the one of these that fits best.
USUAL_LANGUAGES = ("python", "javascript", "typescript", "java", "go", "rust", "c", "cpp", "csharp", "ruby", "php")

# A circle: the last tokens, 16 at least, are a stretch of at most 40 that comes 4 times or more; or hardly one in ten
# of the 4-grams is new. None of the 7,788 functions above ends in a circle, and none has a share below .14. Or a name
# says one word four times in a row (`body_body_body_body`), which none in these four projects does.
LONGEST_PERIOD = 40
LEAST_TURNS = 4
LEAST_CIRCLE = 16
GRAM = 4
LEAST_NEW = 0.1
LEAST_TOKENS = 40  # to judge by shares

# Nor is a statement of 12 tokens or more, a plain word or number among them, said three times in a row: 5 of 19,650
# functions in these projects and symfony do so, for tables and tests.
LEAST_STATEMENT = 12
STATEMENT_TURNS = 3

_STUTTER = re.compile(r"(?<![^\W_])([^\W\d_]{2,})(?:_\1){3,}(?![^\W_])")
_TOKEN = re.compile(r"\w+|[^\w\s]")
_FITS = (False, False)
_NO_DEFINITION = frozenset({Kind.BLOCK, Kind.WINDOW})


class Verdict(NamedTuple):
    """Which language the code is taken for ("" for none), and why it cannot be used, if so."""

    language: str
    reason: Reason | None


def judge(code: str, languages: Iterable[str]) -> Verdict:
    """Judge code that should be in one of `languages`; without any it may be in one of the usual ones.

    What is in a language without a grammar is only looked at for being empty or a circle.
    """
    wanted = sorted(languages)
    degenerate = _degenerate(code)
    if degenerate is not None:
        return Verdict(wanted[0] if len(wanted) == 1 else "", degenerate)
    best = None
    for language in wanted or USUAL_LANGUAGES:  # grammars take time to load: the first that fits will do
        reading = _read(code, language)
        if reading is not None and (best is None or reading.fit < best.fit):
            best = reading
        if best is not None and best.fit == _FITS:
            break
    if best is None:
        return Verdict(wanted[0], None)
    if best.malformed:
        return Verdict(best.language, Reason.DOES_NOT_PARSE)
    return Verdict(best.language, None if best.defines else Reason.NO_DEFINITION)


def goes_in_a_circle(code: str) -> bool:
    """Return whether the code ends in one stretch again and again, or says the same all over, in a row or in a name."""
    if _STUTTER.search(code):
        return True
    tokens = _TOKEN.findall(code)
    if any(_circle(tokens, period) for period in range(1, LONGEST_PERIOD + 1)):
        return True
    if any(_repeated(tokens, period) for period in range(LEAST_STATEMENT, LONGEST_PERIOD + 1)):
        return True
    grams = [tuple(tokens[at : at + GRAM]) for at in range(len(tokens) - GRAM + 1)]
    return len(tokens) >= LEAST_TOKENS and len(set(grams)) < LEAST_NEW * len(grams)


class _Reading(NamedTuple):
    language: str
    malformed: bool
    defines: bool

    @property
    def fit(self) -> tuple[bool, bool]:
        """The less the better: what parses goes before what defines something."""
        return self.malformed, not self.defines


def _degenerate(code: str) -> Reason | None:
    if not any(character.isalnum() for character in code):
        return Reason.EMPTY
    return Reason.REPEATS if goes_in_a_circle(code) else None


def _read(code: str, language: str) -> _Reading | None:
    """Return how the code reads in the surroundings that suit it best; None without a grammar."""
    readings = []
    code = code.removeprefix(_MARKS.get(language, ""))
    for before, after in SURROUNDINGS.get(language, (_ALONE,)):
        text = f"{before}{code}{after}"
        share = malformed_share(text, language)
        if share is None:
            return None
        readings.append(_Reading(language, share > _tolerance(language), _defines(text, language)))
    return min(readings, key=lambda reading: reading.fit)


def _defines(text: str, language: str) -> bool:
    definitions = split(text.encode("utf-8", "replace"), language)
    return any(one.kind not in _NO_DEFINITION and one.name != _WRAPPER_NAME for one in definitions)


def _tolerance(language: str) -> float:
    return TOLERANCE_FOR_MACROS if language in LANGUAGES_WITH_MACROS else TOLERANCE


def _circle(tokens: list[str], period: int) -> bool:
    """Return whether the end repeats itself after `period` tokens, often and long enough."""
    needed = max(LEAST_CIRCLE, period * LEAST_TURNS)
    return len(tokens) >= needed and all(tokens[-at] == tokens[-at - period] for at in range(1, needed - period + 1))


def _repeated(tokens: list[str], period: int) -> bool:
    """Return whether anywhere a statement of `period` tokens comes again and again at once."""
    same = words = 0  # tokens in a row that are what they were `period` before, and words among them
    for token, before in zip(tokens[period:], tokens, strict=False):
        same, words = (same + 1, words + token.isalnum()) if token == before else (0, 0)
        if same >= period * (STATEMENT_TURNS - 1) and words:
            return True
    return False
