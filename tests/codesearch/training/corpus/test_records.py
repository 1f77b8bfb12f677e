"""A corpus on disk: what was written is read, in parts of a bounded size, as the same bytes each time."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from codesearch.training.corpus.records import (
    Example,
    read_examples,
    read_manifest,
    to_line,
    write_held_out,
    write_manifest,
    write_shards,
)

if TYPE_CHECKING:
    from pathlib import Path

EXAMPLE = Example(
    source="pypi:one",
    path="one/two.py",
    language="python",
    kind="function",
    name="grüße",
    qualified_name="One.grüße",
    signature="def grüße(self)",
    documentation="Say hello\u2028in one line.",
    code='def grüße(self):\n    return "✓"',
    comments=("first comment here", "second comment here"),
)
MANY = [
    replace(EXAMPLE, name=f"f{number}", documentation="" if number % 3 else "Says a number.") for number in range(50)
]


def test_examples_come_back_as_they_were(tmp_path: Path) -> None:
    """Every field survives, Unicode line separators too, in the order given."""
    assert write_shards([EXAMPLE, *MANY], tmp_path) == 51
    assert list(read_examples(tmp_path)) == [EXAMPLE, *MANY]


def test_lines_are_json_that_others_can_read(tmp_path: Path) -> None:
    """A part is gzipped JSON lines with the fields of an example by their names."""
    write_shards([EXAMPLE], tmp_path)
    (line,) = gzip.decompress((tmp_path / "part-000.jsonl.gz").read_bytes()).decode().split("\n")[:-1]
    fields = json.loads(line)
    assert fields["qualified_name"] == "One.grüße"
    assert fields["comments"] == ["first comment here", "second comment here"]
    assert len(fields) == 10


def test_parts_stay_within_their_size(tmp_path: Path) -> None:
    """A part ends before the line that would exceed it, and no line is lost at the border."""
    bound = 5 * len(to_line(EXAMPLE))
    write_shards(MANY, tmp_path, shard_bytes=bound)
    parts = sorted(tmp_path.glob("part-*.jsonl.gz"))
    assert len(parts) > 5
    assert max(len(gzip.decompress(part.read_bytes())) for part in parts) <= bound
    assert list(read_examples(tmp_path)) == MANY


def test_same_examples_are_the_same_bytes(tmp_path: Path) -> None:
    """Neither time nor name of a file is in it."""
    write_shards(MANY, tmp_path / "one")
    write_shards(MANY, tmp_path / "other")
    first, second = ((tmp_path / name / "part-000.jsonl.gz").read_bytes() for name in ("one", "other"))
    assert first == second


def test_smaller_corpus_replaces_a_larger_one(tmp_path: Path) -> None:
    """Parts of an earlier corpus in the folder are gone."""
    write_shards(MANY, tmp_path, shard_bytes=1_000)
    write_shards(MANY[:2], tmp_path)
    assert list(read_examples(tmp_path)) == MANY[:2]


def test_held_out_examples_are_apart(tmp_path: Path) -> None:
    """They are read when asked for, and never among the others."""
    write_shards(MANY[:3], tmp_path)
    write_held_out(map(to_line, MANY[3:5]), tmp_path)
    assert list(read_examples(tmp_path)) == MANY[:3]
    assert list(read_examples(tmp_path, held_out=True)) == MANY[3:5]


def test_folder_without_corpus_says_so(tmp_path: Path) -> None:
    """No part is an error, no empty corpus."""
    with pytest.raises(FileNotFoundError):
        list(read_examples(tmp_path))


def test_manifest_round_trip(tmp_path: Path) -> None:
    """The manifest is JSON beside the parts."""
    write_manifest({"format": 1, "languages": {"c": 2}}, tmp_path)
    assert read_manifest(tmp_path) == {"format": 1, "languages": {"c": 2}}
