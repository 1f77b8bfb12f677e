"""The model that a repository is searched with, asked before the database layer is loaded."""

from __future__ import annotations

from typing import TYPE_CHECKING

from store import Library, likely_model

if TYPE_CHECKING:
    from pathlib import Path


def test_it_says_what_the_repository_says(tmp_path: Path) -> None:
    """The nearest repository above a path counts; where there is none, and where it has no model, nothing is known."""
    inner = tmp_path / "code" / "inner"
    (inner / "deep").mkdir(parents=True)
    (tmp_path / "elsewhere").mkdir()
    with Library.open(tmp_path / "library") as library:
        library.repository(tmp_path / "code").set_model("outer@1")
        nested = library.repository(inner)
        assert likely_model(tmp_path / "library", inner) == ""
        nested.set_model("inner@2")
        for path in (tmp_path / "code", inner, inner / "deep", tmp_path / "elsewhere"):
            found = library.find(path)
            assert likely_model(tmp_path / "library", path) == (found.model if found else "")


def test_nothing_is_made_and_nothing_raised(tmp_path: Path) -> None:
    """No library, a file that is none, a path in a circle: nothing is known and nothing appears on the disk."""
    assert likely_model(tmp_path / "none", tmp_path) == ""
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "library.sqlite3").write_bytes(b"this is not a database" * 500)
    assert likely_model(tmp_path, tmp_path) == ""
    (tmp_path / "circle").symlink_to(tmp_path / "circle")
    assert likely_model(tmp_path, tmp_path / "circle") == ""
