"""The pipeline on real files, a real library and an encoder whose vectors can be worked out by hand."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from indexer import index_repository
from store import Repository
from tests.fakes import FakeEncoder
from tests.indexer.trees import LONG_AGO_NS, READ, SEND, SORT, write_tree

if TYPE_CHECKING:
    from store import Progress


def later(root, path, content, seconds=60):
    """Change a file, and its time."""
    write_tree(root, {path: content})
    moment = LONG_AGO_NS + seconds * 1_000_000_000
    os.utime(root / path, ns=(moment, moment))


def test_a_first_run_finds_embeds_and_makes_searchable(library, root):
    """Definitions by words and by meaning, left-out files with their reason, and a report that says so."""
    encoder = FakeEncoder()
    repository = library.repository(root)
    report = index_repository(repository, encoder)
    assert (report.added, report.changed, report.removed, report.unchanged) == (2, 0, 0, 0)
    assert (report.definitions, report.passages, report.embedded, report.reused) == (2, 2, 2, 0)
    assert report.skipped == {"not source code": 1}
    assert report.failures == ()
    assert set(report.phase_seconds) == {"walk", "parse", "embed", "vectors"}
    assert repository.model == "fake-1"
    assert repository.coverage("fake-1") == (2, 2)
    (best, _) = repository.dense("fake-1", encoder.encode_query("read"), 2)
    (by_word,) = repository.lexical("queue", 5)
    found = repository.definitions([best.definition_id, by_word[0]])
    assert [(one.path, one.definition.name) for one in found] == [("a.py", "read_all"), ("b/send.py", "send")]
    assert repository.skipped_files() == {"notes.md": "not source code (markdown)"}
    assert repository.statistics().indexed_at is not None


def test_a_second_run_does_nothing(library, root):
    """Neither a file nor a passage is touched again."""
    index_repository(library.repository(root), FakeEncoder())
    encoder = FakeEncoder()
    generation = library.repository(root).generation
    report = index_repository(library.repository(root), encoder)
    assert (report.added, report.changed, report.removed, report.unchanged) == (0, 0, 0, 2)
    assert (report.definitions, report.passages, report.embedded, report.skipped) == (0, 0, 0, {"not source code": 1})
    assert encoder.batches == []
    assert library.repository(root).generation == generation


def test_only_what_changed_is_parsed_and_only_new_passages_are_embedded(library, root):
    """One of two functions of a file is edited: one passage goes through the encoder, the other is reused."""
    later(root, "a.py", READ + "\n\n" + SORT, seconds=0)
    index_repository(library.repository(root), FakeEncoder())
    later(root, "a.py", READ + "\n\n" + SORT.replace("sorted(names)", "sorted(names, key=len)"))
    encoder = FakeEncoder()
    report = index_repository(library.repository(root), encoder)
    assert (report.added, report.changed, report.unchanged) == (0, 1, 1)
    assert (report.definitions, report.passages, report.embedded, report.reused) == (2, 2, 1, 1)
    assert [text.count("key=len") for text in encoder.texts] == [1]


def test_a_new_time_alone_is_only_noted(library, root):
    """Touching a file costs reading it once, not parsing it; the run after that does not even read it."""
    repository = library.repository(root)
    index_repository(repository, FakeEncoder())
    later(root, "a.py", READ)
    generation = repository.generation
    report = index_repository(repository, FakeEncoder())
    assert (report.changed, report.unchanged, report.definitions) == (0, 2, 0)
    assert repository.generation == generation
    assert repository.files()["a.py"].modified_ns == LONG_AGO_NS + 60_000_000_000


def test_a_change_within_the_same_tick_is_not_missed(library, root):
    """A file as young as the run may be written again with the same time and size: its content is compared."""
    year_3000_ns = 32_503_680_000_000_000_000 // 4  # the latest that a signed number of nanoseconds can hold, or so
    write_tree(root, {"a.py": "x = 'before'\n"})
    os.utime(root / "a.py", ns=(year_3000_ns, year_3000_ns))
    repository = library.repository(root)
    index_repository(repository, None)
    write_tree(root, {"a.py": "x = 'after '\n"})
    os.utime(root / "a.py", ns=(year_3000_ns, year_3000_ns))
    assert index_repository(repository, None).changed == 1
    assert repository.lexical("after", 1)
    assert index_repository(repository, None).unchanged == 2


def test_deleted_and_renamed_files(library, root):
    """What is gone is not found any more; a renamed file is a removed one and an added one."""
    repository = library.repository(root)
    index_repository(repository, FakeEncoder())
    (root / "a.py").rename(root / "c.py")
    (root / "b" / "send.py").unlink()
    report = index_repository(repository, FakeEncoder())
    assert (report.added, report.changed, report.removed, report.unchanged) == (1, 0, 2, 0)
    assert sorted(repository.files()) == ["c.py", "notes.md"]
    assert repository.lexical("queue", 5) == []
    assert [one.path for one in repository.definitions([repository.lexical("path", 5)[0][0]])] == ["c.py"]


def test_going_back_to_a_branch_embeds_nothing(library, root, monkeypatch):
    """Between two branches that share nothing both keep their embeddings; after many, those of the first ones go."""
    monkeypatch.setattr("store.unused.LEAST_UNUSED", 1)
    repository = library.repository(root)

    def switch_to(branch):
        later(root, "a.py", READ.replace("path", f"path{branch}"), seconds=60 * branch)
        later(root, "b/send.py", SEND.replace("message", f"message{branch}"), seconds=60 * branch)
        return index_repository(repository, FakeEncoder()).embedded

    assert [switch_to(branch) for branch in (1, 2, 1, 2, 3, 1, 2, 3)] == [2, 2, 0, 0, 2, 0, 0, 0]
    assert switch_to(4) == 2
    assert repository.coverage("fake-1") == (2, 2)
    assert [switch_to(branch) for branch in (4, 1)] == [0, 2]


def test_a_file_that_becomes_ignored_is_removed_and_comes_back(library, root):
    """Changing a rule is enough; no file has to change."""
    repository = library.repository(root)
    index_repository(repository, FakeEncoder())
    write_tree(root, {".gitignore": "a.py\n"})
    report = index_repository(repository, FakeEncoder())
    assert (report.removed, report.unchanged) == (1, 1)
    assert report.skipped == {"ignored by .gitignore": 1, "not source code": 2}
    (root / ".gitignore").unlink()
    encoder = FakeEncoder()
    report = index_repository(repository, encoder)
    assert (report.added, report.embedded, report.reused) == (1, 0, 1)


def test_insisting_on_a_generated_file_and_no_longer(library, root):
    """A `.codesearchignore` that comes and goes changes files that are themselves unchanged."""
    repository = library.repository(root)
    write_tree(root, {"gen.py": "# This file is generated, do not edit\n" + SORT})
    assert index_repository(repository, None).skipped == {"generated": 1, "not source code": 1}
    write_tree(root, {".codesearchignore": "!gen.py\n!notes.md\n"})
    report = index_repository(repository, None)
    assert (report.added, report.skipped) == (2, {"settings of codesearch": 1})
    (root / ".codesearchignore").unlink()
    report = index_repository(repository, None)
    assert (report.removed, report.skipped) == (2, {"generated": 1, "not source code": 1})


def test_interrupted_while_embedding_goes_on_where_it_was(library, tmp_path):
    """Ctrl-C loses no more than the batch that was under way: what was saved is not encoded again."""
    root = write_tree(tmp_path / "tree", {f"m{n}.py": f"def f{n}():\n    return read({n})\n" for n in range(100)})
    repository = library.repository(root)
    first = FakeEncoder(interrupt_after=40)
    with pytest.raises(KeyboardInterrupt):
        index_repository(repository, first)
    assert len(first.texts) == 32
    assert repository.coverage("fake-1") == (32, 100)
    assert len(repository.lexical("read", 200)) == 100
    second = FakeEncoder()
    report = index_repository(repository, second)
    assert (report.unchanged, report.embedded) == (100, 68)
    assert len({*first.texts, *second.texts}) == 100
    assert not {*first.texts} & {*second.texts}


def test_interrupted_while_parsing_goes_on_where_it_was(library, tmp_path):
    """Files that were read are unchanged to the next run, those too that were waiting to be saved."""
    root = write_tree(tmp_path / "tree", {f"m{n:03}.py": f"def f{n}():\n    return {n}\n" for n in range(150)})
    repository = library.repository(root)

    def stop(progress: Progress) -> None:
        if progress.phase == "parse" and progress.done == 140:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        index_repository(repository, None, stop)
    report = index_repository(repository, None)
    assert (report.unchanged, report.added) == (140, 10)


def test_interrupted_while_saving_does_not_wait_for_itself(library, tmp_path, monkeypatch):
    """What Ctrl-C met in the middle of a transaction is not saved on the way out: the write lock may still be held."""
    root = write_tree(tmp_path / "tree", {f"m{n:03}.py": f"def f{n}():\n    return {n}\n" for n in range(70)})
    repository = library.repository(root)
    saving: list[int] = []

    def stop(_, files) -> None:
        saving.append(len(files))
        if files:
            raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(Repository, "save_files", stop)
        with pytest.raises(KeyboardInterrupt):
            index_repository(repository, None)
    assert saving == [64, 0]
    assert index_repository(repository, None).added == 70


def test_equal_passages_are_embedded_once(library, tmp_path):
    """The same file in two clones, and twice in one tree under the same name, goes through the encoder once."""
    files = {"src/a.py": READ, "lib/a.py": READ}
    encoder = FakeEncoder()
    assert index_repository(library.repository(write_tree(tmp_path / "one", files)), encoder).embedded == 1
    report = index_repository(library.repository(write_tree(tmp_path / "two", files)), encoder)
    assert (report.embedded, report.reused) == (0, 2)
    assert len(encoder.texts) == 1


def test_another_model_takes_over_when_it_is_complete(library, root):
    """While a second model is being computed, the first one answers."""
    repository = library.repository(root)
    index_repository(repository, FakeEncoder())
    with pytest.raises(KeyboardInterrupt):
        index_repository(repository, FakeEncoder("fake-2", interrupt_after=0))
    assert repository.model == "fake-1"
    assert index_repository(repository, FakeEncoder("fake-2")).embedded == 2
    assert repository.model == "fake-2"


def test_without_an_encoder_words_are_searchable_and_meaning_comes_later(library, root):
    """A lexical run embeds nothing; the next run with an encoder parses nothing."""
    repository = library.repository(root)
    report = index_repository(repository, None)
    assert (report.embedded, repository.model, repository.coverage("fake-1")) == (0, "", (0, 2))
    assert len(repository.lexical("message", 5)) == 1
    report = index_repository(repository, FakeEncoder())
    assert (report.definitions, report.embedded, report.unchanged) == (0, 2, 2)


def test_progress_counts_to_the_end(library, root):
    """Phases in order, each ending with done == total."""
    seen: list[Progress] = []
    index_repository(library.repository(root), FakeEncoder(), seen.append)
    last = {progress.phase: progress for progress in seen}
    assert list(last) == ["walk", "parse", "embed", "vectors"]
    assert [(last[phase].done, last[phase].total) for phase in ("walk", "parse", "embed")] == [(3, 3), (2, 2), (2, 2)]


def test_a_file_put_in_place_of_another_is_noticed(library, root, real_times):
    """The same size and the same modification time, as from an archive with one time for all files."""
    write_tree(root, {"a.py": "x = 'before'\n", "c.py": "x = 'after '\n"})
    repository = library.repository(root)
    index_repository(repository, None)
    (root / "c.py").rename(root / "a.py")
    assert index_repository(repository, None).changed == 1
    assert [path for path in repository.files() if path.endswith(".py")] == ["a.py", "b/send.py"]
    assert repository.definitions([number for number, _ in repository.lexical("after", 5)])[0].path == "a.py"
