"""Paths that cannot be searched: each is an error of ours, with the path in it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from codesearch import CodeSearch
from codesearch.errors import PathMissing, PathUnreadable, SymbolUnknown

TOO_LONG = "a" * 300  # more than any file system takes for a name


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may look into every folder")
def test_a_path_in_a_closed_folder(tmp_path):
    """It may be there or not: what is said is that one may not look."""
    closed = tmp_path / "closed"
    closed.mkdir(0)
    with CodeSearch(library=tmp_path / "library") as engine:
        for ask in (engine.index, engine.status, engine.clear, lambda path: engine.search("q", [path])):
            with pytest.raises(PathUnreadable) as raised:
                ask(closed / "a.py")
            assert (raised.value.path, raised.value.detail) == (closed / "a.py", "Permission denied")
        with pytest.raises(PathUnreadable):
            engine.similar(f"{closed}/a.py:1", [tmp_path])


def test_a_name_too_long_for_the_system(tmp_path):
    """A sentence that was taken for a path is no file, and no definition either."""
    with CodeSearch(library=tmp_path / "library") as engine:
        for ask in (engine.index, engine.status, engine.clear, lambda path: engine.search("q", [path])):
            with pytest.raises(PathMissing):
                ask(Path(TOO_LONG))
        with pytest.raises(PathMissing):
            engine.similar(f"{TOO_LONG}:1", [tmp_path])
        with pytest.raises(SymbolUnknown):
            engine.similar(TOO_LONG, [tmp_path])
