"""Writes small random checkpoints whose encoder and decoder have a tokenizer each, for the tests of this folder.

The encoder reads folded words (WordPiece), the decoder the byte-level tokens of `folders`.
"""

from __future__ import annotations

from codesearch.codet5p.checkpoint import write_checkpoint
from codesearch.codet5p.config import Architecture, CheckpointConfig, Pooling, SpecialTokens, StackConfig
from tests.codesearch.codet5p import folders

WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a", "date", "parse", "##d", "return", "def", "(", ")", ":"]
NUMBER = {word: place for place, word in enumerate([*folders.vocabulary(), *folders.STAGE_TWO])}
ROWS = len(NUMBER)
READING = SpecialTokens(pad=0, bos=2, eos=3, unknown=1, mask=4)
WRITING = SpecialTokens(0, 1, 2, 3, 4, 0, ROWS - 3, ROWS - 2, ROWS - 1, ROWS - 4)
BERT = StackConfig(Architecture.BERT, len(WORDS), 24, 40, 2, 4, 6, 1e-12, positions=64)
T5 = StackConfig(Architecture.T5, len(WORDS), 24, 40, 2, 4, 6, 1e-6)
DECODER = StackConfig(Architecture.T5, ROWS, 24, 40, 2, 4, 6, 1e-6)
BERT_DECODER = StackConfig(Architecture.BERT, ROWS, 24, 40, 1, 4, 6, 1e-12, positions=64)


def word_pieces():
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers

    inner = Tokenizer(models.WordPiece({word: place for place, word in enumerate(WORDS)}, unk_token="[UNK]"))
    inner.normalizer = normalizers.BertNormalizer()
    inner.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    return inner.to_str()


def byte_pairs():
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers

    inner = Tokenizer(models.BPE(dict(NUMBER), folders.MERGES))
    inner.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    inner.decoder = decoders.ByteLevel()
    return inner.to_str()


def write(folder, encoder=BERT, decoder=DECODER):
    """Write a checkpoint whose weights half precision holds exactly; return its configuration and tensors."""
    config = CheckpointConfig("pair", encoder, decoder, Pooling.MEAN, 10, True, 64, 32, 64, READING, WRITING)
    tensors = {name: one.astype("f2").astype("f4") for name, one in folders.random_tensors(config, seed=5).items()}
    write_checkpoint(folder, config, tensors, word_pieces(), byte_pairs())
    return config, tensors
