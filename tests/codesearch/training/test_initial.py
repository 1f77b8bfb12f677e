"""The checkpoints that training starts from: kept encoders, first embeddings, fresh weights, sizes."""

from __future__ import annotations

import dataclasses
import json
import math

import numpy as np
import pytest
import tokenizers
import torch

from codesearch.codet5p.checkpoint import read_tensors_numpy
from codesearch.codet5p.config import Architecture, Pooling
from codesearch.codet5p.config_files import read_config
from codesearch.codet5p.network import load_network
from codesearch.codet5p.registry import find_model, is_complete
from codesearch.codet5p.tensors import expected_shapes
from codesearch.codet5p.tokenizer import Tokenizer, load_decoder_tokenizer, load_tokenizer, tokenizer_text
from codesearch.codet5p.verify import verify_folder
from codesearch.training.byte_pairs import train_byte_pairs
from codesearch.training.initial import (
    DecoderShape,
    ScratchShape,
    assemble_efficient,
    assemble_from_scratch,
    embeddings_from_encoder,
    with_camel_case_split,
)
from tests.codesearch.codet5p import folders, reference

CODE = "def parseDate(text):\n    if text:\n        return parseDate(text)\n    return readNumbers(text)\n"
TABLE = "embeddings.word_embeddings.weight"
SMALL = DecoderShape(layers=1, heads=6, feed_forward=32)


pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.fixture(scope="module")
def pairs():
    return train_byte_pairs([CODE * 4], 440)


@pytest.fixture(scope="module")
def bundled():
    folder = find_model("bundled")
    return folder, read_config(folder), read_tensors_numpy(folder)


@pytest.fixture(scope="module")
def efficient(tmp_path_factory, pairs):
    """Assemble the bundled encoder with a small decoder and split names: folder, configuration and tensors."""
    folder = tmp_path_factory.mktemp("made") / "efficient"
    config = assemble_efficient(find_model("bundled"), pairs, folder, shape=SMALL, seed=7)
    return folder, config, read_tensors_numpy(folder)


def test_the_encoder_is_kept(efficient, bundled):
    """Every tensor and limit of the encoder is the source's; the rest is a T5 decoder of its width with a head."""
    folder, config, tensors = efficient
    assert is_complete(folder)
    assert read_config(folder) == config
    assert config.name == "efficient"
    assert dataclasses.replace(config.encoder_part, name="bundled") == bundled[1].encoder_part
    assert all(np.array_equal(tensors[name], bundled[2][name]) for name in expected_shapes(bundled[1].encoder_part))
    assert config.matching_head
    assert not config.bridged
    decoder = config.decoder
    assert (decoder.architecture, decoder.hidden_size, decoder.layers, decoder.heads) == (Architecture.T5, 384, 1, 6)
    assert decoder.heads * decoder.head_size == 384


def test_it_computes_and_verifies(efficient):
    """Matching, language logits and writing are those of the numpy formulas with the two tokenizers; verify passes."""
    folder, config, tensors = efficient
    network = load_network(folder)
    reader, writer = load_tokenizer(folder, config), load_decoder_tokenizer(folder, config)
    ids, mask = (torch.from_numpy(one) for one in reader.pad(reader.encode(["parse a date"], 32)))
    code, code_mask = (torch.from_numpy(one) for one in writer.pad(writer.encode(["def f(x):\n    return x"], 32)))
    with torch.no_grad():
        states = network.encode(ids, mask)
        match = network.match_logits(states, mask, code, code_mask)[0].numpy()
        logits = network.language_logits(states, mask, code)[0].numpy()
    text, written = ids[0].tolist(), code[0].tolist()
    assert np.abs(match - reference.match(tensors, config, text, written)).max() < 1e-4
    expected, table = reference.decode(tensors, config, text, written)
    assert np.abs(logits - expected @ table.T / math.sqrt(384)).max() < 1e-3
    [found] = network.generate(ids, mask, 3)
    assert found == reference.write(tensors, config, text, 3)
    assert verify_folder("efficient", folder).passed


@pytest.mark.parametrize(
    ("token", "pieces"),
    [
        ("Ġreturn", ["return"]),
        ("ĠparseDate", ["par", "##se", "date"]),
        ("):", [")", ":"]),
        ("ĊĠĠĠ", []),
        ("Ã", []),
        ("[ENC]", []),
    ],
)
def test_first_embeddings_are_means_of_the_encoder_s(efficient, pairs, token, pieces):
    """By hand: the mean of the rows of a token's words, as long as they are; white space and half letters have none.

    In a T5's table its root mean square is 1, and a twenty-fifth of a row's square its own: the cosine is the root of
    .96.
    """
    folder, config, tensors = efficient
    text = (folder / "tokenizer.json").read_text()
    vocabulary = json.loads(text)["model"]["vocab"]
    rows, known = embeddings_from_encoder(config, text, torch.from_numpy(tensors[TABLE]), pairs)
    number = pairs.token_to_id(token)
    written = tensors["decoder.embed_tokens.weight"][number]
    assert bool(known[number]) == bool(pieces)
    assert np.sqrt((written**2).mean()) == pytest.approx(1, abs=0.15)
    if pieces:
        found = tensors[TABLE][[vocabulary[piece] for piece in pieces]].astype("f8")
        mean = found.mean(axis=0)
        expected = mean / np.linalg.norm(mean) * np.linalg.norm(found, axis=1).mean()
        assert np.abs(rows[number].numpy() - expected).max() < 1e-5
        assert written @ expected / np.linalg.norm(written) / np.linalg.norm(expected) == pytest.approx(0.98, abs=0.01)


def test_tokens_of_one_word_are_told_apart(efficient, pairs):
    """`text` and ` text` begin alike and not the same."""
    table = efficient[2]["decoder.embed_tokens.weight"]
    one, other = (table[pairs.token_to_id(token)] for token in ("text", "Ġtext"))
    assert 0.9 < one @ other / np.linalg.norm(one) / np.linalg.norm(other) < 0.98


def test_camel_case_is_split_before_it_is_folded(efficient, bundled):
    """Names with capitals get the ids of their words; without the split they do not; the rest is as it was."""
    split, whole = load_tokenizer(*efficient[:2]), _without_split(bundled)
    names = ["parseHTTPResponse", "getUserName2Id(XMLNode)", "MAX_SIZE"]
    words = ["parse http response", "get user name2 id(xml node)", "max_size"]
    assert split.encode(names, 32) == whole.encode(words, 32) == split.encode(words, 32)
    assert whole.encode(names[:2], 32) != split.encode(names[:2], 32)
    assert split.count(["parseHTTPResponse"]) == [4]  # par ##se http response


def test_what_splits_names_or_keeps_case_stays_as_it_is(bundled):
    """The bundled tokenizer splits names; BERT's own is made to; into one that keeps case no space is put."""
    text = tokenizer_text(bundled[0])
    assert with_camel_case_split(text) == text
    document = json.loads(text)
    document["normalizer"] = document["normalizer"]["normalizers"][-1]
    assert json.loads(with_camel_case_split(json.dumps(document))) == json.loads(text)
    for normalizer in (None, {"type": "Sequence", "normalizers": []}, {"type": "BertNormalizer", "lowercase": False}):
        keeping = json.dumps({**document, "normalizer": normalizer})
        assert with_camel_case_split(keeping) == keeping


def _without_split(bundled):
    """Return the bundled tokenizer with nothing but BERT's own normalizer."""
    document = json.loads(tokenizer_text(bundled[0]))
    document["normalizer"] = document["normalizer"]["normalizers"][-1]
    inner = tokenizers.Tokenizer.from_str(json.dumps(document))
    return Tokenizer(bundled[1].encoder.architecture, bundled[1].special, inner)


def test_a_published_encoder_gets_another_decoder(tmp_path, pairs):
    """Of a checkpoint with a decoder only the encoder and its projection stay; the tables are apart."""
    source, tensors = folders.published(tmp_path / "t5", "codet5p_bimodal", file="model.safetensors")
    config = assemble_efficient(tmp_path / "t5", pairs, tmp_path / "made", shape=SMALL)
    found = read_tensors_numpy(tmp_path / "made")
    for name in expected_shapes(source.encoder_part):
        assert np.array_equal(found[name], tensors[name].astype("f2"))
    assert found["decoder.embed_tokens.weight"].shape == (pairs.get_vocab_size(), 24)
    assert config.projection == source.projection == 12
    assert verify_folder("made", tmp_path / "made").passed


def test_from_scratch(tmp_path, pairs):
    """One tokenizer, one table, T5's scales: table 1, queries (width * head size)^-1/2, keys width^-1/2."""
    shape = ScratchShape(width=48, layers=3, decoder_layers=2, heads=6, feed_forward=64, projection=20)
    config = assemble_from_scratch(pairs, tmp_path / "made", shape=shape, seed=3)
    tensors = read_tensors_numpy(tmp_path / "made")
    assert read_config(tmp_path / "made") == config
    assert config.shares_embedding
    assert config.decoder_special is None
    assert (config.encoder.layers, config.decoder.layers, config.dimension) == (3, 2, 20)
    assert (config.pooling, config.passage_tokens) == (Pooling.FIRST, 360)
    scales = {"shared.weight": 1, "encoder.block.2.layer.0.SelfAttention.q.weight": (48 * 8) ** -0.5}
    scales |= {"decoder.block.1.layer.1.EncDecAttention.k.weight": 48**-0.5}
    scales |= {"decoder.block.0.layer.2.DenseReluDense.wo.weight": 64**-0.5}
    for name, scale in scales.items():
        assert tensors[name].std() == pytest.approx(scale, rel=0.06)
    assert np.array_equal(tensors["decoder.final_layer_norm.weight"], np.ones(48, "f4"))
    assert verify_folder("made", tmp_path / "made").passed


def test_a_seed_is_a_checkpoint(tmp_path, pairs):
    """The same seed gives the same weights, another one others; the caller's random numbers are untouched."""
    shape = ScratchShape(width=24, layers=1, decoder_layers=1, heads=2, feed_forward=32, projection=8)
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    for name, seed in (("one", 1), ("same", 1), ("other", 2)):
        assemble_from_scratch(pairs, tmp_path / name, shape=shape, seed=seed)
    assert torch.equal(torch.rand(3), expected)
    one, same, other = (read_tensors_numpy(tmp_path / name) for name in ("one", "same", "other"))
    assert all(np.array_equal(one[name], same[name]) for name in one)
    assert not np.array_equal(one["shared.weight"], other["shared.weight"])


def test_default_sizes_fit_a_wheel():
    """By arithmetic: in half precision either route's model takes less than 80 MB of a wheel's 100."""
    rows, wide, narrow = 16_384, ScratchShape(), DecoderShape()
    attention, feed = 4 * wide.width**2, 2 * wide.width * wide.feed_forward
    scratch = rows * wide.width + wide.layers * (attention + feed) + wide.decoder_layers * (2 * attention + feed)
    decoder = rows * 384 + narrow.layers * (8 * 384**2 + 2 * 384 * narrow.feed_forward)
    assert 29e6 < scratch < 40e6
    copied = decoder + (512 + 2) * 384 + 2 * 384 + narrow.layers * (9 * 384 + narrow.feed_forward + 6 * 384)
    assert copied == 13_589_376
    assert 13e6 < decoder < 14e6
    assert 2 * scratch < 80e6
    assert 2 * (22_565_376 + copied) < 80e6
