"""Which functions are held out, and what is retrieved for them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from codesearch.errors import HeldOutMissing
from codesearch.evaluation.generation.functions import (
    RetrievalPool,
    begun_function,
    held_out_functions,
    retrievable_functions,
)
from codesearch.evaluation.generation.report import WritingSettings
from codesearch.training.corpus.records import HELD_OUT as HELD_OUT_FILE
from tests.codesearch.generation_evaluation.corpora import HELD_OUT, LEARNED, READ, example, write_corpus
from tests.fakes import FakeEncoder

if TYPE_CHECKING:
    from pathlib import Path

ALL = WritingSettings()


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    """The corpus on disk."""
    return write_corpus(tmp_path / "corpus")


def test_held_out_functions_are_documented(corpus: Path) -> None:
    """Without documentation there is nothing to write from; a language leaves out the others."""
    assert held_out_functions(corpus, ALL) == list(HELD_OUT[:2])
    with pytest.raises(HeldOutMissing):
        held_out_functions(corpus, replace(ALL, languages=frozenset({"go"})))


def test_the_seed_draws(tmp_path: Path) -> None:
    """A limit draws that many, in their order, the same for the same seed; every one is drawn by some seed."""
    from codesearch.training.corpus.records import to_line, write_held_out

    many = [example(f"f{number}", "Does it.", f"def f{number}(): return {number}") for number in range(20)]
    write_held_out(map(to_line, many), tmp_path)
    draws = [held_out_functions(tmp_path, WritingSettings(limit=5, seed=seed)) for seed in range(30)]
    assert all(len(draw) == 5 and draw == sorted(draw, key=many.index) for draw in draws)
    assert draws[3] == held_out_functions(tmp_path, WritingSettings(limit=5, seed=3))
    assert {one.name for draw in draws for one in draw} == {one.name for one in many}


def test_no_corpus(tmp_path: Path, corpus: Path) -> None:
    """A folder without a corpus, and one with a damaged one, are errors of ours."""
    with pytest.raises(HeldOutMissing):
        held_out_functions(tmp_path, ALL)
    with pytest.raises(HeldOutMissing):
        retrievable_functions(tmp_path, ALL)
    (corpus / HELD_OUT_FILE).write_bytes(b"no gzip")
    with pytest.raises(HeldOutMissing):
        held_out_functions(corpus, ALL)


def test_a_part_can_be_retrieved(corpus: Path) -> None:
    """A limit keeps the first functions of the part that is learned from."""
    assert retrievable_functions(corpus, ALL) == list(LEARNED)
    assert retrievable_functions(corpus, WritingSettings(retrieval_limit=2)) == list(LEARNED[:2])
    assert retrievable_functions(corpus, WritingSettings(retrieval_limit=None)) == list(LEARNED)


def test_the_nearest_of_the_language_is_retrieved(tmp_path: Path) -> None:
    """Asked "Read the file." the pool finds the function that reads, in Python although the one in Java is nearer."""
    pool = RetrievalPool(LEARNED, FakeEncoder(), tmp_path)
    assert pool.for_text(HELD_OUT[0]) == LEARNED[0]
    assert pool.for_text(replace(HELD_OUT[0], language="java")) == LEARNED[4]
    assert pool.for_text(replace(HELD_OUT[0], language="go")) is None


def test_the_function_itself_is_never_retrieved(tmp_path: Path) -> None:
    """Asked for "Sort" it would find `ordered`, which is the same but for its name: the next one is taken."""
    pool = RetrievalPool(LEARNED, FakeEncoder(), tmp_path)
    assert pool.for_text(HELD_OUT[1]) == LEARNED[3]
    assert pool.for_code("sort sort", HELD_OUT[1]) == LEARNED[3]
    assert pool.for_code("sort sort", HELD_OUT[0]) == LEARNED[2]
    assert RetrievalPool([LEARNED[2]], FakeEncoder(), tmp_path).for_text(HELD_OUT[1]) is None


def test_nothing_to_retrieve(tmp_path: Path) -> None:
    """An empty pool has no answer."""
    assert RetrievalPool([], FakeEncoder(), tmp_path).for_text(HELD_OUT[0]) is None


def test_vectors_are_kept(tmp_path: Path) -> None:
    """The same passages of the same model are encoded once; for another model anew."""
    first, second, other = FakeEncoder(), FakeEncoder(), FakeEncoder("fake-2")
    for encoder in (first, second, other):
        RetrievalPool(LEARNED, encoder, tmp_path)
    assert (len(first.texts), len(second.texts), len(other.texts)) == (5, 0, 5)
    assert all(np.load(file).dtype == np.float16 for file in tmp_path.glob("*.npy"))


def test_a_function_is_begun() -> None:
    """Prefix, line break and line are the function up to there; never the first line, nor one of signs alone."""
    drawn = {begun_function(example("load", "Reads.", READ), seed) for seed in range(40)}
    assert drawn == {
        ("def load(path):", "with open(path) as stream:"),
        ("def load(path):\n    with open(path) as stream:", "return stream.read()"),
    }
    assert begun_function(example("f", "Does.", "int f() {\n  }\n)"), 1) is None
    assert begun_function(LEARNED[0], 1) == begun_function(LEARNED[0], 1)
