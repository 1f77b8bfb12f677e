"""Conversion to our own format, and the golden values that go with it."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch

from codesearch.codet5p.checkpoint import read_tensors_numpy
from codesearch.codet5p.config import Architecture, CheckpointConfig, Pooling, SpecialTokens, StackConfig
from codesearch.codet5p.config_files import read_config
from codesearch.codet5p.convert import convert
from codesearch.codet5p.errors import CheckpointFileMissing, CheckpointInvalid, ModelNotFound
from codesearch.codet5p.golden import read_golden
from codesearch.codet5p.registry import find_model
from codesearch.codet5p.verify import verify, verify_folder
from tests.codesearch.codet5p import folders, reference

WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a", "date", "parse", "##d", "return", "[", "]", "cls"]
BERT = StackConfig(Architecture.BERT, len(WORDS), 24, 40, 2, 4, 6, 1e-12, positions=32)


def sentence_transformer(folder, **pooling):
    """Write a small folder in the layout of sentence-transformers, with a pooler and its tokenizer's own padding."""
    from safetensors.torch import save_file
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers

    (folder / "1_Pooling").mkdir(parents=True)
    (folder / "modules.json").write_text("[]")
    (folder / "sentence_bert_config.json").write_text(json.dumps({"max_seq_length": 16}))
    modes = {"pooling_mode_cls_token": False, "pooling_mode_mean_tokens": True, "word_embedding_dimension": 24}
    (folder / "1_Pooling" / "config.json").write_text(json.dumps({**modes, **pooling}))
    fields = {"model_type": "bert", "hidden_act": "gelu", "vocab_size": len(WORDS), "hidden_size": 24}
    fields |= {"num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 40, "layer_norm_eps": 1e-12}
    fields |= {"max_position_embeddings": 32, "type_vocab_size": 2}
    (folder / "config.json").write_text(json.dumps(fields))

    inner = Tokenizer(models.WordPiece({word: place for place, word in enumerate(WORDS)}, unk_token="[UNK]"))
    inner.normalizer = normalizers.BertNormalizer()
    inner.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    inner.add_special_tokens(WORDS[:5])
    inner.enable_padding(length=16)
    inner.save(str(folder / "tokenizer.json"))

    config = CheckpointConfig("x", BERT, None, Pooling.MEAN, None, False, 32, 16, 16, SpecialTokens(0, 2, 3, 1, 4))
    tensors = folders.random_tensors(config)
    pooler = {"pooler.dense.weight": np.ones((24, 24), "f4"), "pooler.dense.bias": np.ones(24, "f4")}
    stored = {name: torch.from_numpy(tensor) for name, tensor in {**tensors, **pooler}.items()}
    save_file({**stored, "embeddings.position_ids": torch.arange(32)[None]}, folder / "model.safetensors")
    return config, tensors


def test_sentence_transformer(tmp_path):
    """The converted checkpoint has the source's shapes, drops its pooler, and computes its mean-pooled vectors."""
    expected, tensors = sentence_transformer(tmp_path / "source")
    config = convert(tmp_path / "source", tmp_path / "small")
    assert config == read_config(tmp_path / "small")
    assert (config.name, config.encoder, config.special) == ("small", BERT, expected.special)
    assert (config.max_tokens, config.query_tokens, config.passage_tokens) == (32, 16, 16)
    golden = read_golden(tmp_path / "small")
    first = golden.tokens[0]
    assert first.text == "parse a date from a string"
    assert first.ids == (2, 7, 5, 6, 1, 5, 1, 3)  # [CLS] parse a date [UNK] a [UNK] [SEP]
    for tokens, vector in zip(golden.tokens, golden.vectors, strict=True):
        assert len(tokens.ids) <= 16
        assert np.abs(reference.embed(tensors, expected, list(tokens.ids)) - vector.values).max() < 2e-5
    assert verify_folder("small", tmp_path / "small").passed


def test_special_strings_in_a_word_piece_text(tmp_path):
    """`[CLS]` in a text is a bracket, a word and a bracket."""
    from codesearch.codet5p.tokenizer import load_tokenizer

    sentence_transformer(tmp_path / "source")
    config = convert(tmp_path / "source", tmp_path / "small")
    tokenizer = load_tokenizer(tmp_path / "small", config)
    assert tokenizer.encode(["[CLS] parsed"], 16) == [[2, 10, 12, 11, 7, 8, 3]]


def test_pooling_that_we_do_not_have(tmp_path):
    """Another pooling is refused by name; the first token's is taken as such."""
    sentence_transformer(tmp_path / "both", pooling_mode_max_tokens=True)
    with pytest.raises(CheckpointInvalid) as caught:
        convert(tmp_path / "both", tmp_path / "target")
    assert caught.value.found == ["pooling_mode_max_tokens", "pooling_mode_mean_tokens"]
    sentence_transformer(tmp_path / "first", pooling_mode_mean_tokens=False, pooling_mode_cls_token=True)
    assert convert(tmp_path / "first", tmp_path / "target").pooling is Pooling.FIRST


def test_incomplete_source(tmp_path):
    """A source without weights is refused before anything is written."""
    sentence_transformer(tmp_path / "source")
    (tmp_path / "source" / "model.safetensors").unlink()
    with pytest.raises(CheckpointFileMissing):
        convert(tmp_path / "source", tmp_path / "target")
    assert not (tmp_path / "target").exists()


@pytest.mark.parametrize("model_type", ["t5", "codet5p_embedding", "codet5p_bimodal"])
def test_published_checkpoints_convert(tmp_path, model_type):
    """A CodeT5+ folder, with or without tokenizer.json, becomes one of ours that computes the same."""
    config, tensors = folders.published(tmp_path / "source", model_type, dtype="float16")
    tensors = {name: tensor.astype("f2").astype("f4") for name, tensor in tensors.items()}
    converted = convert(tmp_path / "source", tmp_path / "target", "renamed")
    assert converted.name == "renamed"
    assert (converted.encoder, converted.decoder, converted.special) == (config.encoder, config.decoder, config.special)
    golden = read_golden(tmp_path / "target")
    for tokens, vector in zip(golden.tokens, golden.vectors, strict=True):
        assert np.abs(reference.embed(tensors, config, list(tokens.ids)) - vector.values).max() < 2e-5
    report = verify_folder("renamed", tmp_path / "target")
    assert report.passed, report
    assert len(golden.matches) == (4 if config.matching_head else 0)
    for match, text in zip(golden.matches, [0, 0, 1, 1], strict=False):
        expected_logits = reference.match(tensors, config, list(golden.tokens[text].ids), list(match.ids))
        assert np.abs(expected_logits - match.logits).max() < 1e-4
    assert len(report.checks) == 1 + len(golden.tokens) + len(golden.vectors) + len(golden.matches)


def test_a_changed_weight_is_found_with_its_size(tmp_path):
    """Verification fails on other weights and on other tokens, and says by how much."""
    sentence_transformer(tmp_path / "source")
    convert(tmp_path / "source", tmp_path / "small")
    path = tmp_path / "small" / "golden.json"
    document = json.loads(path.read_text())
    document["vectors"][1]["values"][3] += 0.25
    document["tokens"][0]["ids"][2] = 9
    document["vectors"][2]["values"].pop()
    path.write_text(json.dumps(document))
    report = verify_folder("small", tmp_path / "small")
    failed = [check for check in report.checks if not check.passed]
    assert not report.passed
    assert [check.name.split()[0] for check in failed] == ["tokens", "vector", "vector"]
    assert "at 2: (5,), expected (9,)" in failed[0].detail
    assert "largest difference 2.5e-01" in failed[1].detail
    assert "24 values for 23" in failed[2].detail


def test_published_values_are_whole():
    """The published vector has 256 values and unit length up to its rounding."""
    golden = read_golden(find_model("bundled").parent)  # a folder without golden values of its own
    [vector] = golden.vectors
    assert len(vector.values) == 256
    assert np.linalg.norm(vector.values) == pytest.approx(1, abs=1e-3)
    assert [len(tokens.ids) for tokens in golden.tokens] == [16, 12]
    assert golden.tokens[0].text == vector.text
    [summary] = golden.summaries
    assert summary.code.splitlines()[3] == "        renderer = QtSvg.QSvgRenderer(QtCore.QByteArray(string))"


def test_the_bundled_checkpoint_computes_what_its_source_did():
    """The checkpoint in this package passes its own golden values."""
    report = verify("bundled")
    assert report.passed, report
    assert len(report.checks) == 13


def test_the_bundled_checkpoint_computes_what_the_formulas_say():
    """The golden vectors of the checkpoint in this package are those of the numpy implementation."""
    folder = find_model("bundled")
    config, tensors, golden = read_config(folder), read_tensors_numpy(folder), read_golden(folder)
    for tokens, vector in list(zip(golden.tokens, golden.vectors, strict=True))[:4]:
        assert np.abs(reference.embed(tensors, config, list(tokens.ids)) - vector.values).max() < 1e-3


@pytest.mark.weights
@pytest.mark.parametrize("name", ["codet5p-110m-embedding", "codet5p-220m-bimodal", "codet5p-220m", "codet5p-770m"])
def test_published_weights(name):
    """The published weights give the published token ids, vector and summary."""
    try:
        find_model(name)
    except ModelNotFound as error:
        pytest.skip(f"{name} is not in the hub's cache: {error.searched[0]}")
    report = verify(name)
    assert report.passed, report
