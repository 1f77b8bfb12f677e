"""Whatever happens to a tree, what the library holds in the end is what a fresh index of it holds."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from indexer import describe, index_repository
from store import Library, Repository
from tests.fakes import WORDS, FakeEncoder
from tests.indexer.trees import LONG_AGO_NS, write_tree

PROJECT = Path(__file__).parents[2]
IGNORES = (".gitignore", ".codesearchignore", "b/.gitignore")
RULES = ("a.py", "*.go", "b/", "!b/", "!a.py", "!n.json", "c/*", "!gen.py")
PATHS = ("a.py", "b/a.py", "b/c/d.go", "c/e.js", "c/gen.py", "n.json", "script", "dist/x.py", "package.json", "m.go")


def contents(repository: Repository, encoder: FakeEncoder):
    """Everything that can be found, without ids: files, definitions, words and nearest neighbours."""
    found = repository.definitions(range(1, 10_000))
    passages = [one.digest for stored in found for one in describe(stored.path, stored.language, stored.definition)]
    words = {word: len(repository.lexical(word, 1_000)) for word in (*WORDS, "a", "py", "go", "value")}
    near = {
        word: sorted(round(one.score, 3) for one in repository.dense("fake-1", encoder.encode_query(word), 1_000))
        for word in WORDS
    }
    assert not repository.missing_digests("fake-1", passages)
    return (
        {path: (file.language, file.size, file.digest, file.skip_reason) for path, file in repository.files().items()},
        sorted((one.path, one.language, repr(one.definition)) for one in found),
        words,
        near,
        repository.coverage("fake-1"),
    )


def some_code(rng: random.Random, path: str) -> bytes:
    """Make a few functions; now and then something else."""
    odd = rng.random()
    if odd < 0.08:
        return rng.choice(
            [b"", b"\0\1\2", b"x" * 3_000, b"# generated file, do not edit\nx = 1\n", b"#!/bin/bash\nls\n"]
        )
    form = {
        ".go": "func {0}() int {{ return {1} }}\n",
        ".js": "function {0}() {{ return {1} }}\n",
    }.get(Path(path).suffix, "def {0}(value):\n    return {1}\n")
    functions = (form.format(rng.choice(WORDS) + str(rng.randint(1, 3)), rng.randint(1, 3)) for _ in range(4))
    return ("package x\n" if path.endswith(".go") else "").encode() + "\n".join(functions).encode()


def edit(rng: random.Random, root: Path, step: int) -> None:
    """Do one thing that people do to a tree; what is written or moved gets a time of its own."""
    there = [path for path in PATHS if (root / path).is_file()]
    moment = LONG_AGO_NS + step * 10**9
    action = rng.choice(["write", "write", "write", "delete", "rename", "touch", "rule", "no rule"])
    if action == "write" or not there:
        path = rng.choice(PATHS)
        write_tree(root, {path: some_code(rng, path)})
        os.utime(root / path, ns=(moment, moment))
    elif action == "delete":
        (root / rng.choice(there)).unlink()
    elif action == "rename":
        target = root / rng.choice(there)
        (root / rng.choice(there)).rename(target)
        os.utime(target, ns=(moment, moment))
    elif action == "touch":
        os.utime(root / rng.choice(there), ns=(moment, moment))
    elif action == "rule":
        write_tree(root, {rng.choice(IGNORES): "\n".join(rng.sample(RULES, 2))})
    else:
        (root / rng.choice(IGNORES)).unlink(missing_ok=True)


@pytest.mark.parametrize("seed", range(8))
def test_incremental_equals_cold(tmp_path, seed):
    """After each of several series of random edits, some runs interrupted, the library equals a fresh one."""
    rng = random.Random(seed)
    root = write_tree(tmp_path / "tree", {path: some_code(rng, path) for path in PATHS})
    encoder = FakeEncoder()
    with Library.open(tmp_path / "library") as library:
        repository = library.repository(root)
        step = 0
        for _ in range(6):
            for _ in range(rng.randint(0, 6)):
                step += 1
                edit(rng, root, step)
            if rng.random() < 0.4:
                with pytest.raises(KeyboardInterrupt):
                    index_repository(repository, encoder, _interrupt_at(rng.randint(2, 4)))
                continue
            index_repository(repository, rng.choice([encoder, encoder, None]))
        index_repository(repository, encoder)
        warm = contents(repository, encoder)
    with Library.open(tmp_path / "fresh") as library:
        repository = library.repository(root)
        index_repository(repository, FakeEncoder())
        assert warm == contents(repository, encoder)


KILLED_RUN = """
import os, signal, sys
from pathlib import Path
from indexer import index_repository
from store import Library
from tests.fakes import FakeEncoder

def kill(progress):
    if (progress.phase, progress.done) == (sys.argv[3], int(sys.argv[4])):
        os.kill(os.getpid(), signal.SIGKILL)

with Library.open(Path(sys.argv[1])) as library:
    index_repository(library.repository(Path(sys.argv[2])), FakeEncoder(), kill)
"""


@pytest.mark.parametrize(
    ("phase", "done", "unchanged", "embedded"),
    [("parse", 100, 96, 150), ("embed", 32, 150, 118), ("vectors", 0, 150, 0)],
)
def test_a_killed_run_loses_nothing_that_was_saved(tmp_path, phase, done, unchanged, embedded):
    """SIGKILL in the middle of a phase: the library opens, is not locked, and the next run does only the rest."""
    files = {f"m{n}.py": f"def f{n}(value):\n    return read({n})\n" for n in range(150)}
    root = write_tree(tmp_path / "tree", files)
    arguments = [str(tmp_path / "library"), str(root), phase, str(done)]
    killed = subprocess.run([sys.executable, "-c", KILLED_RUN, *arguments], cwd=PROJECT, check=False)
    assert killed.returncode == -signal.SIGKILL
    with Library.open(tmp_path / "library") as library:
        report = index_repository(library.repository(root), FakeEncoder())
        assert report.embedded == embedded
        assert library.repository(root).coverage("fake-1") == (150, 150)
        assert len(library.repository(root).lexical("read", 1_000)) == 150
        assert (report.unchanged, report.added) == (unchanged, 150 - unchanged)


def _interrupt_at(call: int):
    calls = iter(range(1, 1_000))

    def stop(progress) -> None:
        if next(calls) == call or progress.phase == "vectors":
            raise KeyboardInterrupt

    return stop


WITHOUT_VECTORS = """
import sys
from pathlib import Path
from indexer import index_repository
from store import Library
with Library.open(Path(sys.argv[1])) as library:
    repository = library.repository(Path(sys.argv[2]))
    index_repository(repository, None)
    index_repository(repository, None)
    print(len(repository.lexical("queue", 5)), repository.totals().embedded, "numpy" in sys.modules)
"""


def test_an_index_by_words_needs_no_numpy(tmp_path, root):
    """Indexing, searching and counting without vectors do not load what vectors are made of."""
    arguments = (str(tmp_path / "by words"), str(root))
    code = [sys.executable, "-c", WITHOUT_VECTORS, *arguments]
    done = subprocess.run(code, cwd=PROJECT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["1", "0", "False"]
