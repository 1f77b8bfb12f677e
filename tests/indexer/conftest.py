"""A git that knows nothing of the settings of whoever runs the tests, and times of files that a test can set."""

from __future__ import annotations

import pytest

from store import Library
from tests.indexer.trees import READ, SEND, write_tree


@pytest.fixture(autouse=True)
def _no_settings_of_the_user(tmp_path_factory, monkeypatch):
    home = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    for name in ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_CONFIG_GLOBAL"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(autouse=True)
def _times_that_can_be_set(request, monkeypatch):
    """Let modification times alone count: the system's own time of change is always now. `real_times` undoes it."""
    if "real_times" not in request.fixturenames:
        monkeypatch.setattr("indexer.walk.last_change_ns", lambda status: status.st_mtime_ns)


@pytest.fixture
def real_times():
    """Leave the times of files as they are."""


@pytest.fixture
def library(tmp_path):
    """Open an empty library."""
    with Library.open(tmp_path / "library") as opened:
        yield opened


@pytest.fixture
def root(tmp_path):
    """Make a tree of two Python files and a document."""
    return write_tree(tmp_path / "tree", {"a.py": READ, "b/send.py": SEND, "notes.md": "# notes\n"})
