"""The script for a GPU that is there for some minutes: what it gathers, what it runs, what it hands back.

A codesearch that writes down what it is asked stands in for the real one.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

import codesearch

SCRIPT = Path(codesearch.__file__).parent / "training" / "routes" / "from_scratch_gpu.sh"
FAKE = """#!/bin/sh
echo "$@" >> "$CALLS"
case "$2" in
start)
    mkdir -p "$7" && : > "$7/model.safetensors" ;;
run)
    mkdir -p "$9/checkpoint" && : > "$9/curves.json"
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
    assert call(work, 0, *sorted((tmp_path / "corpus1").iterdir())) == []
    assert call(work, 0, tmp_path / "corpus2" / "part-000.jsonl.gz", tmp_path / "corpus1" / "part-000.jsonl.gz") == []
    gathered = {path.name: path.read_text() for path in (work / "corpus").iterdir()}
    assert gathered.pop("held_out.jsonl.gz") == "held out"
    assert sorted(gathered.values()) == ["1", "2"]
    assert all(name.startswith("part-") and name.endswith(".jsonl.gz") for name in gathered)


def test_it_goes_on_and_hands_back(call, tmp_path):
    """The first call makes the start, the next only runs; saving has its time; pieces make the checkpoint again."""
    work, results = tmp_path / "work", tmp_path / "results"
    start, run = call(work, 10, RESULTS=str(results), VOCABULARY="500")
    assert start[:3] == ["train", "start", "from-scratch"]
    assert start[-1] == "500"
    assert run[:3] == ["train", "run", "from-scratch"]
    assert run[3:9] == ["--corpus", f"{work}/corpus", "--init", f"{work}/start", "--output", f"{work}/run"]
    assert 9 <= float(run[run.index("--minutes") + 1]) <= 9.5
    pieces = sorted(results.glob("checkpoint.tar.*"))
    assert [piece.stat().st_size <= 16 * 2**20 for piece in pieces] == [True, True]
    whole = b"".join(piece.read_bytes() for piece in pieces)
    (tmp_path / "whole.tar").write_bytes(whole)
    shutil.unpack_archive(tmp_path / "whole.tar", tmp_path / "unpacked", filter="data")
    assert (tmp_path / "unpacked" / "checkpoint" / "model.safetensors").stat().st_size == 20_000_000
    assert (results / "curves.json").is_file()
    again = call(work, 10, SETTINGS="mine.toml", DEVICE="cuda")
    assert [one[1:3] for one in again] == [["run", "mine.toml"]]
    assert again[0][again[0].index("--device") + 1] == "cuda"
