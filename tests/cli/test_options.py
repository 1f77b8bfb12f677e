"""Values of options: modes that there are, languages that have colours."""

from __future__ import annotations

import pytest
import typer

from cli.highlighting import coloured_lines
from cli.options import parse_modes
from codesearch import Mode
from indexer.languages import grammar_of, known_languages


def test_modes():
    """Each mode once, in the order given; an unknown one is refused."""
    assert parse_modes(["lexical,hybrid", "lexical"]) == (Mode.LEXICAL, Mode.HYBRID)
    with pytest.raises(typer.BadParameter, match="'fast' is none of hybrid, dense, lexical"):
        parse_modes(["fast"])


@pytest.mark.parametrize("language", [name for name in known_languages() if grammar_of(name)])
def test_every_language_with_a_grammar_has_colours(language):
    """A string is coloured in each of them."""
    assert coloured_lines(['x = "text" + 1'], language, "")[0].spans
