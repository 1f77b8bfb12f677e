"""What is measured with and on: stopwatches, repositories, mixtures of vectors."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import numpy as np
import pytest

from benchmarks.embedding import PeerMissing
from benchmarks.material import functions, make_repository, questions
from benchmarks.matrix_rate import operations_per_token
from benchmarks.mixtures import mixed
from benchmarks.peers.asking import ask
from benchmarks.settings import QUICK, Settings
from benchmarks.timing import CommandFailed, codesearch, execute, percentiles
from codesearch.codet5p.config import Architecture, StackConfig
from tests.store.samples import random_vectors

if TYPE_CHECKING:
    from pathlib import Path

MEGABYTE = 1_000_000


def test_memory_is_that_of_the_command_alone() -> None:
    """A command that takes 80 MB is seen to, and one that takes nothing is not charged with its parent's memory."""
    ballast = bytearray(200 * MEGABYTE)
    small = execute([sys.executable, "-S", "-c", "print('done')"])
    large = execute([sys.executable, "-S", "-c", "x = b'x' * 80_000_000"])
    assert len(ballast) == 200 * MEGABYTE
    assert small.output.strip() == "done"
    assert small.peak_bytes < 60 * MEGABYTE
    assert 80 * MEGABYTE < large.peak_bytes < 160 * MEGABYTE


def test_input_reaches_the_command_and_errors_are_told() -> None:
    """Standard input is handed on; an exit code above "nothing found", and a program that is not there, are errors."""
    echo = "import sys; sys.stdout.write(sys.stdin.read())"
    assert execute([sys.executable, "-c", echo], given="asked").output == "asked"
    assert execute([sys.executable, "-c", "raise SystemExit(1)"]).output == ""
    with pytest.raises(CommandFailed):
        execute([sys.executable, "-c", "raise SystemExit(2)"])
    with pytest.raises(CommandFailed):
        execute(["no-such-program-here"])


def test_the_measured_command_is_this_checkout(tmp_path: Path) -> None:
    """The command line of this tree runs with a library of its own."""
    assert codesearch("--version", library=tmp_path).output.strip().endswith("0.1.0")


def test_percentiles_of_a_known_list() -> None:
    """Of 0 to 100 the 50th percentile is 50 and the 95th 95."""
    assert percentiles([float(one) for one in range(101)]) == (50, 95)


def test_repositories_are_made_in_a_fixed_order(tmp_path: Path) -> None:
    """The same source gives the same files, a larger repository holds those of a smaller one."""
    source = tmp_path / "source"
    for number in range(30):
        file = source / f"package{number % 3}" / f"module{number}.py"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"def function_{number}():\n    return {number}\n")
    made = {}
    for name, size in (("first", 10), ("second", 10), ("larger", 20), ("all", 99)):
        count = make_repository(tmp_path / name, size, source)
        made[name] = {path.name: path.read_text() for path in (tmp_path / name).rglob("*.py")}
        assert count == len(made[name]) == min(size, 30)
    assert made["first"] == made["second"]
    assert made["first"].items() <= made["larger"].items() <= made["all"].items()
    texts = functions(tmp_path / "all", 12)
    assert len(texts) == len(set(texts)) == 12
    assert all("function_" in text for text in texts)


def test_questions_are_as_many_as_wanted() -> None:
    """A hundred questions are different; more begin again."""
    assert len(set(questions(100))) == 100
    assert len(questions(130)) == 130


def test_mixtures_are_unit_vectors_near_one_real_vector() -> None:
    """Each has length 1 and one real vector nearer than any random one is; a seed decides all."""
    real = random_vectors(50, 64)
    vectors = mixed(real, 500, seed=3)
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1, abs=1e-5)
    assert (vectors @ real.T).max(axis=1).min() > 0.6
    assert (mixed(real, 500, seed=3) == vectors).all()
    assert not (mixed(real, 500, seed=4) == vectors).all()


def test_operations_of_a_small_stack() -> None:
    """Two layers of width 4 and 8: 2 * 2 * (4 * 16 + 2 * 32) operations a token."""
    stack = StackConfig(Architecture.BERT, 10, 4, 8, 2, 2, 2, 1e-12)
    assert operations_per_token(stack) == 512


def test_a_missing_peer_says_how_to_get_it(tmp_path: Path) -> None:
    """Without the peers' environment, or with one that lacks the package, the reason is told."""
    with pytest.raises(PeerMissing, match="bench-peers"):
        ask(Settings(QUICK, None, tmp_path, None), "search_with_bm25s")
    nothing = tmp_path / "python"
    with pytest.raises(PeerMissing):
        ask(Settings(QUICK, None, tmp_path, nothing), "search_with_bm25s", texts=[])
