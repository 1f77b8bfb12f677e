"""Several processes that parse: the same library as with one, and nothing that happens to one of them stops a run."""

from __future__ import annotations

import logging
import os
import random
import signal
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from indexer import index_repository, parallel_parsing, worker_process
from indexer.parallel_parsing import ParsingCrew, examine_all
from indexer.parsing import ToExamine, examine
from indexer.walk import walk
from store import Library
from tests.fakes import FakeEncoder
from tests.indexer.test_incremental import PATHS, contents, some_code
from tests.indexer.trees import LONG_AGO_NS, READ, SEND, SORT, write_tree

PROJECT = Path(__file__).parents[2]
CRASHING = "tests.indexer.crashing_parser"


def tasks_of(root: Path) -> list[ToExamine]:
    """Return a task for every file that is to be read."""
    return [ToExamine(found, None) for found in walk(root) if not found.skip_reason]


def examined_by_crashing_workers(root: Path, workers: int = 2):
    """Return (path, reason) of each file, in the order in which they came."""
    with closing(ParsingCrew(str(root), workers, CRASHING).examine(tasks_of(root))) as results:
        return [(one.path, one.source_file.skip_reason) for one in results]


@pytest.fixture
def small_chunks(monkeypatch):
    """Give workers three files at a time, so that a few files keep several of them busy."""
    monkeypatch.setattr(parallel_parsing, "_CHUNK_FILES", 3)


@pytest.mark.parametrize("workers", [1, 3])
def test_parallel_equals_serial(tmp_path, small_chunks, workers):
    """The same ids, definitions, words and vectors, after a first run and after a change."""
    rng = random.Random(1)
    tree = {f"{part}/{path}": some_code(rng, path) for part in range(4) for path in PATHS}
    root = write_tree(tmp_path / "tree", tree)
    encoder = FakeEncoder()
    with Library.open(tmp_path / "one") as one, Library.open(tmp_path / "several") as several:
        for _ in range(2):
            serial, parallel = one.repository(root), several.repository(root)
            first, second = (
                index_repository(serial, encoder, workers=0),
                index_repository(parallel, encoder, workers=workers),
            )
            assert (first.added, first.changed, first.skipped) == (second.added, second.changed, second.skipped)
            assert (first.definitions, first.reused) == (second.definitions, second.reused)
            assert contents(serial, encoder) == contents(parallel, encoder)
            assert serial.definitions(range(1, 1_000)) == parallel.definitions(range(1, 1_000))
            write_tree(root, {"0/a.py": SORT, "1/new.py": SEND})
            os.utime(root / "0/a.py", ns=(LONG_AGO_NS + 10**9, LONG_AGO_NS + 10**9))


def test_results_come_in_the_order_of_the_tasks(tmp_path, small_chunks):
    """Also when a large file at the front takes longer than all that follow it."""
    files = {"a0.py": READ * 3_000, **{f"b{number:02}.py": SORT for number in range(30)}}
    root = write_tree(tmp_path / "tree", files)
    with closing(examine_all(str(root), tasks_of(root), workers=2)) as results:
        assert [one.path for one in results] == sorted(files)


@pytest.mark.parametrize("workers", [1, 2])
def test_workers_are_used_again_and_talk_once(tmp_path, small_chunks, monkeypatch, caplog, workers):
    """No more processes than were asked for, however many chunks there are; what one has logged comes once."""
    started: list[str] = []
    real = worker_process.WorkerProcess
    monkeypatch.setattr(parallel_parsing, "WorkerProcess", lambda module: started.append(module) or real(module))
    root = write_tree(tmp_path / "tree", {"a.py": "WARN = 1\n", **{f"b{number:02}.py": SORT for number in range(30)}})
    with caplog.at_level(logging.WARNING):
        assert len(examined_by_crashing_workers(root, workers)) == 31
    assert 1 <= len(started) <= workers
    assert len(caplog.records) == 1


def test_chunks_are_bounded_by_their_text(tmp_path, monkeypatch):
    """A few large files are shared out, too: no worker is given more text than others at a time."""
    asked: list[int] = []
    real = worker_process.WorkerProcess.examine
    monkeypatch.setattr(parallel_parsing, "_CHUNK_BYTES", 2 * len(READ))
    monkeypatch.setattr(
        worker_process.WorkerProcess,
        "examine",
        lambda worker, root, tasks: asked.append(len(tasks)) or real(worker, root, tasks),
    )
    root = write_tree(tmp_path / "tree", {f"m{number}.py": READ for number in range(5)})
    assert len(examined_by_crashing_workers(root, 1)) == 5
    assert asked == [2, 2, 1]


@pytest.mark.skipif(os.name != "posix", reason="signals to a process")
def test_an_interruption_is_not_for_workers(tmp_path):
    """Ctrl-C reaches the whole group: a worker goes on, and the process that started it decides."""
    root = write_tree(tmp_path / "tree", {"a.py": READ})
    worker = worker_process.WorkerProcess()
    try:
        worker._process.send_signal(signal.SIGINT)
        assert worker.examine(str(root), tasks_of(root)) == [examine(str(root), task) for task in tasks_of(root)]
    finally:
        worker.close()


def test_a_file_that_kills_its_parser_is_given_up_with_the_reason(tmp_path, small_chunks):
    """Both times it is tried; its neighbours in the same chunk are parsed, and a file that killed once is, too."""
    files = {f"m{number}.py": READ for number in range(9)}
    files |= {"m2.py": "CRASH = 1\n", "m4.py": "EXIT = 1\n", "m7.py": f"# ONCE:{tmp_path / 'mark'}\n{READ}"}
    root = write_tree(tmp_path / "tree", files)
    reasons = dict(examined_by_crashing_workers(root))
    assert list(reasons) == sorted(files)
    assert {path: why for path, why in reasons.items() if why} == {
        "m2.py": "could not be parsed: the parser was ended by SIGKILL",
        "m4.py": "could not be parsed: the parser ended with code 3",
    }
    assert (tmp_path / "mark").exists()


def test_a_run_reports_the_file_and_does_not_try_it_again(library, tmp_path, monkeypatch):
    """The report names it, the others are found, and the next run takes it as unchanged."""
    root = write_tree(tmp_path / "tree", {"a.py": READ, "bad.py": "CRASH = 1\n", "c.py": SEND})
    monkeypatch.setattr(ParsingCrew.__init__, "__defaults__", (CRASHING,))
    repository = library.repository(root)
    report = index_repository(repository, None, workers=2)
    assert (report.added, [one.path for one in report.failures]) == (2, ["bad.py"])
    assert len(repository.lexical("read", 5)) == len(repository.lexical("queue", 5)) == 1
    report = index_repository(repository, None, workers=0)
    assert (report.added, report.unchanged, [one.path for one in report.failures]) == (0, 2, ["bad.py"])


def test_what_a_library_prints_and_logs_in_a_worker(tmp_path, caplog):
    """Output does not get between the answers; a warning is logged here, by the same logger."""
    root = write_tree(tmp_path / "tree", {"a.py": "PRINT = 1\n", "b.py": "WARN = 1\n"})
    with caplog.at_level(logging.WARNING):
        assert examined_by_crashing_workers(root, 1) == [("a.py", ""), ("b.py", "")]
    assert [(one.name, one.getMessage()) for one in caplog.records] == [("indexer.grammars", "odd: python")]


@pytest.mark.parametrize("module", ["no.such.module", "json.tool"])
def test_where_no_worker_starts_this_process_parses(tmp_path, module):
    """A module that is missing, and one that is no worker."""
    root = write_tree(tmp_path / "tree", {"a.py": READ, "b.py": SEND})
    with closing(ParsingCrew(str(root), 2, module).examine(tasks_of(root))) as results:
        assert list(results) == [examine(str(root), task) for task in tasks_of(root)]


def test_a_worker_runs_nothing_of_the_folder_that_is_indexed(tmp_path, monkeypatch):
    """A file there that is called like a module of Python's own is read, not run, also when it is the current one."""
    mark = tmp_path / "was run"
    root = write_tree(tmp_path / "tree", {"signal.py": f"open({str(mark)!r}, 'w').close()\n"})
    monkeypatch.chdir(root)
    assert examined_by_crashing_workers(root, 1) == [("signal.py", "")]
    assert not mark.exists()


def test_an_interpreter_that_says_something_first_is_no_worker(tmp_path, monkeypatch):
    """What its start-up prints is no length of a message: this process parses."""
    folder = write_tree(tmp_path / "start", {"sitecustomize.py": "print('Welcome to this interpreter')\n"})
    root = write_tree(tmp_path / "tree", {"a.py": READ})
    monkeypatch.setenv("PYTHONPATH", str(folder))
    with closing(examine_all(str(root), tasks_of(root), workers=1)) as results:
        assert list(results) == [examine(str(root), task) for task in tasks_of(root)]


def test_a_program_that_is_no_interpreter_is_not_started(tmp_path, monkeypatch):
    """Python embedded in another program, or frozen: `sys.executable` would start that."""
    monkeypatch.setattr(worker_process.sys, "executable", "/usr/bin/editor")
    root = write_tree(tmp_path / "tree", {"a.py": READ})
    assert not worker_process.can_start()
    assert [one.path for one in examine_all(str(root), tasks_of(root), workers=2)] == ["a.py"]


def test_processes_are_started_for_much_text_only(tmp_path, monkeypatch):
    """Below the limit nothing is started; at it, one process for each core."""
    crews: list[int] = []
    monkeypatch.setattr(parallel_parsing, "usable_cores", lambda: 5)
    monkeypatch.setattr(ParsingCrew, "examine", lambda crew, tasks: crews.append(crew._count) or iter(()))
    root = write_tree(tmp_path / "tree", {"a.py": READ, "b.py": SEND})
    assert len(list(examine_all(str(root), tasks_of(root)))) == 2
    monkeypatch.setattr(parallel_parsing, "_PARALLEL_FROM_BYTES", len(READ) + len(SEND))
    assert list(examine_all(str(root), tasks_of(root))) == []
    assert crews == [5]


def test_an_interrupted_run_ends_its_workers_and_keeps_what_was_read(library, tmp_path, small_chunks, monkeypatch):
    """KeyboardInterrupt between two files: no process is left, and the next run goes on from there."""
    started: list[worker_process.WorkerProcess] = []
    real = worker_process.WorkerProcess

    def start(module: str) -> worker_process.WorkerProcess:
        started.append(real(module))
        return started[-1]

    def stop(progress) -> None:
        if (progress.phase, progress.done) == ("parse", 80):
            raise KeyboardInterrupt

    monkeypatch.setattr(parallel_parsing, "WorkerProcess", start)
    root = write_tree(tmp_path / "tree", {f"m{number:03}.py": SORT for number in range(120)})
    repository = library.repository(root)
    with pytest.raises(KeyboardInterrupt):
        index_repository(repository, None, stop, workers=2)
    assert started
    assert all(worker._process.poll() is not None for worker in started)
    report = index_repository(repository, None, workers=2)
    assert (report.unchanged, report.added) == (80, 40)


SCRIPT = """
import sys
sys.path.insert(0, sys.argv[3])
from pathlib import Path
from indexer import index_repository
from store import Library

def work():
    with Library.open(Path(sys.argv[1])) as library:
        print(index_repository(library.repository(Path(sys.argv[2])), None, workers=2).added)
"""
UNGUARDED = SCRIPT + "work()\n"
DAEMON = SCRIPT + (
    "import multiprocessing\n"
    "process = multiprocessing.get_context('fork').Process(target=work, daemon=True)\n"
    "process.start(); process.join()\n"
)


@pytest.mark.parametrize("script", [UNGUARDED, DAEMON], ids=["no guard", "daemonic process"])
def test_in_a_script_of_a_user(tmp_path, script):
    """Without `if __name__ == "__main__"`, and in a process that may have no children of `multiprocessing`."""
    root = write_tree(tmp_path / "tree", {"a.py": READ, "b.py": SEND})
    program = tmp_path / "program.py"
    program.write_text(script, "utf-8")
    arguments = [str(tmp_path / "library"), str(root), str(PROJECT)]
    done = subprocess.run([sys.executable, str(program), *arguments], capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("2\n", "")
