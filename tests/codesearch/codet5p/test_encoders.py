"""The PyTorch runtime, the choice of a runtime, and how close the runtimes of the bundled checkpoint are."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from codesearch.codet5p import encoders
from codesearch.codet5p.cpu_encoder import CpuEncoder
from codesearch.codet5p.encoders import QueryOnCpuEncoder, find_encoder, load_encoder
from codesearch.codet5p.errors import DeviceUnavailable, ModelNotFound
from codesearch.codet5p.golden import read_golden
from codesearch.codet5p.gpu_encoder import TorchEncoder
from codesearch.codet5p.network import Network
from codesearch.codet5p.quantisation import Precision
from codesearch.codet5p.registry import BUNDLED, find_model
from codesearch.codet5p.tokenizer import load_tokenizer
from tests.codesearch.codet5p import folders, reference

PROJECT = Path(__file__).parents[3]
TEXTS = ["def add(left, right):\n    return left + right", "", "return", "a " * 40, "é ∑ 漢字 \x00 </s> <pad>"]


pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory):
    """Write a small random CodeT5+: its folder, configuration and tensors."""
    folder = tmp_path_factory.mktemp("checkpoint")
    return folder, *folders.published(folder, "codet5p_embedding", file="model.safetensors")


@pytest.fixture(scope="module")
def bundled(tmp_path_factory):
    """Return the bundled checkpoint's encoders by precision, their graphs made once."""
    cache = tmp_path_factory.mktemp("graphs")
    folder = find_model(BUNDLED)
    return {one: CpuEncoder(BUNDLED, folder, cache, one) for one in (Precision.INT8, Precision.FLOAT32)}


def functions():
    """Return 30 passages of real code and prose: pieces of 10 lines of this project's own files."""
    files = [PROJECT / "indexer" / "encoder.py", PROJECT / "store" / "errors.py", *(PROJECT / "store").glob("r*.py")]
    lines = [line for file in files for line in file.read_text(encoding="utf-8").splitlines()]
    return ["\n".join(lines[start : start + 10]) for start in range(0, 300, 10)]


@pytest.mark.parametrize("batch_tokens", [4, 10_000])
def test_torch_equals_the_reference(checkpoint, batch_tokens):
    """Float32 on the CPU, one text or all in a batch, in the order of the texts."""
    folder, config, tensors = checkpoint
    encoder = TorchEncoder("small", folder, "cpu", batch_tokens)
    ids = load_tokenizer(folder, config).encode(TEXTS, config.passage_tokens)
    expected = np.stack([reference.embed(tensors, config, one) for one in ids])
    assert np.abs(encoder.encode_passages(TEXTS) - expected).max() < 2e-5
    assert np.abs(encoder.encode_query(TEXTS[0]) - expected[0]).max() < 2e-5
    assert encoder.encode_passages([]).shape == (0, config.dimension)


def test_runtimes_share_a_fingerprint(checkpoint, tmp_path):
    """An index made with one is answered by the other, since their vectors are the same but for rounding."""
    on_torch, on_cpu = TorchEncoder("small", checkpoint[0], "cpu"), CpuEncoder("small", checkpoint[0], tmp_path)
    assert on_torch.fingerprint == on_cpu.fingerprint
    assert on_torch.dimension == on_cpu.dimension
    cosines = (on_torch.encode_passages(TEXTS) * on_cpu.encode_passages(TEXTS)).sum(axis=1)
    assert cosines.min() > 0.98  # 24 dimensions of random weights: rounding averages out less than in a real encoder


def test_a_batch_beyond_the_memory_is_halved(checkpoint, monkeypatch):
    """A device that holds two texts at a time gives the same vectors; one that holds none says so."""
    encoder = TorchEncoder("small", checkpoint[0], "cpu", 10_000)
    expected = encoder.encode_passages(TEXTS)
    embed, room = Network.embed, 2

    def limited(network, ids, mask):
        if len(ids) > room:
            raise torch.OutOfMemoryError
        return embed(network, ids, mask)

    monkeypatch.setattr(Network, "embed", limited)
    assert np.abs(encoder.encode_passages(TEXTS) - expected).max() < 1e-5
    room = 0
    with pytest.raises(torch.OutOfMemoryError):
        encoder.encode_passages(TEXTS)


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
def test_bfloat16_on_a_gpu_is_close(bundled):
    """Mean cosine of GPU vectors to float32 above .999."""
    encoder = TorchEncoder(BUNDLED, find_model(BUNDLED))
    cosines = (encoder.encode_passages(functions()) * bundled[Precision.FLOAT32].encode_passages(functions())).sum(1)
    assert cosines.mean() > 0.999


class _Fake:
    """An encoder whose vectors say who made them."""

    fingerprint, dimension = "fake@1", 1

    def __init__(self, value):
        self.value = value

    def encode_query(self, text):
        return np.array([self.value], np.float32)

    def encode_passages(self, texts):
        return np.full((len(texts), 1), self.value, np.float32)


def test_queries_stay_on_the_cpu_and_passages_move():
    """With a start that costs nothing the GPU takes the passages; with an endless one it is never loaded."""
    at_once = QueryOnCpuEncoder(_Fake(1), lambda: _Fake(2), start_seconds=0)
    assert at_once.encode_passages(["a", "b"]).tolist() == [[2], [2]]
    assert at_once.encode_query("a").tolist() == [1]
    never = QueryOnCpuEncoder(_Fake(1), lambda: pytest.fail("loaded"), start_seconds=float("inf"))
    assert [never.encode_passages(["a"]).tolist() for _ in range(3)] == [[[1]]] * 3


def test_the_gpu_is_asked_for_once_and_may_be_absent():
    """A driver without a usable device: the CPU goes on, and torch is not asked again."""
    asked = []
    encoder = QueryOnCpuEncoder(_Fake(1), lambda: asked.append(1), start_seconds=0)
    assert [encoder.encode_passages(["a"]).tolist() for _ in range(3)] == [[[1]]] * 3
    assert asked == [1]
    assert (encoder.fingerprint, encoder.dimension) == ("fake@1", 1)


def test_choosing_a_device(checkpoint, tmp_path, monkeypatch):
    """Auto looks for a driver, cpu does not, cuda insists, anything else is refused."""
    name = str(checkpoint[0])
    monkeypatch.setattr(encoders, "nvidia_device_likely", lambda: True)
    assert isinstance(load_encoder(name, cache_folder=tmp_path), QueryOnCpuEncoder)
    assert isinstance(load_encoder(name, cache_folder=tmp_path, device="cpu"), CpuEncoder)
    monkeypatch.setattr(encoders, "nvidia_device_likely", lambda: False)
    assert isinstance(load_encoder(name, cache_folder=tmp_path), CpuEncoder)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(DeviceUnavailable):
        load_encoder(name, cache_folder=tmp_path, device="cuda")
    with pytest.raises(ValueError, match="device"):
        load_encoder(name, cache_folder=tmp_path, device="tpu")
    with pytest.raises(ModelNotFound):
        load_encoder(str(tmp_path / "nowhere"), cache_folder=tmp_path)


def test_what_is_known_before_loading_is_what_is_loaded(checkpoint, tmp_path):
    """The fingerprint and the dimension of a checkpoint, the bundled one and a folder, are those of its encoder."""
    for name in (BUNDLED, str(checkpoint[0])):
        found = find_encoder(name)
        encoder = load_encoder(found, cache_folder=tmp_path, device="cpu")
        assert (found.fingerprint, found.dimension) == (encoder.fingerprint, encoder.dimension)
        assert found.name == name
    with pytest.raises(ModelNotFound):
        find_encoder(str(tmp_path / "nowhere"))


def test_the_front_door_loads_no_runtime_before_it_is_asked():
    """Importing the package loads neither torch nor onnxruntime, in a fresh process."""
    program = "import sys, json, codesearch.codet5p; print(json.dumps(list(sys.modules)))"
    shown = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=PROJECT)
    assert not set(json.loads(shown.stdout)) & {"torch", "transformers", "onnx", "onnxruntime", "tokenizers"}


def test_the_bundled_encoder_computes_its_golden_vectors(bundled):
    """Float32 within rounding of half-precision weights; int8 within the noise of eight bits."""
    for golden in read_golden(find_model(BUNDLED)).vectors:
        expected = np.array(golden.values)
        exact, integers = (
            bundled[one].encode_passages([golden.text])[0] for one in (Precision.FLOAT32, Precision.INT8)
        )
        assert np.abs(exact - expected).max() < 1e-3
        assert integers @ expected > 0.99


def test_integers_are_close_on_real_code(bundled):
    """Mean cosine at least .997 and smallest .995 between int8 and float32; the nearest as near, within .02."""
    exact, integers = (bundled[one].encode_passages(functions()) for one in (Precision.FLOAT32, Precision.INT8))
    cosines = (exact * integers).sum(axis=1)
    assert cosines.mean() > 0.997
    assert cosines.min() > 0.995
    similarities = exact @ exact.T - 2 * np.eye(len(exact))
    chosen = (integers @ integers.T - 2 * np.eye(len(exact))).argmax(axis=1)
    assert (similarities.max(axis=1) - similarities[np.arange(len(exact)), chosen]).max() < 0.02
