"""Tiny checkpoints and settings for the tests of batches, steps and the trainer."""

from __future__ import annotations

import dataclasses

import torch

from codesearch.codet5p.checkpoint import write_checkpoint
from codesearch.codet5p.config import Architecture, CheckpointConfig, Pooling, SpecialTokens, StackConfig
from codesearch.codet5p.network import Network
from codesearch.codet5p.tokenizer import plain_tokenizer_json
from codesearch.training.byte_pairs import special_tokens, train_byte_pairs
from codesearch.training.sampling import Pair, group_of
from codesearch.training.settings import Settings, Stage
from tests.codesearch.training.examples import corpus

SETTINGS = Settings(
    (), query_tokens=24, passage_tokens=48, decoder_tokens=40, source_tokens=60, tokens_at_once=200, neighbours=2
)
EXAMPLES = corpus(4, 4)
PAIRS = [
    Pair(one, one.documentation.lower(), one.code, group_of(one.documentation))
    for one in corpus(2, 3)
]  # fmt: skip

_PIECES = ["def", "return", "open", "close", "count", "file", "user", "order", *"abcdefghijklmnopqrstuvwxyz", *"().=:_"]
WORDS = [
    "[PAD]", *(f"[unused{number}]" for number in range(99)), "[UNK]", "[CLS]", "[SEP]", "[MASK]",
    *_PIECES, *(f"##{piece}" for piece in _PIECES),
]  # fmt: skip
READING = SpecialTokens(pad=0, bos=101, eos=102, unknown=100, mask=103)
_PAIRS_OF_BYTES = train_byte_pairs([one.code for one in corpus()], 420)
WRITING = special_tokens(_PAIRS_OF_BYTES)


def word_pieces():
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers

    inner = Tokenizer(models.WordPiece({word: place for place, word in enumerate(WORDS)}, unk_token="[UNK]"))
    inner.normalizer = normalizers.BertNormalizer()
    inner.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    return inner.to_str()


def write_bert(folder, seed=0):
    """A BERT of letters with a T5 decoder and a tokenizer of its own, with fresh weights."""
    reader = StackConfig(Architecture.BERT, len(WORDS), 32, 48, 2, 4, 8, 1e-12, positions=64)
    writer = StackConfig(Architecture.T5, _PAIRS_OF_BYTES.get_vocab_size(), 32, 48, 1, 4, 8, 1e-6)
    config = CheckpointConfig("tiny", reader, writer, Pooling.MEAN, 16, True, 64, 24, 48, READING, WRITING)
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        tensors = {name: tensor.detach() for name, tensor in Network(config).tensors().items()}
    write_checkpoint(folder, config, tensors, word_pieces(), plain_tokenizer_json(_PAIRS_OF_BYTES.to_str()))
    return folder


def settings(*stages, **fields):
    return dataclasses.replace(SETTINGS, stages=stages, **fields)


def stage(objectives, **fields):
    weights = dict.fromkeys(objectives.split(), 1.0)
    return Stage(**{"name": "one", "steps": 6, "objectives": weights, "pairs": 8, "warm_up": 2, **fields})
