"""Token ids against a hand-worked table, from every published set of files."""

from __future__ import annotations

import json

import numpy as np
import pytest

from codesearch.codet5p.config_files import read_config
from codesearch.codet5p.errors import CheckpointFileMissing, CheckpointInvalid, CheckpointUnreadable
from codesearch.codet5p.tokenizer import byte_level_json, load_tokenizer, plain_tokenizer_json
from tests.codesearch.codet5p import folders
from tests.codesearch.codet5p.folders import vocabulary

NUMBER = vocabulary()

# text -> pieces, by hand: bytes to characters (space Ġ, newline Ċ, tab ĉ, é is the bytes C3 A9), then the merges
PIECES = [
    ("def a", ["def", "Ġa"]),
    ("return", ["return"]),  # r e t u r n: re, tu, retu, then rn, then both
    ("rne", ["rn", "e"]),
    ("de fa", ["de", "Ġ", "f", "a"]),
    ("deed", ["de", "e", "d"]),
    ("a\n\tb", ["a", "Ċ", "ĉ", "b"]),
    ("é", ["Ã", "©"]),
    ("", []),
    ("<s>", ["<", "s", "s", ">"]),
    ("x</s>", ["x", "<", "/", "s", "s", ">"]),
    ("<pad>", ["<", "/", "p", "a", "d", ">"]),
    ("<mask>", ["<", "m", "a", "s", "k", ">"]),
    ("<unk>", ["<", "u", "n", "k", ">"]),
    ("[ENC]", ["[", "E", "N", "C", "]"]),
    ("<extra_id_0>", ["<", "e", "x", "t", "r", "a", "_", "i", "d", "_", "0", ">"]),
    ("\udc80", ["?"]),
]


@pytest.fixture(params=["t5", "codet5p_bimodal"])
def folder(request, tmp_path):
    """Write the tokenizer files of a plain T5 (no tokenizer.json) and of a two-stage checkpoint (with one)."""
    folders.write_config(tmp_path, request.param)
    folders.write_tokenizer(tmp_path, two_stage=request.param != "t5")
    return tmp_path


@pytest.fixture
def tokenizer(folder):
    return load_tokenizer(folder, read_config(folder))


@pytest.mark.parametrize(("text", "pieces"), PIECES)
def test_pieces_by_hand(tokenizer, text, pieces):
    """`<s> text </s>` with the ids of the table; no text becomes a special token."""
    assert tokenizer.encode([text], 64) == [[1, *(NUMBER[piece] for piece in pieces), 2]]
    assert tokenizer.count([text]) == [len(pieces)]


def test_cut_texts_keep_their_end(tokenizer):
    """A text that is too long loses its last pieces and keeps `</s>`; one that fits exactly loses nothing."""
    a, b = NUMBER["a"], NUMBER["b"]
    assert tokenizer.encode(["a b", "a"], 4) == [[1, a, NUMBER["Ġ"], 2], [1, a, 2]]
    assert tokenizer.encode(["a b"], 5) == [[1, a, NUMBER["Ġ"], b, 2]]


def test_padding(tokenizer):
    """Rows are padded on the right to the longest of them and no further."""
    ids, mask = tokenizer.pad([[1, 9, 8, 2], [1, 2]])
    assert ids.tolist() == [[1, 9, 8, 2], [1, 2, 0, 0]]
    assert mask.tolist() == [[1, 1, 1, 1], [1, 1, 0, 0]]
    assert ids.dtype == mask.dtype == np.int64
    assert tokenizer.pad([])[0].shape == (0, 0)


def test_text_comes_back(tokenizer):
    """Decoding gives the text again, without the special tokens around it."""
    text = "def aé():\n\treturn 'x'  # 你好"
    ids = tokenizer.encode([text], 100)[0]
    assert tokenizer.decode([0, *ids, 0, 0]) == text


def test_both_sets_of_files_agree(tmp_path):
    """vocab.json with merges.txt, the tokenizer.json of the hub, and what we keep of each give the same ids."""
    folders.write_config(tmp_path, "codet5p_bimodal")
    folders.write_tokenizer(tmp_path, two_stage=True)
    config, texts = read_config(tmp_path), [text for text, _ in PIECES]
    single = tmp_path / "tokenizer.json"
    found = [load_tokenizer(tmp_path, config).encode(texts, 64)]
    plain = plain_tokenizer_json(single.read_text())
    single.write_text(plain)
    found.append(load_tokenizer(tmp_path, config).encode(texts, 64))
    single.write_text(byte_level_json(tmp_path))
    found.append(load_tokenizer(tmp_path, config).encode(texts, 64))
    single.unlink()
    found.append(load_tokenizer(tmp_path, config).encode(texts, 64))
    assert all(one == found[0] for one in found)
    assert json.loads(plain)["added_tokens"] == []


@pytest.mark.parametrize(("token", "field"), [("[ENC]", "special.match"), ("[CDEC]", "special.code_start")])
def test_a_special_token_with_another_number(tmp_path, token, field):
    """Files that number a special token otherwise than the configuration belong to another checkpoint."""
    folders.write_config(tmp_path, "codet5p_bimodal")
    folders.write_tokenizer(tmp_path, two_stage=True)
    (tmp_path / "tokenizer.json").unlink()
    (tmp_path / "added_tokens.json").write_text(json.dumps({token: 7}))
    with pytest.raises(CheckpointInvalid) as caught:
        load_tokenizer(tmp_path, read_config(tmp_path))
    assert (caught.value.field, caught.value.found) == (field, 7)


def test_more_tokens_than_rows(tmp_path):
    """A tokenizer larger than the embedding table is refused before it can index beyond it."""
    folders.write_config(tmp_path, "t5", vocab_size=200)
    folders.write_tokenizer(tmp_path, two_stage=False)
    (tmp_path / "vocab.json").write_text(json.dumps({word: place for word, place in NUMBER.items() if place < 270}))
    with pytest.raises(CheckpointInvalid) as caught:
        load_tokenizer(tmp_path, read_config(tmp_path))
    assert caught.value.field == "encoder.vocabulary_size"


@pytest.mark.parametrize("file", ["tokenizer.json", "merges.txt", "added_tokens.json"])
def test_damaged_files(tmp_path, file):
    """A file that is not what its name says is named."""
    folders.write_config(tmp_path, "t5")
    folders.write_tokenizer(tmp_path, two_stage=False)
    (tmp_path / file).write_text("#version\nno such pieces here at all\n")
    with pytest.raises(CheckpointUnreadable):
        load_tokenizer(tmp_path, read_config(tmp_path))


def test_no_tokenizer(tmp_path):
    """A folder without tokenizer files says which would do."""
    folders.write_config(tmp_path, "t5")
    with pytest.raises(CheckpointFileMissing) as caught:
        load_tokenizer(tmp_path, read_config(tmp_path))
    assert caught.value.names[0] == "tokenizer.json"
