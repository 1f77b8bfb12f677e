"""Which language is a file written in, and is it source code at all? Answers from names and a glance at the text.

The rows are in `language_table`; loading a grammar is left to `grammars`, deciding which files to look at to `walk`.
"""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import PurePosixPath

from indexer.language_table import DOCUMENT_LANGUAGES, GRAMMAR_LANGUAGES, PLAIN_LANGUAGES, Grammar

BEGINNING_BYTES = 8192
"""How much of a file `language_of` can make use of: C++ and Objective-C headers show themselves within this."""

_LANGUAGES = {
    language.name: language
    for language in (
        *GRAMMAR_LANGUAGES,
        *PLAIN_LANGUAGES,
        *(replace(document, source=False) for document in DOCUMENT_LANGUAGES),
    )
}
_BY_SUFFIX = {suffix: language.name for language in _LANGUAGES.values() for suffix in language.suffixes}
_BY_FILENAME = {filename: language.name for language in _LANGUAGES.values() for filename in language.filenames}
_BY_INTERPRETER = {
    interpreter: language.name for language in _LANGUAGES.values() for interpreter in language.interpreters
}

_SHEBANG = re.compile(rb"#!\s*(\S+)[ \t]*([^\r\n]*)")
_VERSION = re.compile(r"[-\d.]+$")
_CPP_SIGNS = re.compile(
    rb"^[ \t]*(?:class\s+\w|enum\s+class\b|namespace\b|template\s*<|using\s+(?:namespace\s|\w+\s*=)"
    rb"|(?:public|private|protected)\s*:|(?:inline\s+)?constexpr\b|#\s*include\s*<\w+>)|\bstd::",
    re.MULTILINE,
)
_OBJC_SIGNS = re.compile(
    rb"^[ \t]*(?:@(?:interface|protocol|implementation|class|import|property)\b|#import\b)", re.MULTILINE
)
_MATLAB_SIGNS = re.compile(rb"^[ \t]*(?:function\b|classdef\b|%)", re.MULTILINE)
_PROLOG_SIGNS = re.compile(rb"^(?::-|\w+\([^)]*\)\s*:-)", re.MULTILINE)


def language_of(path: str, first_line: bytes) -> str:
    """Return the language's name, or "" if it is not known.

    `path` is any path with forward slashes; only its last part counts. `first_line` is the first line of the file or,
    better, its first `BEGINNING_BYTES`: they tell a C++ or Objective-C header from a C one.
    """
    filename = path[path.rfind("/") + 1 :].lower()  # a walk asks for every file, and `pathlib` takes its time
    language = _by_name(filename) or (_by_shebang(first_line) if first_line else "")
    return _by_content(language, filename, first_line[:BEGINNING_BYTES])


def is_source(language: str) -> bool:
    """Return whether a language of this name is source code; documents, data and unknown languages are not."""
    known = _LANGUAGES.get(language)
    return known is not None and known.source


def grammar_of(language: str) -> Grammar | None:
    """Return the grammar's row (its wheel may still be missing or broken), or None for a language without one."""
    known = _LANGUAGES.get(language)
    return known.grammar if known is not None else None


def known_languages() -> tuple[str, ...]:
    """Return the names of all languages, documents and data included."""
    return tuple(_LANGUAGES)


def _by_name(filename: str) -> str:
    """Look the whole name up, then its suffixes from the longest (`.d.ts`) to the last; `Dockerfile.dev` too."""
    if filename in _BY_FILENAME:
        return _BY_FILENAME[filename]
    dot = first = filename.find(".")
    while dot >= 0:
        language = _BY_SUFFIX.get(filename[dot:])
        if language:
            return language
        dot = filename.find(".", dot + 1)
    stem = filename[:first]
    return _BY_FILENAME.get(stem, "") if first > 0 and stem in _NAMES_WITH_ENDINGS else ""


_NAMES_WITH_ENDINGS = frozenset({"dockerfile", "containerfile", "makefile", "gnumakefile", "jenkinsfile"})


def _by_shebang(first_line: bytes) -> str:
    """Read `#!/usr/bin/python3 -u` and `#!/usr/bin/env -S python3.11 -u`."""
    shebang = _SHEBANG.match(first_line)
    if shebang is None:
        return ""
    program = PurePosixPath(shebang[1].decode("utf-8", "replace")).name
    if program == "env":
        words = [word for word in shebang[2].decode("utf-8", "replace").split() if word[0] != "-" and "=" not in word]
        program = PurePosixPath(words[0]).name if words else ""
    program = program.lower()
    return _BY_INTERPRETER.get(program) or _BY_INTERPRETER.get(_VERSION.sub("", program), "")


def _by_content(language: str, filename: str, beginning: bytes) -> str:
    """Settle the few suffixes that two languages share."""
    if language == "c" and filename.endswith(".h"):
        if _OBJC_SIGNS.search(beginning):
            return "objc"
        return "cpp" if _CPP_SIGNS.search(beginning) else "c"
    if language == "objc" and filename.endswith(".m") and not _OBJC_SIGNS.search(beginning):
        return "matlab" if _MATLAB_SIGNS.match(beginning.lstrip()) else language
    if language == "perl" and filename.endswith(".pl") and _PROLOG_SIGNS.search(beginning):
        return "prolog"
    if language == "typescript" and beginning.lstrip().startswith(b"<?xml"):
        return "xml"
    return language
