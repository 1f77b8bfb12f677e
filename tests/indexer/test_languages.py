"""Recognition of languages against a table of names, and the table of languages against itself."""

from __future__ import annotations

from collections import Counter

import pytest

from indexer.grammars import load_grammar
from indexer.language_table import DOCUMENT_LANGUAGES, GRAMMAR_LANGUAGES, PLAIN_LANGUAGES
from indexer.languages import grammar_of, is_source, known_languages, language_of

EVERY_ROW = (*GRAMMAR_LANGUAGES, *PLAIN_LANGUAGES, *DOCUMENT_LANGUAGES)


@pytest.mark.parametrize(
    ("path", "language"),
    [
        ("src/main.py", "python"),
        ("a/b/SETUP.PY", "python"),
        ("types/index.d.ts", "typescript"),
        ("app/View.tsx", "tsx"),
        ("lib/x.mjs", "javascript"),
        ("Main.java", "java"),
        ("cmd/main.go", "go"),
        ("Rakefile", "ruby"),
        ("lib/tool.rb", "ruby"),
        ("index.php", "php"),
        ("ring.c", "c"),
        ("ring.h", "c"),
        ("ring.hpp", "cpp"),
        ("lib.rs", "rust"),
        ("Program.cs", "csharp"),
        ("Makefile", "make"),
        ("Makefile.am", "make"),
        ("docker/Dockerfile.dev", "dockerfile"),
        ("CMakeLists.txt", "cmake"),
        ("query.sql", "sql"),
        ("plot.R", "r"),
        ("core.clj", "clojure"),
        ("main.tf", "terraform"),
        ("App.vue", "vue"),
        ("README.md", "markdown"),
        ("notes.txt", "text"),
        ("LICENSE", "text"),
        ("package.json", "json"),
        ("Cargo.lock", "lock"),
        ("style.scss", "css"),
        (".gitignore", ""),
        ("program", ""),
        ("archive.tar.gz", ""),
        ("photo.png", ""),
    ],
)
def test_language_of_a_name(path: str, language: str) -> None:
    """The file's name alone tells the language."""
    assert language_of(path, b"") == language


@pytest.mark.parametrize(
    ("first_line", "language"),
    [
        (b"#!/usr/bin/python3.11 -u\n", "python"),
        (b"#!/usr/bin/env node\n", "javascript"),
        (b"#! /usr/bin/env -S FOO=1 ruby -w\n", "ruby"),
        (b"#!/usr/bin/env\n", ""),
        (b"#!\n", ""),
        (b"#!/opt/unheard-of\n", ""),
        (b"\xff\xfe#!/usr/bin/python\n", ""),
    ],
)
def test_language_of_a_shebang(first_line: bytes, language: str) -> None:
    """A file without a telling name is recognised by its interpreter."""
    assert language_of("bin/tool", first_line) == language


@pytest.mark.parametrize(
    ("path", "beginning", "language"),
    [
        ("a.h", b"#include <stdio.h>\nint f(void);\n", "c"),
        ("a.h", b'#ifdef __cplusplus\nextern "C" {\n#endif\n', "c"),
        ("a.h", b"#pragma once\nnamespace a {\n", "cpp"),
        ("a.h", b"#pragma once\n\nclass A {\n public:\n", "cpp"),
        ("a.h", b"#include <vector>\n", "cpp"),
        ("a.h", b"/* class of service */\nstruct a { int b; };\n", "c"),
        ("a.h", b"#import <Foundation/Foundation.h>\n\n@interface A : NSObject\n", "objc"),
        ("a.ts", b"export const a = 1;\n", "typescript"),
        ("a.ts", b'<?xml version="1.0"?>\n<TS></TS>\n', "xml"),
    ],
)
def test_language_of_a_shared_suffix(path: str, beginning: bytes, language: str) -> None:
    """Where languages share a suffix, the beginning of the text decides."""
    assert language_of(path, beginning) == language


def test_source_code_and_what_is_not() -> None:
    """Programs are source code; documents, data and what is unknown are not."""
    assert [name for name in ("python", "sql", "make", "markdown", "json", "css", "") if is_source(name)] == [
        "python",
        "sql",
        "make",
    ]


def test_grammars_are_told_from_windows() -> None:
    """Only rows with a grammar have one."""
    assert grammar_of("python") is not None
    assert not any(grammar_of(language.name) for language in (*PLAIN_LANGUAGES, *DOCUMENT_LANGUAGES))
    assert grammar_of("no such language") is None


def test_rows_do_not_contradict_each_other() -> None:
    """No name, suffix, file name or interpreter stands in two rows."""
    assert len(known_languages()) == len(EVERY_ROW)
    for names in (
        [name for row in EVERY_ROW for name in row.suffixes],
        [name for row in EVERY_ROW for name in row.filenames],
        [name for row in EVERY_ROW for name in row.interpreters],
    ):
        assert [name for name, count in Counter(names).items() if count > 1] == []
        assert [name for name in names if name != name.lower()] == []


@pytest.mark.parametrize("language", [row.name for row in GRAMMAR_LANGUAGES])
def test_grammar_loads(language: str) -> None:
    """Every grammar's wheel is installed and its query compiles."""
    assert load_grammar(language) is not None
