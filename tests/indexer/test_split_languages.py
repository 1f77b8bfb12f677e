"""Every language's sample, split, against a table that was written by hand from reading the sample.

A table is `samples/<language>.expected`. Each definition takes two or three lines: kind, lines and qualified name; the
signature, indented; and, if it is documented, the first line of the documentation behind `#`. The order is that of
the first byte. Tables are compared in full.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from indexer.language_table import GRAMMAR_LANGUAGES
from indexer.split import split
from store import Definition, Kind

SAMPLES = Path(__file__).parent / "samples"
LANGUAGES = sorted(language.name for language in GRAMMAR_LANGUAGES)
OUTLINED = {Kind.CLASS, Kind.STRUCT, Kind.INTERFACE, Kind.TRAIT, Kind.ENUM, Kind.MODULE}

LAYOUT = {"begin", "end", "endif", "synopsis", "description", "pod", "cut", "head1", "head2", "item"}
"""Words that are part of comment marks or that only close what is open."""


def sample_of(language: str) -> bytes:
    """Return the text of a language's sample."""
    (path,) = (path for path in SAMPLES.glob(f"{language}.*") if path.suffix != ".expected")
    return path.read_bytes()


def as_table(definitions: list[Definition]) -> str:
    """Write definitions the way the tables are written."""
    lines = []
    for definition in definitions:
        lines.append(f"{definition.kind} {definition.start_line}-{definition.end_line} {definition.qualified_name}")
        lines.append(f"  {definition.signature}")
        if definition.documentation:
            lines.append(f"  # {definition.documentation.splitlines()[0]}")
    return "\n".join(lines)


@pytest.mark.parametrize("language", LANGUAGES)
def test_sample_splits_as_in_the_hand_written_table(language: str) -> None:
    """Kind, qualified name, lines, signature and documentation of every definition are those of the table."""
    table = (SAMPLES / f"{language}.expected").read_text("utf-8").strip()
    assert as_table(split(sample_of(language), language)) == table


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_line_with_a_word_is_covered(language: str) -> None:
    """Each line that holds words lies in a definition, a block or documentation."""
    source = sample_of(language)
    definitions = split(source, language)
    lines = source.decode("utf-8").split("\n")
    covered = {line for one in definitions for line in range(one.start_line, one.end_line + 1)}
    documented = "\n".join(one.documentation for one in definitions)
    for number, line in enumerate(lines, start=1):
        words = "".join(character if character.isalnum() else " " for character in line).split()
        if words and number not in covered and not line.startswith(("#if", "#end")):
            assert all(word in documented or word.lower() in LAYOUT for word in words), f"line {number} is lost: {line}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_spans_are_the_code(language: str) -> None:
    """The bytes of a span are the code, except in outlines, and its lines are where these bytes are."""
    source = sample_of(language)
    for one in split(source, language):
        if one.kind not in OUTLINED:
            assert source[one.start_byte : one.end_byte].decode("utf-8") == one.code
        assert source.count(b"\n", 0, one.start_byte) + 1 == one.start_line
        assert source.count(b"\n", 0, one.end_byte) + 1 == one.end_line
