"""What the tests of the store start from: a library and a repository in a temporary folder."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from store import Library

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from store import Repository


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    """Open an empty library."""
    with Library.open(tmp_path / "library") as opened:
        yield opened


@pytest.fixture
def repository(library: Library, tmp_path: Path) -> Repository:
    """Make an empty repository in it."""
    return library.repository(tmp_path / "project")
