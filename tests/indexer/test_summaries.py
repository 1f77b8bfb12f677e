"""Summaries of undocumented functions: among the words, in no passage, kept apart from documentation, written once."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest

from indexer import describe, index_repository
from indexer import embed_repository as embed
from store import Kind, Library
from store.library import DATABASE_NAME
from tests.fakes import FakeEncoder, FakeSummariser
from tests.indexer.trees import write_tree

PLANT = "def plant(seed):\n    return seed + 1"
WATER = "    def water(self):\n        return 2"
DOCUMENTED = 'def mow(lawn):\n    """Cut the grass."""\n    return lawn'
ODD = "def odd():\n    return 0"
GARDEN = f"{PLANT}\n\n\nclass Bed:\n{WATER}\n\n\n{DOCUMENTED}\n\n\n{ODD}\n"
TABLE = {"plant": "Connect a potato.", "water": "Delete the drought."}


@pytest.fixture
def garden(tmp_path):
    """A function, a method, one with documentation, and one of which nothing can be said."""
    return write_tree(tmp_path / "garden", {"garden.py": GARDEN})


def names(repository, query):
    """Return the names of the definitions that have a word of the query."""
    found = repository.definitions([number for number, _ in repository.lexical(query, 9)])
    return sorted(stored.definition.name for stored in found)


def everything(repository):
    return {stored.definition.name: stored.definition for stored in repository.definitions(range(1, 999))}


def test_words_have_the_summaries_and_passages_have_not(library, garden):
    """A function is found by a word of its summary alone; documentation and what the encoder reads stay as they are."""
    repository, encoder, summariser = library.repository(garden), FakeEncoder(), FakeSummariser(TABLE)
    report = index_repository(repository, encoder, summariser=summariser)
    assert summariser.read() == [ODD, PLANT, WATER.strip()]
    assert (report.summarised, report.unsummarised, report.embedded, report.reused) == (3, 0, report.passages, 0)
    assert names(repository, "potato") == ["plant"]
    assert names(repository, "droughts") == ["water"]
    found = everything(repository)
    assert {name: one.summary for name, one in found.items() if one.summary} == {
        "plant": "Connect a potato.",
        "water": "Delete the drought.",
    }
    assert (found["plant"].documentation, found["mow"].documentation) == ("", "Cut the grass.")
    [passage] = describe("garden.py", "python", found["plant"])
    assert passage.text == "garden\ndef plant(seed):\nreturn seed + 1"
    assert passage.text in encoder.texts
    assert repository.summaries.count() == 2
    assert repository.coverage(encoder.fingerprint) == (report.passages, report.passages)


def test_only_what_changed_is_summarised(library, garden):
    """An edit has the changed function read, and no other; without an edit nothing is; what said nothing stays so."""
    repository, encoder, summariser = library.repository(garden), FakeEncoder(), FakeSummariser(TABLE)
    index_repository(repository, encoder, summariser=summariser)
    summariser.read()
    generation = repository.generation
    assert index_repository(repository, encoder, summariser=summariser).summarised == 0
    assert (summariser.read(), repository.generation) == ([], generation)
    changed = GARDEN.replace("seed + 1", "seed + 10")
    (garden / "garden.py").write_text(changed)
    report = index_repository(repository, encoder, summariser=summariser)
    assert summariser.read() == [PLANT.replace("1", "10")]
    assert (report.summarised, report.embedded) == (3, 1)
    assert names(repository, "potato") == ["plant"]
    (garden / "garden.py").write_text(GARDEN)  # as after a switch back
    report = index_repository(repository, encoder, summariser=summariser)
    assert (summariser.read(), report.embedded, report.reused) == ([], 0, report.passages)
    assert repository.summaries.count() == 2


def test_off_again(library, garden):
    """Taken out, the library holds what one that never had summaries holds; back again, nothing is written anew."""
    repository, encoder, summariser = library.repository(garden), FakeEncoder(), FakeSummariser(TABLE)
    index_repository(repository, encoder)
    before = everything(repository)
    index_repository(repository, encoder, summariser=summariser)
    assert everything(repository) != before
    repository.summaries.end()
    report = index_repository(repository, encoder)
    assert (report.embedded, report.unsummarised) == (0, 0)
    assert (everything(repository), names(repository, "potato"), repository.summaries.count()) == (before, [], 0)
    assert repository.coverage(encoder.fingerprint)[0] == repository.coverage(encoder.fingerprint)[1]
    summariser.read()
    report = index_repository(repository, encoder, summariser=summariser)
    assert (summariser.read(), report.embedded, report.summarised) == ([], 0, 3)
    assert names(repository, "potato") == ["plant"]


def test_without_a_summariser_what_there_is_stays(library, garden):
    """Later runs without one leave summaries alone and say what waits; the next one with it goes on."""
    repository, encoder, summariser = library.repository(garden), FakeEncoder(), FakeSummariser(TABLE)
    index_repository(repository, encoder, summariser=summariser)
    (garden / "more.py").write_text("def plant_more():\n    return 3\n")
    for run in (None, encoder):
        report = index_repository(repository, run)
        assert (report.summarised, report.unsummarised) == (0, 1)
        assert names(repository, "potato") == ["plant"]
    summariser.read()
    embed(repository, encoder, summariser=summariser)
    assert summariser.read() == ["def plant_more():\n    return 3"]
    assert names(repository, "potato") == ["plant", "plant_more"]
    assert repository.summaries.count_pending() == 0


def test_another_writer_writes_anew(library, garden):
    """Its summaries take the place of the others', also where it says nothing; the first one's are still kept."""
    repository, encoder, summariser = library.repository(garden), FakeEncoder(), FakeSummariser(TABLE)
    index_repository(repository, encoder, summariser=summariser)
    other = FakeSummariser({"water": "Sort the rain."}, "writer-2")
    index_repository(repository, encoder, summariser=other)
    assert len(other.read()) == 3
    assert (names(repository, "potato drought"), names(repository, "rain")) == ([], ["water"])
    assert everything(repository)["plant"].summary == ""
    summariser.read()
    index_repository(repository, encoder, summariser=summariser)
    assert (summariser.read(), names(repository, "potato")) == ([], ["plant"])


def test_an_interrupted_run_keeps_what_was_written(library, tmp_path):
    """Ctrl-C in the middle: the next run reads each of the others once, and ends where an uninterrupted one does."""
    functions = [f"def plant_{number}():\n    return {number}" for number in range(40)]
    root = write_tree(tmp_path / "many", {"many.py": "\n\n\n".join(functions) + "\n"})
    repository, encoder = library.repository(root), FakeEncoder()
    summariser = FakeSummariser(TABLE, interrupt_after=25)
    with pytest.raises(KeyboardInterrupt):
        index_repository(repository, encoder, summariser=summariser)
    first = summariser.read()
    assert 0 < len(first) < 40
    assert index_repository(repository, encoder, summariser=summariser).summarised == 40
    assert sorted(first + summariser.read()) == sorted(functions)
    assert len(names(repository, "potato")) == 9
    assert repository.summaries.count() == 40


def test_progress_counts_functions(library, tmp_path):
    """From what is known to all, never back; equal functions in two files count twice and are read once."""
    files = {f"{name}.py": "".join(f"def plant_{n}():\n    return {n}\n" for n in range(20)) for name in "ab"}
    repository, summariser = library.repository(write_tree(tmp_path / "two", files)), FakeSummariser(TABLE)
    told = []
    index_repository(repository, None, told.append, summariser=summariser)
    done = [one.done for one in told if one.phase == "summarise"]
    assert {one.total for one in told if one.phase == "summarise"} == {40}
    assert done == sorted(done)
    assert (done[0], done[-1], len(summariser.read())) == (0, 40, 20)


def test_equal_code_is_read_once_in_all_repositories(library, garden, tmp_path):
    """A second repository with the same functions has their summaries without any being written."""
    summariser = FakeSummariser(TABLE)
    index_repository(library.repository(garden), None, summariser=summariser)
    summariser.read()
    other = library.repository(write_tree(tmp_path / "clone", {"deep/copy.py": GARDEN}))
    report = index_repository(other, None, summariser=summariser)
    assert (report.summarised, report.reused) == (3, 0)
    assert (summariser.read(), names(other, "potato")) == ([], ["plant"])


def texts_kept(library):
    with closing(sqlite3.connect(library.folder / DATABASE_NAME)) as database:
        return sorted(text for (text,) in database.execute("SELECT text FROM summary"))


def test_what_no_repository_has_goes_with_a_repository(library, garden, tmp_path):
    """Forgetting one removes the summaries that no other has; those of the last one go, too."""
    summariser = FakeSummariser(TABLE)
    other = write_tree(tmp_path / "other", {"a.py": PLANT + "\n"})
    for root in (garden, other):
        index_repository(library.repository(root), None, summariser=summariser)
    assert texts_kept(library) == ["", "Connect a potato.", "Delete the drought."]
    library.remove(garden)
    assert texts_kept(library) == ["Connect a potato."]
    library.remove(other)
    assert texts_kept(library) == []


def test_a_library_from_before_there_were_summaries(library, garden):
    """Opened, it has what it had; its summaries are written when somebody wants them."""
    index_repository(library.repository(garden), None)
    before = everything(library.repository(garden))
    library.close()
    with closing(sqlite3.connect(library.folder / DATABASE_NAME)) as database:
        for table in ("definition_summary", "summary_setting", "summary"):
            database.execute(f"DROP TABLE {table}")
    with Library.open(library.folder) as opened:
        repository = opened.repository(garden)
        assert everything(repository) == before
        assert index_repository(repository, None, summariser=FakeSummariser(TABLE)).summarised == 3
        assert names(repository, "potato") == ["plant"]
        assert everything(repository)["plant"].kind is Kind.FUNCTION
