"""A decoder that begins as its encoder's layers: what is copied, that it computes the same, its table, a short run."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import torch

from codesearch.codet5p.checkpoint import read_tensors_numpy
from codesearch.codet5p.config import Architecture
from codesearch.codet5p.config_files import read_config
from codesearch.codet5p.errors import CheckpointInvalid
from codesearch.codet5p.network import load_network
from codesearch.codet5p.tensors import expected_shapes
from codesearch.codet5p.tokenizer import load_decoder_tokenizer, load_tokenizer
from codesearch.codet5p.verify import verify_folder
from codesearch.training.byte_pairs import train_byte_pairs
from codesearch.training.copied_decoder import copied_stack
from codesearch.training.initial import DecoderShape, assemble_efficient
from codesearch.training.trainer import Trainer
from tests.codesearch.codet5p import folders, reference, two_tokenizers
from tests.codesearch.training.tiny_runs import EXAMPLES, settings, stage

CODE = "def parse(date):\n    return a(date)\n"
TABLE = "embeddings.word_embeddings.weight"
COPIED = (0, 2, 4)
READER = dataclasses.replace(two_tokenizers.BERT, layers=5)
LENGTH = 0.05  # root mean square of the encoder's rows, about as in BERT
SPECIALS = [("<pad>", "[CLS]"), ("<s>", "[CLS]"), ("[ENC]", "[CLS]"), ("[TDEC]", "[CLS]"), ("[CDEC]", "[CLS]")]
SPECIALS += [("</s>", "[SEP]"), ("<unk>", "[UNK]"), ("<mask>", "[MASK]")]


pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.fixture(scope="module")
def pairs():
    return train_byte_pairs([CODE * 4], 400)


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    """Write an encoder of five layers; its rows are as short as BERT's, and of different lengths."""
    folder = tmp_path_factory.mktemp("made") / "source"
    config, tensors = two_tokenizers.write(folder, READER)
    rows = np.random.default_rng(2).normal(0, LENGTH, tensors[TABLE].shape)
    tensors[TABLE] = (rows * np.linspace(0.5, 1.5, len(rows))[:, None]).astype("f2").astype("f4")
    decoder = two_tokenizers.byte_pairs()
    two_tokenizers.write_checkpoint(folder, config, tensors, two_tokenizers.word_pieces(), decoder)
    return folder


@pytest.fixture(scope="module")
def copied(source, pairs):
    """Assemble with the default shape: folder, configuration and tensors."""
    folder = source.parent / "copied"
    config = assemble_efficient(source, pairs, folder, seed=4)
    return folder, config, read_tensors_numpy(folder)


def test_layers_and_positions_are_the_encoder_s(copied):
    """Layer 0, 2 and 4, bit by bit; cross-attention is the same layer's self-attention; the encoder is as it was."""
    folder, config, tensors = copied
    assert read_config(folder) == config
    assert config.decoder == dataclasses.replace(READER, vocabulary_size=config.decoder.vocabulary_size, layers=3)
    for place, layer in enumerate(COPIED):
        theirs, ours = f"encoder.layer.{layer}", f"decoder.encoder.layer.{place}"
        for part in ("attention.self.key.weight", "attention.output.LayerNorm.bias", "attention.output.dense.weight"):
            assert np.array_equal(tensors[f"{ours}.{part}"], tensors[f"{theirs}.{part}"])
            assert np.array_equal(tensors[f"{ours}.cross{part}"], tensors[f"{theirs}.{part}"])
        for part in ("intermediate.dense.weight", "output.dense.bias", "output.LayerNorm.weight"):
            assert np.array_equal(tensors[f"{ours}.{part}"], tensors[f"{theirs}.{part}"])
    for part in ("position_embeddings.weight", "token_type_embeddings.weight", "LayerNorm.weight", "LayerNorm.bias"):
        assert np.array_equal(tensors[f"decoder.embeddings.{part}"], tensors[f"embeddings.{part}"])
    kept = read_tensors_numpy(folder.parent / "source")
    assert all(np.array_equal(tensors[name], kept[name]) for name in expected_shapes(config.encoder_part))


@pytest.mark.parametrize("layers", [(0, 1, 2, 3, 4), COPIED], ids=["all", "every other"])
def test_copies_compute_what_the_encoder_computes(source, pairs, tmp_path, layers):
    """With the encoder's table, no cross-attention and nothing hidden, the decoder gives the encoder's states.

    Of all layers those of the network itself; of some, those of the numpy formulas without the others.
    """
    assemble_efficient(source, pairs, tmp_path / "made", shape=DecoderShape(copied_layers=layers))
    network, tensors = load_network(tmp_path / "made"), read_tensors_numpy(tmp_path / "made")
    ids = torch.tensor([[2, 7, 5, 6, 9, 12, 3]])
    stack = network.language_model.bert
    stack.embeddings.word_embeddings = network.encoder.embeddings.word_embeddings
    everything = torch.zeros(1, 1, ids.shape[1], ids.shape[1])  # without a mask, each token would see those before it
    with torch.no_grad():
        states = stack.embeddings(ids)
        for layer in stack.encoder.layer:
            states = layer(states, attention_mask=everything)
        whole = network.encode(ids, torch.ones_like(ids))[0].numpy()
    chosen = {
        name.replace(f"layer.{layer}.", f"layer.{place}."): tensor
        for place, layer in enumerate(layers)
        for name, tensor in tensors.items()
        if name.startswith((f"encoder.layer.{layer}.", "embeddings."))
    }
    expected = reference.bert(chosen, dataclasses.replace(READER, layers=len(layers)), ids[0].tolist())
    assert np.abs(states[0].numpy() - expected).max() < 1e-4
    assert (np.abs(states[0].numpy() - whole).max() < 1e-5) == (len(layers) == READER.layers)


def test_it_computes_and_verifies(copied):
    """Matching, language logits and writing are those of the numpy formulas; verify passes."""
    folder, config, tensors = copied
    network = load_network(folder)
    reader, writer = load_tokenizer(folder, config), load_decoder_tokenizer(folder, config)
    ids, mask = (torch.from_numpy(one) for one in reader.pad(reader.encode(["parse a date"], 32)))
    code, code_mask = (torch.from_numpy(one) for one in writer.pad(writer.encode([CODE], 64)))
    with torch.no_grad():
        states = network.encode(ids, mask)
        match = network.match_logits(states, mask, code, code_mask)[0].numpy()
        logits = network.language_logits(states, mask, code)[0].numpy()
    text, written = ids[0].tolist(), code[0].tolist()
    assert np.abs(match - reference.match(tensors, config, text, written)).max() < 1e-4
    assert np.abs(logits - reference.language_logits(tensors, config, text, written)).max() < 1e-3
    start = config.writing.code_start
    assert network.generate(ids, mask, 6, start=start) == [reference.write(tensors, config, text, 6, start)]
    assert verify_folder("copied", folder).passed


def test_tokens_begin_as_the_encoder_s_at_their_length(copied, pairs):
    """By hand: words' mean rows and special tokens' counterparts, as long as they are; an own share of a fifth."""
    _, config, tensors = copied
    table, written = tensors[TABLE].astype("f8"), tensors[f"decoder.{TABLE}"].astype("f8")
    number = {word: place for place, word in enumerate(two_tokenizers.WORDS)}
    for token, pieces in [("Ġreturn", ["return"]), ("):", [")", ":"]), *((one, [other]) for one, other in SPECIALS)]:
        rows = table[[number[piece] for piece in pieces]]
        found, mean = written[pairs.token_to_id(token)], rows.mean(axis=0)
        assert found @ mean / np.linalg.norm(found) / np.linalg.norm(mean) == pytest.approx(0.98, abs=0.03), token
        assert np.linalg.norm(found) == pytest.approx(np.linalg.norm(rows, axis=1).mean(), rel=0.2), token
    spaces = written[pairs.token_to_id("ĊĠĠĠ")]
    assert np.sqrt((spaces**2).mean()) == pytest.approx(np.sqrt((table**2).mean(axis=1)).mean(), rel=1e-2)
    starts = written[[config.writing.bos, config.writing.match, config.writing.text_start, config.writing.code_start]]
    assert len(np.unique(starts, axis=0)) == 4


def test_which_encoders_are_copied_by_default(source, pairs, tmp_path):
    """A BERT without a fifth layer, and a T5, get a fresh T5 decoder."""
    two_tokenizers.write(tmp_path / "short", dataclasses.replace(READER, layers=4))
    folders.published(tmp_path / "t5", "codet5p_embedding")
    for name in ("short", "t5"):
        config = assemble_efficient(tmp_path / name, pairs, tmp_path / f"{name} made")
        assert (config.decoder.architecture, config.decoder.layers) == (Architecture.T5, 3)
        assert "decoder.embed_tokens.weight" in read_tensors_numpy(tmp_path / f"{name} made")


def test_layers_that_are_not_there(source, pairs, tmp_path):
    """Another kind of encoder, a layer too many, and none at all are refused before anything is written."""
    folders.published(tmp_path / "t5", "codet5p_embedding")
    for folder, layers, field in ((tmp_path / "t5", (0,), "encoder.architecture"), (source, (0, 5), "encoder.layers")):
        with pytest.raises(CheckpointInvalid) as caught:
            assemble_efficient(folder, pairs, tmp_path / "made", shape=DecoderShape(copied_layers=layers))
        assert (caught.value.path, caught.value.field) == (folder, field)
    with pytest.raises(ValueError, match="at least one"):
        copied_stack(source, READER, (), 300)
    assert not (tmp_path / "made").exists()


def test_it_is_trained(copied, tmp_path):
    """Three steps of matching and of writing either way move every tensor, and the checkpoint verifies."""
    folder, config, before = copied
    one = stage("matching text_to_code code_to_text", steps=3, learning_rate=1e-2, decoder_learning_rate=1e-2)
    told = []
    made = Trainer(settings(one), folder, tmp_path, EXAMPLES, []).run(told.append)
    assert all(np.isfinite(list(progress.losses.values())).all() for progress in told)
    assert {"matching", "text_to_code", "code_to_text"} <= told[-1].losses.keys()
    after = read_tensors_numpy(made)
    assert read_config(made).decoder == config.decoder
    still = {name for name in after if np.array_equal(after[name], before[name])}
    # the projection serves none of these losses, and a bias that all keys have moves no attention
    assert all(name.startswith("proj.") or name.endswith("key.bias") for name in still)
    assert verify_folder("trained", made).passed
