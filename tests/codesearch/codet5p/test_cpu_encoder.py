"""The CPU runtime: batches, limits, its kept graphs, and what it loads."""

from __future__ import annotations

import dataclasses
import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from codesearch.codet5p.batches import plan_batches
from codesearch.codet5p.config_files import write_config
from codesearch.codet5p.cpu_batches import physical_cores
from codesearch.codet5p.cpu_encoder import CpuEncoder
from codesearch.codet5p.graph_cache import exact_session
from codesearch.codet5p.quantisation import Precision
from codesearch.codet5p.tokenizer import load_tokenizer
from tests.codesearch.codet5p import folders, reference

TEXTS = [
    "def add(left, right):\n    return left + right",
    "",
    "return",
    "class Stack:\n" + "    def level(self):\n        return len(self.items)\n" * 3,
    "é ∑ 漢字 \x00 </s> <pad>",
    "a " * 40,
]


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory):
    """Write a small random CodeT5+: its folder, configuration and tensors."""
    folder = tmp_path_factory.mktemp("checkpoint")
    config, tensors = folders.published(folder, "codet5p_embedding", file="model.safetensors")
    return folder, config, tensors


@pytest.fixture
def cache(tmp_path):
    return tmp_path / "cache"


def graphs(cache):
    return sorted(cache.glob("*"))


def test_vectors_equal_the_reference_in_the_order_of_the_texts(checkpoint, cache):
    """Float32 through the tokenizer and mixed batches, several threads, against numpy."""
    folder, config, tensors = checkpoint
    encoder = CpuEncoder("small", folder, cache, Precision.FLOAT32, threads=3)
    ids = load_tokenizer(folder, config).encode(TEXTS, config.passage_tokens)
    expected = np.stack([reference.embed(tensors, config, one) for one in ids])
    assert np.abs(encoder.encode_passages(TEXTS) - expected).max() < 1e-4
    assert encoder.dimension == 12
    assert encoder.fingerprint.startswith("small@")


def test_nothing_to_encode(checkpoint, cache):
    """No texts give no rows, and an empty text gives a unit vector."""
    encoder = CpuEncoder("small", checkpoint[0], cache)
    assert encoder.encode_passages([]).shape == (0, 12)
    assert np.linalg.norm(encoder.encode_query("")) == pytest.approx(1, abs=1e-5)


def test_company_and_threads_do_not_matter(checkpoint, cache):
    """In int8, in one batch, alone, and from several threads at once, a text has one vector."""
    encoder = CpuEncoder("small", checkpoint[0], cache, threads=2)
    together = encoder.encode_passages(TEXTS * 30)[: len(TEXTS)]
    with ThreadPoolExecutor(4) as pool:
        alone = np.concatenate(list(pool.map(lambda text: encoder.encode_passages([text]), TEXTS)))
    assert (together * alone).sum(axis=1).min() > 1 - 1e-4


def test_texts_are_cut_at_the_limits(checkpoint, cache, tmp_path):
    """Passages and queries each at their own limit, a text of a megabyte like its beginning."""
    folder, config, tensors = checkpoint
    short = tmp_path / "short"
    folders.published(short, "codet5p_embedding", file="model.safetensors")
    write_config(short, dataclasses.replace(config, query_tokens=8, passage_tokens=20))
    encoder = CpuEncoder("short", short, cache, Precision.FLOAT32)
    text = "b c d e f g " * 100_000
    [ids] = load_tokenizer(folder, config).encode([text[:200]], 100)
    for limit, vector in ((8, encoder.encode_query(text)), (20, encoder.encode_passages([text])[0])):
        expected = reference.embed(tensors, config, [*ids[: limit - 1], config.special.eos])
        assert np.abs(vector - expected).max() < 1e-4


def test_the_graph_is_kept(checkpoint, cache):
    """A second encoder writes nothing, and a precision has its own file."""
    first = CpuEncoder("small", checkpoint[0], cache).encode_passages(TEXTS)
    [kept] = graphs(cache)
    before = kept.stat().st_ino
    assert np.array_equal(CpuEncoder("other name", checkpoint[0], cache).encode_passages(TEXTS), first)
    assert [path.stat().st_ino for path in graphs(cache)] == [before]
    CpuEncoder("small", checkpoint[0], cache, Precision.FLOAT32)
    assert len(graphs(cache)) == 2


@pytest.mark.parametrize("damage", ["cut", "emptied", "one bit"])
def test_a_damaged_graph_is_made_anew(checkpoint, cache, damage):
    """Never run, never an error: the vectors are those of before and the file is whole again."""
    first = CpuEncoder("small", checkpoint[0], cache).encode_passages(TEXTS)
    [kept] = graphs(cache)
    whole = kept.read_bytes()
    middle = len(whole) // 2
    flipped = whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1 :]
    kept.write_bytes({"cut": whole[:middle], "emptied": b"", "one bit": flipped}[damage])
    assert np.array_equal(CpuEncoder("small", checkpoint[0], cache).encode_passages(TEXTS), first)
    assert [path.read_bytes() for path in graphs(cache)] == [whole]


def test_another_checkpoint_has_another_graph(checkpoint, cache, tmp_path):
    """A retrained checkpoint in the same place is not answered with the old one's graph."""
    folder = tmp_path / "retrained"
    folders.published(folder, "codet5p_embedding", file="model.safetensors")
    before = CpuEncoder("small", folder, cache)
    folders.published(folder, "codet5p_embedding", seed=1, file="model.safetensors")
    after = CpuEncoder("small", folder, cache)
    assert before.fingerprint != after.fingerprint
    assert before.encode_query("return a") @ after.encode_query("return a") < 0.9


def test_a_cache_that_cannot_be_written_is_done_without(checkpoint, tmp_path):
    """A file where the folder should be: the graph is used from memory."""
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    vectors = CpuEncoder("small", checkpoint[0], blocked).encode_passages(TEXTS)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert blocked.read_text() == "not a folder"


class _FakeCache:
    """Sessions whose probe is off by one saturated pair of products."""

    def session(self, precision):
        return _FakeSession(precision)


class _FakeSession:
    def __init__(self, precision):
        self.precision = precision

    def run(self, outputs, feeds):
        return [np.array([[self.precision.probe_value - 2 * 255 * 127 + 32767]], np.float32)]


def test_a_processor_that_overflows_gets_seven_bits():
    """INT8 falls back to INT7 where the probe is wrong; other precisions are taken as they are."""
    for asked, given in ((Precision.INT8, Precision.INT7), (Precision.FLOAT32, Precision.FLOAT32)):
        session, precision = exact_session(_FakeCache(), asked)
        assert session.precision is precision is given


def test_batches_are_worked_out_by_hand():
    """By length, at most 12 tokens with padding, a longer text alone."""
    assert plan_batches([5, 1, 20, 4, 6, 4], 12) == [[1, 3, 5], [0, 4], [2]]
    assert plan_batches([], 12) == []


def test_there_is_a_core():
    """At least one, and no more than the processors there are."""
    import os

    assert 1 <= physical_cores() <= (os.cpu_count() or 1)


def test_a_query_loads_neither_torch_nor_onnx(checkpoint, cache):
    """In a fresh process with a kept graph, encoding loads tokenizers, numpy and onnxruntime only."""
    CpuEncoder("small", checkpoint[0], cache)
    program = (
        "import sys, json; from pathlib import Path\n"
        "from codesearch.codet5p.cpu_encoder import CpuEncoder\n"
        "CpuEncoder('small', Path(sys.argv[1]), Path(sys.argv[2])).encode_query('a')\n"
        "print(json.dumps([name for name in sys.modules if '.' not in name]))"
    )
    command = [sys.executable, "-c", program, str(checkpoint[0]), str(cache)]
    shown = subprocess.run(command, capture_output=True, text=True, check=True, cwd=Path(__file__).parents[3])
    loaded = set(json.loads(shown.stdout))
    assert "onnxruntime" in loaded
    assert not loaded & {"torch", "transformers", "onnx", "safetensors"}
