"""What is kept of summaries: texts by digest for all repositories, and what one repository wants and has."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from store import Kind, Library, Repository, RepositoryRemoved
from store import unused as unused_module
from tests.store.samples import MODEL, digest, embed, entry, function

if TYPE_CHECKING:
    from pathlib import Path

A, B, C = digest("code a"), digest("code b"), digest("code c")


def waiting(repository: Repository) -> list[str]:
    """Return the names of the definitions that wait, in their order."""
    return [stored.definition.name for stored in repository.summaries.pending(99)]


def test_texts_are_kept_for_all_repositories(library: Library, repository: Repository, tmp_path: Path) -> None:
    """What one repository keeps another finds; the first text of a digest stays, an empty one too."""
    repository.summaries.keep({A: "Add.", B: ""})
    other = library.repository(tmp_path / "other").summaries
    other.keep({B: "Later.", C: "Count."})
    many = [digest(str(number)) for number in range(2_500)]
    assert other.kept([A, B, C, *many]) == {A: "Add.", B: "", C: "Count."}
    assert repository.summaries.kept([]) == {}


def test_who_waits(repository: Repository) -> None:
    """Functions without documentation, once the repository wants summaries, and anew when another decoder writes."""
    kinds = (Kind.FUNCTION, Kind.METHOD, Kind.CONSTRUCTOR, Kind.CLASS, Kind.BLOCK, Kind.WINDOW, Kind.MACRO)
    repository.save_files([entry("a.py", *(function(f"a_{kind}", kind=kind) for kind in kinds))])
    repository.save_files([entry("b.py", function("told", documentation="Told."), function("untold"))])
    summaries = repository.summaries
    assert (waiting(repository), summaries.count_pending(), summaries.writer) == ([], 0, "")
    summaries.begin("w1")
    undocumented = ["a_function", "a_method", "a_constructor", "untold"]
    assert (waiting(repository), summaries.count_pending(), summaries.writer) == (undocumented, 4, "w1")
    summaries.keep({A: "Add numbers.", B: ""})
    first, second, third, last = summaries.pending(99)
    generation = repository.generation
    summaries.give({first.id: A, second.id: B})
    assert repository.generation == generation + 1
    assert (waiting(repository), summaries.count()) == (["a_constructor", "untold"], 1)
    assert [number for number, _ in repository.lexical("numbers", 9)] == [first.id]
    summaries.begin("w1")
    summaries.give({third.id: B, last.id: B})
    summaries.skip_others()
    assert waiting(repository) == []
    summaries.begin("w2")
    assert waiting(repository) == undocumented
    summaries.end()
    assert waiting(repository) == []
    assert [stored.id for stored in summaries.given(3)] == [first.id, second.id, third.id]


def test_a_repository_that_is_gone(library: Library, repository: Repository) -> None:
    """It wants nothing and is given nothing."""
    repository.save_files([entry("a.py", function("f"))])
    repository.summaries.begin("w1")
    [stored] = repository.summaries.pending(9)
    library.remove(repository.root)
    for change in (
        lambda: repository.summaries.begin("w2"),
        lambda: repository.summaries.give({stored.id: A}),
        lambda: repository.summaries.take_back([stored.id]),
    ):
        with pytest.raises(RepositoryRemoved):
            change()
    repository.summaries.end()
    assert (repository.summaries.writer, repository.summaries.count(), repository.summaries.given(9)) == ("", 0, [])


def test_unused_ones_go_with_unused_embeddings(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    """While embeddings stay they stay, in case somebody goes back; those in use stay anyway."""
    repository.save_files([entry("a.py", function("f", "used"))])
    repository.summaries.begin("w1")
    [stored] = repository.summaries.pending(9)
    repository.summaries.keep({A: "Add.", B: "Before."})
    repository.summaries.give({stored.id: A})
    embed(repository, ["used", "old", "older", "oldest"])
    repository.remove_unused_embeddings(MODEL)
    assert repository.summaries.kept([A, B]) == {A: "Add.", B: "Before."}
    monkeypatch.setattr(unused_module, "LEAST_UNUSED", 1)
    assert repository.remove_unused_embeddings(MODEL) == 3
    assert repository.summaries.kept([A, B]) == {A: "Add."}
