"""Configurations: the published ones against the published numbers, our own format, and everything refused."""

from __future__ import annotations

import dataclasses
import json
import math

import pytest

from codesearch.codet5p.config import Architecture, CheckpointConfig, Pooling, SpecialTokens, StackConfig
from codesearch.codet5p.config_files import read_config, write_config
from codesearch.codet5p.errors import (
    CheckpointFileMissing,
    CheckpointInvalid,
    CheckpointUnreadable,
    CheckpointUnsupported,
)
from codesearch.codet5p.tensors import expected_shapes, tied_copies
from tests.codesearch.codet5p import folders

LARGE = {"d_model": 1024, "d_ff": 4096, "num_layers": 24, "num_decoder_layers": 24, "num_heads": 16, "d_kv": 64}
BASE = folders.PUBLISHED_SHAPE

OWN = CheckpointConfig(
    name="pair",
    encoder=StackConfig(Architecture.BERT, 100, 24, 40, 2, 4, 6, 1e-12, positions=64),
    decoder=StackConfig(Architecture.T5, 100, 32, 40, 1, 4, 8, 1e-6),
    pooling=Pooling.MEAN,
    projection=16,
    matching_head=True,
    max_tokens=64,
    query_tokens=32,
    passage_tokens=64,
    special=SpecialTokens(pad=0, bos=1, eos=2, unknown=3, mask=4, decoder_start=0, match=99),
)


# model type, shape, vocabulary, parameters, entries of the state dict with tied copies, dimension: as published
PUBLISHED = [
    ("t5", BASE, 32100, 222_882_048, 260, 768),
    ("codet5p_embedding", {**BASE, "embed_dim": 256}, 32103, 109_806_208, 102, 256),
    ("codet5p_bimodal", {**BASE, "embed_dim": 256}, 32103, 223_082_754, 264, 256),
    ("t5", LARGE, 32100, 737_639_424, 512, 1024),
]


@pytest.mark.parametrize(("model_type", "shape", "vocabulary", "parameters", "entries", "dimension"), PUBLISHED)
def test_published_sizes(tmp_path, model_type, shape, vocabulary, parameters, entries, dimension):
    """The tensors that each published checkpoint must hold add up to its published size."""
    folders.write_config(tmp_path, model_type, vocab_size=vocabulary, **shape)
    config = read_config(tmp_path)
    shapes = expected_shapes(config)
    assert sum(math.prod(shape) for shape in shapes.values()) == parameters
    assert len(shapes) + len(tied_copies(config)) == entries
    assert config.dimension == dimension


def test_published_fields(tmp_path):
    """A bimodal configuration gives the published token ids, limits and pooling."""
    folders.write_config(tmp_path, "codet5p_bimodal", vocab_size=32103, embed_dim=256, **BASE)
    config = read_config(tmp_path)
    special = SpecialTokens(0, 1, 2, 3, 4, 0, match=32100, text_start=32101, code_start=32102, sentinel=32099)
    assert config.special == special
    assert (config.max_tokens, config.query_tokens, config.passage_tokens) == (512, 64, 360)
    assert (config.pooling, config.matching_head, config.shares_embedding) == (Pooling.FIRST, True, True)
    assert config.encoder == config.decoder == StackConfig(Architecture.T5, 32103, 768, 3072, 12, 12, 64, 1e-6)


def test_plain_t5_has_sentinels_and_no_stage_two_tokens(tmp_path):
    """`<extra_id_k>` is 32099 - k in both vocabularies; only the two-stage one has [ENC]."""
    folders.write_config(tmp_path, "t5", vocab_size=32100, **BASE)
    config = read_config(tmp_path)
    special = config.special
    assert (special.sentinel, special.match, special.text_start, special.code_start) == (32099, None, None, None)
    assert (config.pooling, config.projection, config.matching_head) == (Pooling.MEAN, None, False)


def test_name_comes_from_the_hub_cache(tmp_path):
    """In the hub's cache the name is the repository's, not the revision's."""
    folder = tmp_path / "models--Salesforce--codet5p-220m" / "snapshots" / "abc123"
    folder.mkdir(parents=True)
    folders.write_config(folder, "t5")
    assert read_config(folder).name == "codet5p-220m"


def test_own_format_round_trip(tmp_path):
    """What `write_config` writes `read_config` reads, before any config.json beside it."""
    folders.write_config(tmp_path, "t5")
    encoder = dataclasses.replace(OWN, decoder=None, matching_head=False, projection=None)
    for config in (OWN, encoder, dataclasses.replace(OWN, writes=("summary",)), dataclasses.replace(OWN, writes=())):
        write_config(tmp_path, config)
        assert read_config(tmp_path) == config
    assert OWN.bridged
    assert not OWN.shares_embedding


def own_document(**changes):
    document = {"format": "codesearch-checkpoint", "version": 1, **dataclasses.asdict(OWN), **changes}
    return {key: value for key, value in document.items() if value != "absent"}


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("name", {"name": "absent"}),
        ("dropout", {"dropout": 0.1}),
        ("pooling", {"pooling": "last"}),
        ("encoder.architecture", {"encoder": {**dataclasses.asdict(OWN.encoder), "architecture": "gpt"}}),
        ("layers", {"encoder": {key: 1 for key in dataclasses.asdict(OWN.encoder) if key != "layers"}}),
        ("encoder.heads", {"encoder": {**dataclasses.asdict(OWN.encoder), "heads": 0}}),
        ("StackConfig", {"encoder": "bert"}),
        ("decoder.architecture", {"decoder": {**dataclasses.asdict(OWN.encoder), "architecture": "gpt"}}),
        ("decoder.head_size", {"decoder": {**dataclasses.asdict(OWN.encoder), "heads": 3}}),
        ("decoder.positions", {"decoder": {**dataclasses.asdict(OWN.encoder), "positions": 9}}),
        ("matching_head", {"special": {**dataclasses.asdict(OWN.special), "match": None}}),
        ("special.decoder_start", {"special": {**dataclasses.asdict(OWN.special), "decoder_start": None}}),
        ("passage_tokens", {"passage_tokens": 2}),
        ("writes", {"writes": ["poems"]}),
        ("writes", {"writes": "summary"}),
    ],
)
def test_own_format_names_the_wrong_field(tmp_path, field, changes):
    """An absent, unknown or impossible field is named in the error."""
    (tmp_path / "checkpoint.json").write_text(json.dumps(own_document(**changes)))
    with pytest.raises(CheckpointInvalid) as caught:
        read_config(tmp_path)
    assert caught.value.field == field


@pytest.mark.parametrize(
    ("file", "document", "field", "found"),
    [
        ("checkpoint.json", own_document(version=2), "version", 2),
        ("checkpoint.json", own_document(format="other"), "format", "other"),
        ("config.json", {"model_type": "roberta"}, "model_type", "roberta"),
        ("config.json", {}, "model_type", None),
    ],
)
def test_unknown_kinds_are_refused(tmp_path, file, document, field, found):
    """Another model type, format or version is an error that says what was found and what would do."""
    (tmp_path / file).write_text(json.dumps(document))
    with pytest.raises(CheckpointUnsupported) as caught:
        read_config(tmp_path)
    assert (caught.value.field, caught.value.found) == (field, found)
    assert caught.value.supported


@pytest.mark.parametrize(
    ("field", "value"),
    [("feed_forward_proj", "gated-gelu"), ("tie_word_embeddings", False), ("d_model", "wide"), ("num_heads", None)],
)
def test_published_configurations_that_we_cannot_compute(tmp_path, field, value):
    """Fields that would need another computation are refused, never ignored."""
    folders.write_config(tmp_path, "t5", **{field: value})
    with pytest.raises(CheckpointInvalid) as caught:
        read_config(tmp_path)
    assert (caught.value.field, caught.value.found) == (field, value)


@pytest.mark.parametrize("text", ["{", "[1]", "\xff"])
def test_damaged_files(tmp_path, text):
    """A file that is not a JSON object is reported with its path."""
    path = tmp_path / "config.json"
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(CheckpointUnreadable) as caught:
        read_config(tmp_path)
    assert caught.value.path == path


def test_empty_folder(tmp_path):
    """A folder without a configuration says which files would do."""
    with pytest.raises(CheckpointFileMissing) as caught:
        read_config(tmp_path)
    assert caught.value.names == ("checkpoint.json", "config.json")
