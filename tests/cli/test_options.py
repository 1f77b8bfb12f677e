"""Short names and groups stand for languages and kinds that there are."""

from __future__ import annotations

import pytest
import typer

from cli.highlighting import coloured_lines
from cli.options import LANGUAGE_ALIASES, LANGUAGE_GROUPS, parse_kinds, parse_languages, parse_modes
from codesearch import Kind, Mode
from indexer.languages import grammar_of, known_languages


def test_short_names_stand_for_known_languages():
    """Every short name leads to a language of the indexer, and is not one itself."""
    known = set(known_languages())
    assert set(LANGUAGE_ALIASES.values()) <= known
    assert not set(LANGUAGE_ALIASES) & known
    assert set().union(*LANGUAGE_GROUPS.values()) <= known


@pytest.mark.parametrize(
    ("values", "languages"),
    [
        (["py"], {"python"}),
        (["Go, rs", "c++"], {"go", "rust", "cpp"}),
        (["ts"], {"typescript", "tsx"}),
        (["tsx"], {"tsx"}),
        ([","], set()),
        (["cobol"], {"cobol"}),
    ],
)
def test_languages(values, languages):
    """Commas and repetition add up, capitals do not count, dialects come with their language."""
    assert parse_languages(values) == languages


def test_kinds():
    """A group stands for several kinds, any other name for itself; an unknown one is refused."""
    assert parse_kinds(["function"]) == {Kind.FUNCTION, Kind.METHOD, Kind.CONSTRUCTOR}
    assert parse_kinds(["Method,enum"]) == {Kind.METHOD, Kind.ENUM}
    with pytest.raises(typer.BadParameter, match="'verb' is none of function, method"):
        parse_kinds(["verb"])


def test_modes():
    """Each mode once, in the order given; an unknown one is refused."""
    assert parse_modes(["lexical,hybrid", "lexical"]) == (Mode.LEXICAL, Mode.HYBRID)
    with pytest.raises(typer.BadParameter, match="'fast' is none of hybrid, dense, lexical"):
        parse_modes(["fast"])


@pytest.mark.parametrize("language", [name for name in known_languages() if grammar_of(name)])
def test_every_language_with_a_grammar_has_colours(language):
    """A string is coloured in each of them."""
    assert coloured_lines(['x = "text" + 1'], language, "")[0].spans
