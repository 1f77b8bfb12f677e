"""A database that is damaged, or none: said as such, wherever it is met."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from store import Library, LibraryUnreadable
from store.library import DATABASE_NAME
from tests.store.samples import entry, function

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def test_garbage_is_not_a_library(tmp_path: Path) -> None:
    """A file that is no database is reported with its path."""
    (tmp_path / DATABASE_NAME).write_bytes(b"this is not a database" * 500)
    with pytest.raises(LibraryUnreadable) as raised:
        Library.open(tmp_path)
    assert raised.value.path == tmp_path / DATABASE_NAME


def test_damage_is_reported_when_it_is_met(tmp_path: Path) -> None:
    """Overwritten pages are LibraryUnreadable, whichever call meets them."""
    with Library.open(tmp_path) as library:
        repository = library.repository(tmp_path / "project")
        repository.save_files([entry(f"{n}.py", function(f"name{n}", "text " * 99)) for n in range(200)])
    path = tmp_path / DATABASE_NAME
    content = bytearray(path.read_bytes())
    content[4096:] = b"\xab" * (len(content) - 4096)  # all pages but the first
    path.write_bytes(content)
    with pytest.raises(LibraryUnreadable), Library.open(tmp_path) as library:
        library.repository(tmp_path / "project").lexical("name1 text", 10)


@pytest.mark.parametrize("place", [bytearray.index, bytearray.rindex], ids=["its text", "its row"])
def test_damage_is_reported_in_the_middle_of_an_answer(
    tmp_path: Path, place: Callable[[bytearray, bytes], int]
) -> None:
    """Where the first rows can be read: what is lost is a part of a text, which is then no UTF-8, or rows."""
    with Library.open(tmp_path) as library:
        repository = library.repository(tmp_path / "project")
        repository.save_files([entry("a.py", *(function(f"name{n}", f"code{n} " * 999) for n in range(20)))])
    path = tmp_path / DATABASE_NAME
    content = bytearray(path.read_bytes())
    page = place(content, b"code15 code15") // 4096
    content[page * 4096 : (page + 1) * 4096] = b"\xab" * 4096
    path.write_bytes(content)
    with Library.open(tmp_path) as library:
        damaged = library.repository(tmp_path / "project")
        assert damaged.definitions([1])[0].definition.name == "name0"
        with pytest.raises(LibraryUnreadable) as raised:
            damaged.definitions(range(1, 21))
    assert raised.value.path == path
