"""Finding models by name, and telling checkpoints apart."""

from __future__ import annotations

import pytest

from codesearch.codet5p.checkpoint import write_checkpoint
from codesearch.codet5p.config import Pooling
from codesearch.codet5p.config_files import read_config, write_config
from codesearch.codet5p.errors import ModelNotFound
from codesearch.codet5p.fingerprints import name_in_fingerprint
from codesearch.codet5p.registry import (
    automatic_model,
    decoder_fingerprint,
    find_model,
    fingerprint,
    hub_cache,
    list_models,
)
from codesearch.codet5p.tensors import expected_shapes
from tests.codesearch.codet5p import folders


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """Point the program at an empty hub cache."""
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))
    return tmp_path / "hub"


def cached(cache, repository, revision, model_type="t5"):
    """Write a checkpoint as the hub's client keeps it; `repository` is like Salesforce--NAME."""
    folder = cache / f"models--{repository}" / "snapshots" / revision
    folders.published(folder, model_type)
    return folder


def point_main_at(cache, repository, revision):
    refs = cache / f"models--{repository}" / "refs"
    refs.mkdir(parents=True)
    (refs / "main").write_text(revision)


def test_where_the_hub_s_cache_is(monkeypatch, tmp_path):
    """The variables of the hub's own client, in its order."""
    for variable in ("HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE", "HF_HOME", "XDG_CACHE_HOME"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    assert hub_cache() == tmp_path / ".cache" / "huggingface" / "hub"
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    assert hub_cache() == tmp_path / "xdg" / "huggingface" / "hub"
    monkeypatch.setenv("HF_HOME", str(tmp_path / "home"))
    assert hub_cache() == tmp_path / "home" / "hub"
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "cache"))
    assert hub_cache() == tmp_path / "cache"


def test_main_is_preferred(cache):
    """Of several revisions the one that main points at is taken, by short and by full name."""
    repository = "Salesforce--codet5p-220m"
    main, other = cached(cache, repository, "aaa"), cached(cache, repository, "bbb")
    point_main_at(cache, repository, "aaa")
    assert find_model("codet5p-220m") == find_model("Salesforce/codet5p-220m") == main
    (main / "pytorch_model.bin").unlink()
    assert find_model("codet5p-220m") == other


def test_models_of_other_publishers_and_folders(cache, tmp_path):
    """`PUBLISHER/NAME` is looked up in the cache, anything else as a folder."""
    there = cached(cache, "someone--own-encoder", "ccc")
    assert find_model("someone/own-encoder") == there
    assert find_model(str(there)) == there


def test_what_is_not_there_says_where_it_was_looked_for(cache, tmp_path):
    """The error holds the places, also where only some of the files are there."""
    for name, place in [
        ("codet5p-770m", cache / "models--Salesforce--codet5p-770m"),
        ("someone/else", cache / "models--someone--else"),
        (str(tmp_path / "nowhere"), tmp_path / "nowhere"),
    ]:
        with pytest.raises(ModelNotFound) as caught:
            find_model(name)
        assert caught.value.name == name
        assert place in caught.value.searched
    partial = tmp_path / "partial"
    folders.published(partial, "t5")
    (partial / "merges.txt").unlink()
    with pytest.raises(ModelNotFound):
        find_model(str(partial))


def test_listing(cache):
    """Every known model is listed with its place, there or not; without a GPU the bundled one is the default."""
    here = cached(cache, "Salesforce--codet5p-110m-embedding", "ddd", "codet5p_embedding")
    listed = {status.name: status for status in list_models()}
    assert next(iter(listed)) == "bundled"
    assert {"codet5p-220m-bimodal", "codet5p-110m-embedding", "codet5p-220m", "codet5p-770m"} < listed.keys()
    embedding, bimodal = listed["codet5p-110m-embedding"], listed["codet5p-220m-bimodal"]
    assert (embedding.present, embedding.location, embedding.dimension) == (True, str(here), 256)
    assert (bimodal.present, bimodal.location) == (False, str(cache / "models--Salesforce--codet5p-220m-bimodal"))
    assert [status.name for status in listed.values() if status.default] == ["bundled"]


def test_the_full_quality_needs_a_gpu(cache):
    """With the weights there, auto follows the GPU."""
    import torch

    cached(cache, "Salesforce--codet5p-220m-bimodal", "eee", "codet5p_bimodal")
    assert automatic_model() == ("codet5p-220m-bimodal" if torch.cuda.is_available() else "bundled")


def test_fingerprint_follows_what_is_computed(tmp_path):
    """Other weights, other tokens or another pooling are another fingerprint; a copy elsewhere is the same."""
    import dataclasses

    made = {}
    for copy, seed in (("one", 0), ("same", 0), ("other", 1)):
        folders.published(tmp_path / copy, "codet5p_embedding", seed=seed, file="model.safetensors", copies=False)
        made[copy] = fingerprint("name", tmp_path / copy)
    assert made["one"] == made["same"] != made["other"]
    assert name_in_fingerprint(made["one"]) == name_in_fingerprint(made["one"] + "-int8") == "name"
    assert fingerprint("a@b", tmp_path / "one") == made["one"].replace("name@", "a@b@")
    assert name_in_fingerprint("a@b@00") == "a@b"

    (tmp_path / "same" / "merges.txt").write_text("#version: 0.2\n")
    assert fingerprint("name", tmp_path / "same") != made["one"]
    config = dataclasses.replace(read_config(tmp_path / "one"), name="another")
    write_config(tmp_path / "one", config)
    assert fingerprint("name", tmp_path / "one") == made["one"], "the configuration's name is not computed with"
    write_config(tmp_path / "one", dataclasses.replace(config, pooling=Pooling.MEAN))
    assert fingerprint("name", tmp_path / "one") != made["one"]


def test_another_decoder_keeps_the_embeddings(tmp_path):
    """Our own format keeps the decoder apart: with a better one, embeddings are still those of this model."""
    config, tensors = folders.published(tmp_path / "published", "codet5p_bimodal")
    tokenizer = (tmp_path / "published" / "tokenizer.json").read_text()
    encoder = expected_shapes(config.encoder_part)
    better = {name: tensor if name in encoder else tensor + 1 for name, tensor in tensors.items()}
    other = {name: tensor + 1 if name in encoder else tensor for name, tensor in tensors.items()}
    marks, whole = {}, {}
    for name, written in (("one", tensors), ("better", better), ("other", other)):
        write_checkpoint(tmp_path / name, config, written, tokenizer)
        marks[name], whole[name] = fingerprint("m", tmp_path / name), decoder_fingerprint("m", tmp_path / name)
    part = {name: tensors[name] for name in encoder}
    write_checkpoint(tmp_path / "alone", config.encoder_part, part, tokenizer)
    assert marks["one"] == marks["better"] == fingerprint("m", tmp_path / "alone")
    assert marks["one"] != marks["other"]
    assert len(set(whole.values())) == len(whole)


def test_fingerprint_of_a_cut_file(tmp_path):
    """A weight file that lost its end is another one."""
    folders.published(tmp_path, "t5")
    whole = fingerprint("name", tmp_path)
    weights = tmp_path / "pytorch_model.bin"
    weights.write_bytes(weights.read_bytes()[:-1])
    assert fingerprint("name", tmp_path) != whole
