"""The script for a GPU that is there for some minutes: what it gathers, what it runs, what it hands back.

A codesearch that writes down what it is asked stands in for the real one.
"""

from __future__ import annotations

import lzma
import os
import shutil
import subprocess
from pathlib import Path

import pytest

import codesearch
from codesearch.training.corpus.records import read_examples, to_line
from tests.codesearch.training.examples import corpus

SCRIPT = Path(codesearch.__file__).parent / "training" / "routes" / "gpu.sh"
FAKE = """#!/bin/sh
echo "$@" >> "$CALLS"
case "$2" in
start)
    while [ "$1" != --output ]; do shift; done
    mkdir -p "$2" && : > "$2/model.safetensors" ;;
run)
    mkdir -p "$9/checkpoint" && : > "$9/curves.json" && : > "$9/log.jsonl"
    head -c 20000000 /dev/zero > "$9/checkpoint/model.safetensors" ;;
esac
"""


@pytest.fixture
def call(tmp_path):
    """Return a function that calls the script and returns what it had codesearch do."""
    if shutil.which("bash") is None:
        pytest.skip("there is no bash here")
    fake = tmp_path / "bin" / "codesearch"
    fake.parent.mkdir()
    fake.write_text(FAKE)
    fake.chmod(0o755)
    calls = tmp_path / "calls"

    def run(*arguments, **variables):
        calls.write_text("")
        path = f"{fake.parent}{os.pathsep}{os.environ['PATH']}"
        environment = {**os.environ, "PATH": path, "CALLS": str(calls), **variables}
        subprocess.run(["bash", str(SCRIPT), *map(str, arguments)], check=True, env=environment)
        return [line.split() for line in calls.read_text().splitlines()]

    return run


def test_parts_are_gathered(call, tmp_path):
    """Parts of one name from several corpora stand beside each other; the same part twice is there once."""
    for number in (1, 2):
        (tmp_path / f"corpus{number}").mkdir()
        (tmp_path / f"corpus{number}" / "part-000.jsonl.gz").write_text(str(number))
    (tmp_path / "corpus1" / "held_out.jsonl.gz").write_text("held out")
    work = tmp_path / "work"
    assert call("any", 0, *sorted((tmp_path / "corpus1").iterdir()), WORK=str(work)) == []
    both = [tmp_path / f"corpus{number}" / "part-000.jsonl.gz" for number in (2, 1)]
    assert call("any", 0, *both, WORK=str(work)) == []
    gathered = {path.name: path.read_text() for path in (work / "corpus").iterdir()}
    assert gathered.pop("held_out.jsonl.gz") == "held out"
    assert sorted(gathered.values()) == ["1", "2"]
    assert all(name.startswith("part-") and name.endswith(".jsonl.gz") for name in gathered)


def test_packed_parts_are_unpacked(call, tmp_path):
    """A part in xz, its examples sorted, is one that is read, with its examples in an order that is always the same."""
    examples = corpus()
    lines = sorted(map(to_line, examples))
    (tmp_path / "one.jsonl.xz").write_bytes(lzma.compress(b"\n".join(lines)))
    (tmp_path / "held_out.jsonl.xz").write_bytes(lzma.compress(lines[0] + b"\n"))
    orders = []
    for work in (tmp_path / "first", tmp_path / "second"):
        assert call("any", 0, tmp_path / "one.jsonl.xz", tmp_path / "held_out.jsonl.xz", WORK=str(work)) == []
        orders.append(list(read_examples(work / "corpus")))
        assert list(map(to_line, read_examples(work / "corpus", held_out=True))) == [lines[0]]
    assert orders[0] == orders[1]
    assert sorted(map(to_line, orders[0])) == lines
    assert list(map(to_line, orders[0])) != lines


def test_a_damaged_part_ends_the_call(call, tmp_path):
    """What cannot be unpacked is no part of the corpus, and the call says so by its exit code."""
    (tmp_path / "one.jsonl.xz").write_bytes(b"nothing")
    with pytest.raises(subprocess.CalledProcessError):
        call("any", 0, tmp_path / "one.jsonl.xz", WORK=str(tmp_path / "work"))
    assert not list((tmp_path / "work" / "corpus").glob("part-*.gz"))


def test_it_goes_on_and_hands_back(call, tmp_path):
    """The first call makes the start, the next only runs; saving has its time; pieces make the checkpoint again."""
    work, results = tmp_path / "work", tmp_path / "results"
    start, run = call("from-scratch", 10, WORK=str(work), RESULTS=str(results), VOCABULARY="500")
    assert start[:3] == ["train", "start", "from-scratch"]
    assert start[-1] == "500"
    assert run[:3] == ["train", "run", "from-scratch"]
    assert run[3:9] == [
        "--corpus", f"{work}/corpus", "--init", f"{work}/start", "--output", f"{work}/run-from-scratch"
    ]  # fmt: skip
    assert 9 <= float(run[run.index("--minutes") + 1]) <= 9.4
    pieces = sorted(results.glob("checkpoint.tar.*"))
    assert [piece.stat().st_size <= 16 * 2**20 for piece in pieces] == [True, True]
    whole = b"".join(piece.read_bytes() for piece in pieces)
    (tmp_path / "whole.tar").write_bytes(whole)
    shutil.unpack_archive(tmp_path / "whole.tar", tmp_path / "unpacked", filter="data")
    assert (tmp_path / "unpacked" / "checkpoint" / "model.safetensors").stat().st_size == 20_000_000
    assert {path.name for path in results.iterdir()} - {piece.name for piece in pieces} == {"curves.json", "log.jsonl"}
    again = call("mine/route.toml", 10, WORK=str(work), DEVICE="cuda")
    assert [one[1:3] for one in again] == [["run", "mine/route.toml"]]
    assert again[0][again[0].index("--device") + 1] == "cuda"
    assert f"{work}/run-route" in again[0]


def test_what_a_route_starts_from(call, tmp_path):
    """An efficient route keeps the encoder that is named; a start of one's own is taken as it is."""
    start, _ = call("efficient-gpu", 1, WORK=str(tmp_path / "a"), ENCODER="mine")
    assert start[:5] == ["train", "start", "efficient", "--init", "mine"]
    [run] = call("efficient-gpu", 1, WORK=str(tmp_path / "b"), START="own")
    assert run[run.index("--init") + 1] == "own"
    assert float(run[run.index("--minutes") + 1]) < 0.4
