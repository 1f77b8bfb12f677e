"""The listed set is what it claims to be, and a list that is not is refused with the reason."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from codesearch.training.corpus.errors import SourceListInvalid
from codesearch.training.corpus.sources import own_repository, read_sources

if TYPE_CHECKING:
    from pathlib import Path

ENTRY = """
[[source]]
ecosystem = "pypi"
package = "one"
version = "1.0"
licence = "MIT"
repository = "somebody/one"
"""
COPYLEFT = ("GPL", "LGPL", "AGPL", "MPL", "EPL", "CDDL", "SSPL", "CC-BY")


def test_listed_set_is_exact_and_permissive() -> None:
    """Every listed source has an exact version, an upstream repository and no copyleft licence."""
    listed = read_sources(None)
    assert len(listed) > 400
    assert {one.ecosystem for one in listed} == {"pypi", "npm", "debian", "git"}
    assert [one.key for one in listed if not re.search(r"\d", one.version)] == []
    assert [one.key for one in listed if one.licence.startswith(COPYLEFT)] == []
    assert [one.key for one in listed if "/" not in one.repository] == []
    assert [one.key for one in listed if one.ecosystem == "git" and not re.fullmatch("[0-9a-f]{40}", one.version)] == []


def test_listed_set_holds_whole_projects_out() -> None:
    """A project is trained on or held out, whichever of its packages it is; a few percent are held out."""
    listed = read_sources(None)
    held_out = {one.repository.lower() for one in listed if one.held_out}
    assert 10 < len(held_out) < len(listed) / 10
    assert held_out.isdisjoint({one.repository.lower() for one in listed if not one.held_out})


def test_entry_is_read(tmp_path: Path) -> None:
    """The fields of an entry, and the key by which examples name it."""
    path = tmp_path / "list.toml"
    path.write_text(ENTRY + 'former_names = ["old/one"]\nheld_out = true\n')
    (source,) = read_sources(path)
    assert (source.key, source.version, source.held_out) == ("pypi:one", "1.0", True)
    assert source.former_names == ("old/one",)


@pytest.mark.parametrize(
    ("text", "detail"),
    [
        (ENTRY.replace('"MIT"', '"GPL-3.0-only"'), "GPL-3.0-only is not on the list"),
        (ENTRY.replace('"pypi"', '"cpan"'), "ecosystem"),
        (ENTRY.replace("somebody/one", "one"), "owner/name"),
        (ENTRY.replace('version = "1.0"', ""), "version"),
        (ENTRY + 'colour = "red"', "colour"),
        (ENTRY + ENTRY, "twice"),
        ("[[source]\n", "TOMLDecodeError"),
        ("", "source"),
    ],
)
def test_bad_list_is_refused_with_the_reason(tmp_path: Path, text: str, detail: str) -> None:
    """The error carries the file and what is wrong in it."""
    path = tmp_path / "list.toml"
    path.write_text(text)
    with pytest.raises(SourceListInvalid) as caught:
        read_sources(path)
    assert detail in caught.value.detail
    assert caught.value.path == path


def test_missing_list_is_refused(tmp_path: Path) -> None:
    """A path that is not there is the same kind of error."""
    with pytest.raises(SourceListInvalid):
        read_sources(tmp_path / "nothing.toml")


def test_own_folder_is_a_source(tmp_path: Path) -> None:
    """Its package is the absolute path, and it belongs to no public repository."""
    source = own_repository(tmp_path)
    assert (source.ecosystem, source.package, source.repository) == ("folder", str(tmp_path), "")
