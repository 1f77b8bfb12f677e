"""The learned tokenizer: ids in their documented order, pieces by hand, no special token from any text."""

from __future__ import annotations

import pytest

from codesearch.codet5p.config import Architecture
from codesearch.codet5p.tokenizer import Tokenizer
from codesearch.training.byte_pairs import special_tokens, train_byte_pairs
from tests.codesearch.codet5p.folders import alphabet

CODE = "def parse(self, text):\n    if text:\n        return self.parse(text)\n    return None\n"
SENTINELS = [f"<extra_id_{number}>" for number in range(100)]
SPECIALS = ["<pad>", "<s>", "</s>", "<unk>", "<mask>", "[ENC]", "[TDEC]", "[CDEC]", *SENTINELS]


@pytest.fixture(scope="module")
def learned():
    texts = [CODE * 3, "don't 'test' it 2024 'test' 'test'", "".join(SPECIALS) * 50, "x = 1234 + 1234\n"]
    return train_byte_pairs(texts, 424)


def test_ids_are_in_the_published_order(learned):
    """Five specials, 256 bytes, merges, the sentinels descending, and [ENC], [TDEC], [CDEC] as the last three."""
    names = [learned.id_to_token(number) for number in range(424)]
    assert learned.get_vocab_size() == 424
    assert names[:5] == SPECIALS[:5]
    assert set(names[5:261]) == set(alphabet())
    assert names[321:] == [*reversed(SENTINELS), "[ENC]", "[TDEC]", "[CDEC]"]
    special = special_tokens(learned)
    assert (special.pad, special.bos, special.eos, special.unknown, special.mask) == (0, 1, 2, 3, 4)
    assert (special.decoder_start, special.match, special.text_start, special.code_start) == (0, 421, 422, 423)
    assert learned.id_to_token(special.sentinel - 7) == "<extra_id_7>"


def test_merges_come_most_frequent_first():
    """Pairs counted by hand: space and 1 five times, a-b four times, space and ab three times; digits never join."""
    learned = train_byte_pairs(["ab ab ab abc 12 12 12 12 12"], 367)
    assert [learned.id_to_token(number) for number in (261, 262)] == ["Ġ1", "ab"]
    assert learned.id_to_token(263) == "Ġab"
    assert learned.encode("12ab").tokens == ["1", "2", "ab"]


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("def parse", ["def", "Ġparse"]),
        ("\n        return", ["ĊĠĠĠĠĠĠĠ", "Ġreturn"]),
        ("\n    if", ["ĊĠĠĠ", "Ġif"]),
        ("1234", ["1", "2", "3", "4"]),
        (" 12", ["Ġ1", "2"]),
        ("'test'", ["'", "test", "'"]),
        ("x\t", ["x", "ĉ"]),
    ],
)
def test_pieces_by_hand(learned, text, pieces):
    """Words and indentation are tokens, digits stand alone, a quote does not take a letter."""
    assert learned.encode(text, add_special_tokens=False).tokens == pieces


def test_no_text_becomes_a_special_token(learned):
    """Not even where the special tokens' own names were what was learned from most."""
    numbers = {learned.token_to_id(name) for name in SPECIALS}
    text = " ".join(SPECIALS) + "".join(SPECIALS)
    assert not numbers & set(learned.encode(text).ids)
    wrapped = Tokenizer(Architecture.T5, special_tokens(learned), learned)
    assert wrapped.encode(["<mask>[ENC]"], 64)[0][0] == 1
    assert not numbers & set(wrapped.encode([text], 5000)[0][1:-1])


def test_every_text_comes_back(learned):
    """Bytes that were never seen too."""
    for text in (CODE, "é ∑ 漢字 \x00\r\n\t'll", "a  b   ", ""):
        assert learned.decode(learned.encode(text).ids) == text


def test_the_same_texts_give_the_same_tokenizer(learned):
    """To the last byte of its file, whatever order a hash table has; an iterator is as good as a list."""
    texts = [CODE * 3, "don't 'test' it 2024 'test' 'test'", "".join(SPECIALS) * 50, "x = 1234 + 1234\n"]
    assert train_byte_pairs(iter(texts), 424).to_str(pretty=True) == learned.to_str(pretty=True)


def test_sizes(learned):
    """Few texts give fewer tokens than asked for; no room for the bytes is refused; so is another tokenizer."""
    small = train_byte_pairs(["aa aa"], 424)
    assert small.get_vocab_size() == 5 + 256 + 2 + 103  # aa, and aa after a space
    assert special_tokens(small).code_start == 5 + 256 + 2 + 102
    with pytest.raises(ValueError, match="364"):
        train_byte_pairs([CODE], 363)
    import tokenizers

    with pytest.raises(ValueError, match="without"):
        special_tokens(tokenizers.Tokenizer(tokenizers.models.BPE({"a": 0}, [])))
