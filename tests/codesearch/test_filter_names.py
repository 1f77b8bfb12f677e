"""Short names and groups stand for languages and kinds that there are; slips are answered with what is near."""

from __future__ import annotations

import pytest

from codesearch.errors import KindUnknown, LanguageUnknown
from codesearch.filter_names import KIND_NAMES, LANGUAGE_ALIASES, LANGUAGE_GROUPS, kinds_named, languages_named
from indexer import known_languages
from store import Kind


def test_short_names_stand_for_known_languages() -> None:
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
def test_languages(values: list[str], languages: set[str]) -> None:
    """Commas and repetition add up, capitals do not count, dialects come with their language."""
    assert languages_named(values) == languages


@pytest.mark.parametrize(
    ("name", "nearest"), [("pyton", "python"), ("javscript", "javascript"), ("golan", "golang"), ("xyzzyx", "python")]
)
def test_an_unknown_language(name: str, nearest: str) -> None:
    """The error has the nearest name first; where none is near, the usual languages."""
    with pytest.raises(LanguageUnknown) as caught:
        languages_named(["go", name])
    assert (caught.value.name, caught.value.nearest[0]) == (name, nearest)


def test_kinds() -> None:
    """A group stands for several kinds, any other name for itself."""
    assert kinds_named(["function"]) == {Kind.FUNCTION, Kind.METHOD, Kind.CONSTRUCTOR}
    assert kinds_named(["Method,enum"]) == {Kind.METHOD, Kind.ENUM}


def test_an_unknown_kind() -> None:
    """The error has what is near, else all kinds."""
    with pytest.raises(KindUnknown) as caught:
        kinds_named(["functon"])
    assert caught.value.nearest[0] == "function"
    with pytest.raises(KindUnknown) as caught:
        kinds_named(["verb"])
    assert caught.value.nearest == KIND_NAMES
