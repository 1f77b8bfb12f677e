"""Tensor files in every published form, and every way in which they can be wrong."""

from __future__ import annotations

import dataclasses
import json
import pickle
import subprocess
import sys
import tracemalloc

import numpy as np
import pytest
import torch

from codesearch.codet5p.checkpoint import read_encoder_tensors, read_tensors, read_tensors_numpy, write_checkpoint
from codesearch.codet5p.config_files import read_config
from codesearch.codet5p.errors import CheckpointFileMissing, CheckpointUnreadable, TensorsMismatch
from codesearch.codet5p.tensors import expected_shapes
from tests.codesearch.codet5p import folders


def same(found, tensors):
    return found.keys() == tensors.keys() and all(np.array_equal(found[name], tensors[name]) for name in tensors)


@pytest.mark.parametrize("dtype", ["float32", "float16", "bfloat16"])
@pytest.mark.parametrize("copies", [True, False])
@pytest.mark.parametrize("file", ["pytorch_model.bin", "model.safetensors"])
@pytest.mark.parametrize("model_type", ["t5", "codet5p_embedding", "codet5p_bimodal"])
def test_every_published_form(tmp_path, model_type, file, copies, dtype):
    """With and without tied copies, pickled or not, in any precision: the same names, in float32."""
    config, tensors = folders.published(tmp_path, model_type, file=file, copies=copies, dtype=dtype)
    stored = {
        name: torch.from_numpy(tensor).to(getattr(torch, dtype)).float().numpy() for name, tensor in tensors.items()
    }
    assert same(read_tensors_numpy(tmp_path), stored)
    found = read_tensors(tmp_path, config, torch.float32)
    assert same({name: tensor.numpy() for name, tensor in found.items()}, stored)
    part = {name: stored[name] for name in expected_shapes(config.encoder_part)}
    assert same(read_encoder_tensors(tmp_path), part)


def test_sharded_safetensors(tmp_path):
    """The shards that the index names are read as one."""
    config, tensors = folders.published(tmp_path, "codet5p_embedding")
    (tmp_path / "pytorch_model.bin").unlink()
    names = sorted(tensors)
    shards = {"model-00001-of-00002.safetensors": names[::2], "model-00002-of-00002.safetensors": names[1::2]}
    for shard, part in shards.items():
        folders.write_weights(tmp_path, {name: tensors[name] for name in part}, config, file=shard, copies=False)
    index = {"weight_map": {name: shard for shard, part in shards.items() for name in part}}
    (tmp_path / "model.safetensors.index.json").write_text(json.dumps(index))
    assert same(read_tensors_numpy(tmp_path), tensors)
    assert same(read_encoder_tensors(tmp_path), tensors)
    (tmp_path / "model-00002-of-00002.safetensors").unlink()
    with pytest.raises(CheckpointFileMissing) as caught:
        read_tensors_numpy(tmp_path)
    assert caught.value.names == ("model-00002-of-00002.safetensors",)


@pytest.mark.parametrize("file", ["pytorch_model.bin", "model.safetensors"])
def test_table_under_a_copy_s_name(tmp_path, file):
    """A file that kept only the output table still has the embedding table."""
    config, tensors = folders.published(tmp_path, "t5")
    (tmp_path / "pytorch_model.bin").unlink()
    shared = tensors.pop("shared.weight")
    folders.write_weights(tmp_path, {**tensors, "lm_head.weight": shared}, config, file, copies=False)
    tensors["shared.weight"] = shared
    assert same(read_tensors_numpy(tmp_path), tensors)
    assert same(read_encoder_tensors(tmp_path), {name: tensors[name] for name in expected_shapes(config.encoder_part)})


def test_the_encoder_s_reader_reads_no_decoder(tmp_path):
    """Beside a decoder of 8 MB, reading the encoder takes less than 1 MB; a wrong tensor there is still found."""
    config, tensors = folders.published(tmp_path, "codet5p_bimodal", file="model.safetensors", copies=False)
    decoder = dataclasses.replace(config.decoder, feed_forward_size=80_000, layers=1)
    config = dataclasses.replace(config, decoder=decoder)
    tensors = folders.random_tensors(config)
    write_checkpoint(tmp_path, config, tensors, (tmp_path / "tokenizer.json").read_text())
    (tmp_path / "decoder.safetensors").unlink()
    folders.write_weights(tmp_path, tensors, config, "model.safetensors", dtype="float16", copies=False)  # in one file
    assert (tmp_path / "model.safetensors").stat().st_size > 7_500_000

    def peak(read):
        tracemalloc.start()
        try:
            read(tmp_path)
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    read_encoder_tensors(tmp_path)  # the imports of the first call are not measured
    assert peak(read_encoder_tensors) < 1_000_000
    assert peak(read_tensors_numpy) > 7_500_000
    folders.write_weights(tmp_path, {**tensors, "decoder.queue": np.ones(1, "f4")}, config, "model.safetensors")
    with pytest.raises(TensorsMismatch) as caught:
        read_encoder_tensors(tmp_path)
    assert caught.value.unexpected == ("decoder.queue",)


def test_every_missing_and_unexpected_tensor_is_named(tmp_path):
    """The error lists all names that are missing, unexpected or of another shape."""
    config, tensors = folders.published(tmp_path, "codet5p_bimodal")
    del tensors["proj.bias"], tensors["decoder.final_layer_norm.weight"]
    tensors["itm_head.weight"] = tensors["itm_head.weight"][:1]
    tensors |= {"temp": np.ones(1, "f4"), "queue": np.ones(2, "f4")}
    folders.write_weights(tmp_path, tensors, config)
    with pytest.raises(TensorsMismatch) as caught:
        read_tensors(tmp_path, config, torch.float32)
    assert caught.value.missing == ("decoder.final_layer_norm.weight", "proj.bias")
    assert caught.value.unexpected == ("queue", "temp")
    assert caught.value.reshaped == (("itm_head.weight", (2, 24), (1, 24)),)


def test_an_untied_copy_is_named(tmp_path):
    """A copy of the table that differs from it means another kind of checkpoint, and is no detail to drop."""
    config, tensors = folders.published(tmp_path, "t5")
    other = tensors["shared.weight"] + 1
    folders.write_weights(tmp_path, {**tensors, "lm_head.weight": other}, config, copies=False)
    with pytest.raises(TensorsMismatch) as caught:
        read_tensors_numpy(tmp_path)
    assert caught.value.untied == ("lm_head.weight",)


def test_unused_bias_of_old_files_is_ignored(tmp_path):
    """The cross-attention bias table of old T5 files, which nothing uses, is no surprise."""
    config, tensors = folders.published(tmp_path, "t5")
    unused = "decoder.block.0.layer.1.EncDecAttention.relative_attention_bias.weight"
    folders.write_weights(tmp_path, {**tensors, unused: np.ones((32, 4), "f4")}, config)
    assert same(read_tensors_numpy(tmp_path), tensors)


class _Harmful:
    def __reduce__(self):
        return (open, ("harm", "w"))


def test_a_pickle_runs_nothing(tmp_path, monkeypatch):
    """A weight file that holds more than tensors is refused without running any of it."""
    folders.published(tmp_path, "t5")
    monkeypatch.chdir(tmp_path)
    for content in (pickle.dumps(_Harmful(), protocol=2), b"not a pickle", b""):
        (tmp_path / "pytorch_model.bin").write_bytes(content)
        with pytest.raises(CheckpointUnreadable):
            read_tensors_numpy(tmp_path)
    torch.save({"shared.weight": _Harmful()}, tmp_path / "pytorch_model.bin")
    with pytest.raises(CheckpointUnreadable):
        read_tensors_numpy(tmp_path)
    assert not (tmp_path / "harm").exists()


def test_a_cut_file(tmp_path):
    """An interrupted download is unreadable, whichever format it has."""
    for file in ("pytorch_model.bin", "model.safetensors"):
        folder = tmp_path / file
        folders.published(folder, "t5", file=file, copies=False)
        content = (folder / file).read_bytes()
        (folder / file).write_bytes(content[: len(content) // 2])
        with pytest.raises(CheckpointUnreadable):
            read_tensors_numpy(folder)


def test_no_weights(tmp_path):
    """A folder without weights says which files would do."""
    folders.write_config(tmp_path, "t5")
    with pytest.raises(CheckpointFileMissing) as caught:
        read_tensors_numpy(tmp_path)
    assert caught.value.names == ("model.safetensors", "model.safetensors.index.json", "pytorch_model.bin")


def test_own_format_keeps_half_precision(tmp_path):
    """A written checkpoint is read back, rounded to half precision, and takes two bytes a number; in two files."""
    config, tensors = folders.published(tmp_path / "published", "codet5p_bimodal")
    text = (tmp_path / "published" / "tokenizer.json").read_text()
    as_torch = {name: torch.from_numpy(tensor) for name, tensor in tensors.items()}
    for given, target in ((tensors, tmp_path / "numpy"), (as_torch, tmp_path / "torch")):
        write_checkpoint(target, config, given, text)
        assert read_config(target) == config
        assert same(read_tensors_numpy(target), {name: tensor.astype("f2") for name, tensor in tensors.items()})
        numbers = sum(tensor.size for tensor in tensors.values())
        sizes = [(target / file).stat().st_size for file in ("model.safetensors", "decoder.safetensors")]
        assert 2 * numbers < sum(sizes) < 2.3 * numbers
        assert sorted(path.name for path in target.iterdir()) == [
            "checkpoint.json",
            "decoder.safetensors",
            "model.safetensors",
            "tokenizer.json",
        ]
    part = config.encoder_part
    write_checkpoint(target, part, {name: tensors[name] for name in expected_shapes(part)}, text)
    assert not (target / "decoder.safetensors").exists(), "the decoder of what was here before"
    with pytest.raises(TensorsMismatch):
        write_checkpoint(tmp_path / "numpy", config, {"proj.bias": tensors["proj.bias"]}, text)


def test_own_format_needs_no_torch(tmp_path):
    """Configuration, tensors, tokenizer, registry and the package itself load neither torch nor transformers."""
    config, tensors = folders.published(tmp_path / "published", "codet5p_embedding")
    target = tmp_path / "own"
    write_checkpoint(target, config, tensors, (tmp_path / "published" / "tokenizer.json").read_text())
    program = """
import sys
from pathlib import Path
from codesearch.codet5p import find_model
from codesearch.codet5p.checkpoint import read_tensors_numpy
from codesearch.codet5p.config_files import read_config
from codesearch.codet5p.registry import fingerprint
from codesearch.codet5p.tokenizer import load_tokenizer
folder = find_model(sys.argv[1])
print(len(read_tensors_numpy(folder)), fingerprint("x", folder))
print(load_tokenizer(folder, read_config(folder)).encode(["def"], 9))
print(sorted({"torch", "transformers"} & sys.modules.keys()))
"""
    done = subprocess.run([sys.executable, "-c", program, str(target)], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"
