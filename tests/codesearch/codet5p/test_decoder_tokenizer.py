"""A decoder with a tokenizer of its own, behind an encoder of words or of T5: files, ids, arithmetic, refusals."""

from __future__ import annotations

import dataclasses
import json

import numpy as np
import pytest
import torch

from codesearch.codet5p.checkpoint import read_encoder_tensors, read_tensors_numpy, write_checkpoint
from codesearch.codet5p.config_files import read_config, write_config
from codesearch.codet5p.convert import convert
from codesearch.codet5p.cpu_encoder import CpuEncoder
from codesearch.codet5p.errors import CapabilityMissing, CheckpointFileMissing, CheckpointInvalid, CheckpointUnreadable
from codesearch.codet5p.golden import GOLDEN_FILE, read_golden, write_golden
from codesearch.codet5p.network import load_network
from codesearch.codet5p.registry import decoder_fingerprint, fingerprint, is_complete
from codesearch.codet5p.tensors import expected_shapes, tied_copies
from codesearch.codet5p.tokenizer import load_decoder_tokenizer, load_tokenizer
from codesearch.codet5p.verify import verify_folder
from tests.codesearch.codet5p import folders, reference
from tests.codesearch.codet5p.two_tokenizers import (
    BERT,
    BERT_DECODER,
    DECODER,
    NUMBER,
    READING,
    ROWS,
    T5,
    WORDS,
    WRITING,
    byte_pairs,
    word_pieces,
    write,
)

pytestmark = pytest.mark.usefixtures("one_thread")


def encoded(tokenizer, text):
    return [torch.from_numpy(one) for one in tokenizer.pad(tokenizer.encode([text], 64))]


def test_the_folder_has_five_files(tmp_path):
    """Written and read back: the configuration, and of encoder and decoder each its tensors and its tokenizer."""
    config, tensors = write(tmp_path)
    decoder = ["decoder.safetensors", "decoder_tokenizer.json"]
    names = ["checkpoint.json", *decoder, "model.safetensors", "tokenizer.json"]
    assert sorted(path.name for path in tmp_path.iterdir()) == names
    assert read_config(tmp_path) == config
    found = read_tensors_numpy(tmp_path)
    assert found.keys() == tensors.keys()
    assert all(np.array_equal(found[name], tensors[name]) for name in tensors)
    assert found["decoder.embed_tokens.weight"].shape == (ROWS, 24)


def test_each_stack_reads_its_own_ids(tmp_path):
    """The encoder's words are folded and unknown words lost; the decoder's bytes keep the text, by hand."""
    config, _ = write(tmp_path)
    reader, writer = load_tokenizer(tmp_path, config), load_decoder_tokenizer(tmp_path, config)
    assert reader.encode(["Return a Date, [SEP]"], 64) == [[2, 9, 5, 6, 1, 1, 1, 1, 3]]
    pieces = ["def", "Ġa", "<", "s", "s", ">"]
    assert writer.encode(["def a<s>"], 64) == [[1, *(NUMBER[piece] for piece in pieces), 2]]
    assert writer.pad([[1, 2], [1, 9, 2]])[0].tolist() == [[1, 2, 0], [1, 9, 2]]
    assert writer.decode([0, *writer.encode(["Return\n\tx"], 64)[0], ROWS - 3]) == "Return\n\tx"


@pytest.mark.parametrize("encoder", [BERT, T5], ids=["bert", "t5"])
@pytest.mark.parametrize("decoder", [DECODER, BERT_DECODER], ids=["t5 decoder", "bert decoder"])
def test_matching_and_writing_follow_the_formulas(tmp_path, encoder, decoder):
    """Matching logits, language logits and greedy writing against numpy; a T5 encoder of equal width ties nothing."""
    config, tensors = write(tmp_path, encoder, decoder)
    assert not config.shares_embedding
    network = load_network(tmp_path)
    reader, writer = load_tokenizer(tmp_path, config), load_decoder_tokenizer(tmp_path, config)
    ids, mask = encoded(reader, "parse a date")
    code, code_mask = encoded(writer, "def a(s):\n\treturn s")
    with torch.no_grad():
        states = network.encode(ids, mask)
        match = network.match_logits(states, mask, code, code_mask)[0].numpy()
        logits = network.language_logits(states, mask, code)[0].numpy()
    text, written = ids[0].tolist(), code[0].tolist()
    assert np.abs(match - reference.match(tensors, config, text, written)).max() < 5e-4
    assert logits.shape == (len(written), ROWS)
    assert np.abs(logits - reference.language_logits(tensors, config, text, written)).max() < 5e-4
    [found] = network.generate(ids, mask, 9)
    assert found == reference.write(tensors, config, text, 9)


def test_two_tables_are_trained_apart(tmp_path):
    """The encoder's table and the decoder's are two parameters; the decoder's is its output table too."""
    config, tensors = write(tmp_path, T5)
    network = load_network(tmp_path)
    decoder = network.language_model.decoder.embed_tokens.weight
    assert decoder is network.language_model.lm_head.weight
    assert decoder is not network.encoder.embed_tokens.weight
    assert tied_copies(config)["lm_head.weight"] == "decoder.embed_tokens.weight"
    found = network.tensors()
    assert found.keys() == expected_shapes(config).keys() == tensors.keys()
    assert all(np.array_equal(found[name].detach().numpy(), tensors[name]) for name in tensors)


def test_one_tokenizer_for_both(tmp_path):
    """Without tokens of its own the decoder has the encoder's tokenizer; without a decoder there is none."""
    config, _ = folders.published(tmp_path, "codet5p_bimodal")
    assert config.decoder_special is None
    assert config.writing == config.special
    texts = ["def a", "return"]
    one, other = load_tokenizer(tmp_path, config), load_decoder_tokenizer(tmp_path, config)
    assert one.encode(texts, 9) == other.encode(texts, 9)
    with pytest.raises(CapabilityMissing):
        load_decoder_tokenizer(tmp_path, config.encoder_part)


def test_a_folder_without_the_decoder_s_tokenizer_is_not_complete(tmp_path):
    """Neither listed nor loaded; written again with one tokenizer, the other file is gone."""
    config, tensors = write(tmp_path)
    assert is_complete(tmp_path)
    (tmp_path / "decoder_tokenizer.json").unlink()
    assert not is_complete(tmp_path)
    with pytest.raises(CheckpointFileMissing) as caught:
        load_decoder_tokenizer(tmp_path, config)
    assert caught.value.names == ("decoder_tokenizer.json",)
    write(tmp_path)
    alone = {name: tensors[name] for name in expected_shapes(config.encoder_part)}
    write_checkpoint(tmp_path, config.encoder_part, alone, word_pieces())
    assert not (tmp_path / "decoder_tokenizer.json").exists()
    assert is_complete(tmp_path)


def test_each_fingerprint_knows_its_tokenizer(tmp_path):
    """Another decoder tokenizer is another checkpoint, whose embeddings are the same; no decoder, no field of it."""
    config, _ = write(tmp_path)
    before, whole = fingerprint("pair", tmp_path), decoder_fingerprint("pair", tmp_path)
    path = tmp_path / "decoder_tokenizer.json"
    path.write_text(path.read_text() + "\n")
    assert fingerprint("pair", tmp_path) == before
    assert decoder_fingerprint("pair", tmp_path) != whole
    alone = config.encoder_part
    write_config(tmp_path, alone)
    assert "decoder_special" not in json.loads((tmp_path / "checkpoint.json").read_text())
    assert read_config(tmp_path) == alone


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("decoder", {"decoder": None, "matching_head": False}),
        ("matching_head", {"decoder_special": dataclasses.replace(WRITING, match=None)}),
        ("decoder_special.decoder_start", {"decoder_special": dataclasses.replace(WRITING, decoder_start=None)}),
        ("decoder_special.match", {"decoder_special": dataclasses.replace(WRITING, match=ROWS)}),
        ("special.eos", {"special": dataclasses.replace(READING, eos=len(WORDS))}),
        ("special.pad", {"special": dataclasses.replace(READING, pad=None)}),
        ("special.decoder_start", {"decoder_special": None, "matching_head": False}),
    ],
)
def test_configurations_that_do_not_fit(tmp_path, field, changes):
    """Tokens without a decoder, without a row in its table, or without a start are named."""
    config, _ = write(tmp_path)
    write_config(tmp_path, dataclasses.replace(config, **changes))
    with pytest.raises(CheckpointInvalid) as caught:
        read_config(tmp_path)
    assert caught.value.field == field


def test_a_tokenizer_that_is_another_checkpoint_s(tmp_path):
    """Other numbers for the decoder's special tokens, more tokens than rows, and damage are found."""
    config, _ = write(tmp_path)
    other = dataclasses.replace(config, decoder_special=dataclasses.replace(WRITING, match=ROWS - 2))
    with pytest.raises(CheckpointInvalid) as caught:
        load_decoder_tokenizer(tmp_path, other)
    assert (caught.value.field, caught.value.found) == ("decoder_special.match", ROWS - 3)
    narrow = dataclasses.replace(config, decoder=dataclasses.replace(DECODER, vocabulary_size=ROWS - 1))
    with pytest.raises(CheckpointInvalid) as caught:
        load_decoder_tokenizer(tmp_path, narrow)
    assert caught.value.field == "decoder.vocabulary_size"
    (tmp_path / "decoder_tokenizer.json").write_text("{")
    with pytest.raises(CheckpointUnreadable):
        load_decoder_tokenizer(tmp_path, config)


def test_a_tokenizer_and_its_tokens_go_together(tmp_path):
    """Writing one without the other is refused before anything is written."""
    config, tensors = write(tmp_path / "whole")
    for one, text in ((config, None), (config.encoder_part, byte_pairs())):
        with pytest.raises(ValueError, match="together"):
            write_checkpoint(tmp_path / "half", one, tensors, word_pieces(), text)
    assert not (tmp_path / "half").exists()


@pytest.mark.parametrize("decoder", [DECODER, BERT_DECODER], ids=["t5", "bert"])
def test_conversion_and_golden_values(tmp_path, decoder):
    """A copy verifies, its matching values are those of the formulas, and a changed one is found."""
    config, tensors = write(tmp_path / "source", decoder=decoder)
    write_golden(tmp_path / "source", config, {name: torch.from_numpy(one) for name, one in tensors.items()})
    converted = convert(tmp_path / "source", tmp_path / "target")
    assert converted == dataclasses.replace(config, name="target")
    golden = read_golden(tmp_path / "target")
    assert golden.matches == read_golden(tmp_path / "source").matches
    reader = load_tokenizer(tmp_path / "target", config)
    for match in golden.matches:
        [text] = reader.encode([match.text], config.query_tokens)
        assert np.abs(reference.match(tensors, config, text, list(match.ids)) - match.logits).max() < 5e-4
    assert verify_folder("target", tmp_path / "target").passed
    document = json.loads((tmp_path / "target" / GOLDEN_FILE).read_text())
    document["matches"][0]["logits"][1] += 0.5
    document["matches"][1]["ids"][3] += 1
    (tmp_path / "target" / GOLDEN_FILE).write_text(json.dumps(document))
    failed = [check for check in verify_folder("target", tmp_path / "target").checks if not check.passed]
    assert [check.name.split()[0] for check in failed] == ["match", "match"]
    assert "5.0e-01" in failed[0].detail


@pytest.mark.parametrize("decoder", [DECODER, BERT_DECODER], ids=["t5", "bert"])
def test_the_cpu_encodes_as_if_there_were_no_decoder(tmp_path, decoder):
    """The graph of the whole checkpoint gives the vectors of its encoder alone, of which alone tensors are read."""
    config, tensors = write(tmp_path / "pair", decoder=decoder)
    assert read_encoder_tensors(tmp_path / "pair").keys() == expected_shapes(config.encoder_part).keys()
    alone = {name: tensors[name] for name in expected_shapes(config.encoder_part)}
    write_checkpoint(tmp_path / "alone", config.encoder_part, alone, word_pieces())
    texts = ["parse a date", "return (a)"]
    found, expected = (
        CpuEncoder("x", tmp_path / name, tmp_path / "cache").encode_passages(texts) for name in ("pair", "alone")
    )
    assert np.array_equal(found, expected)
    ids = load_tokenizer(tmp_path / "pair", config).encode(texts, 64)
    assert all(reference.embed(tensors, config, one) @ row > 0.99 for one, row in zip(ids, found, strict=True))
