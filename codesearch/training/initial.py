"""Makes the checkpoints that training starts from; nothing in them has seen a pair of a question and its code.

Two routes. `assemble_efficient` keeps the encoder of a checkpoint that can already embed, tokenizer included, and puts
a shallow decoder with a code tokenizer of its own behind it: copies of the encoder's layers (`copied_decoder`), or a
fresh T5. `assemble_from_scratch` makes a small CodeT5+: one tokenizer, encoder and decoder of T5, a projection. Both
have a fresh matching head, both are written in our own format with golden values. Fresh weights are transformers' own
initialisation, from a seed.
"""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch

from codesearch.codet5p.checkpoint import read_tensors, write_checkpoint
from codesearch.codet5p.config import Architecture, CheckpointConfig, Pooling, StackConfig
from codesearch.codet5p.config_files import read_config
from codesearch.codet5p.golden import write_golden
from codesearch.codet5p.network import Network
from codesearch.codet5p.tensors import decoder_embedding, expected_shapes, token_embedding
from codesearch.codet5p.tokenizer import Tokenizer, plain_tokenizer_json, tokenizer_text
from codesearch.training.byte_pairs import SENTINELS, special_tokens
from codesearch.training.copied_decoder import copied_stack, copied_tensors, counterparts

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import tokenizers

_NORM_EPSILON = 1e-6  # T5's
# CodeT5+'s own limits: the longest sequence, its evaluation's longest query and longest function
_MAX_TOKENS, _QUERY_TOKENS, _PASSAGE_TOKENS = 512, 64, 360

# Where an identifier's next word begins: parse|HTTP|Response, getUser|2|Id only before the letter.
_CAMEL_CASE = "(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])"

_PIECES_OF_A_TOKEN = 64  # more than any token of ours has in another vocabulary, its ends included
# How much of a token's first embedding is its own. An encoder that folds case reads `return`, ` return` and `Return`
# alike; the decoder must be able to tell them apart from the first step on.
_OWN_SHARE = 0.2
_NOT_TEXT = "\N{REPLACEMENT CHARACTER}"  # what the library decodes a part of a character to


@dataclass(frozen=True, slots=True)
class DecoderShape:
    """A shallow decoder of the encoder's width: a fresh T5, or copies of the layers `copied_layers` of a BERT encoder.

    Copies have the encoder's sizes and the other fields mean nothing. `heads` divides the width. With 16,384 tokens
    and width 384 either has 13.4 million parameters, 6.3 of them embeddings (copies 0.2 more, positions and biases):
    with a MiniLM of 22.6 million before it, 72 MB in half precision.
    """

    layers: int = 3
    heads: int = 6
    feed_forward: int = 1536
    copied_layers: tuple[int, ...] | None = None


# Every other layer of a MiniLM's six. A decoder that has to learn attention first learns no matching in the time that
# a CPU has for it.
COPIES = DecoderShape(copied_layers=(0, 2, 4))


@dataclass(frozen=True, slots=True)
class ScratchShape:
    """A shallow and wide CodeT5+: with 16,384 tokens 29.5 million parameters, 59 MB in half precision."""

    width: int = 512
    layers: int = 4
    decoder_layers: int = 2
    heads: int = 8
    feed_forward: int = 2048
    projection: int = 256


def assemble_efficient(
    encoder_folder: Path,
    decoder_tokenizer: tokenizers.Tokenizer,
    target: Path,
    *,
    shape: DecoderShape | None = None,
    seed: int = 0,
) -> CheckpointConfig:
    """Write to `target` the encoder of the checkpoint in `encoder_folder` with a new decoder and matching head.

    `decoder_tokenizer` is one of `train_byte_pairs`; its tokens start from the encoder's embeddings
    (`embeddings_from_encoder`). `shape` is by default `COPIES` for a BERT encoder that has these layers, a fresh T5
    for any other. Where the encoder's tokenizer folds case, it is made to split `parseDate` first. Raises the errors
    of reading a checkpoint, and CheckpointInvalid when the encoder has no such layers to copy.
    """
    source = read_config(encoder_folder).encoder_part
    shape = shape or _default_shape(source.encoder)
    copied, rows = shape.copied_layers, decoder_tokenizer.get_vocab_size()
    if copied is None:
        decoder = _decoder(source.encoder.hidden_size, rows, shape)
    else:
        decoder = copied_stack(encoder_folder, source.encoder, copied, rows)
    config = dataclasses.replace(
        source,
        name=target.name,
        decoder=decoder,
        matching_head=True,
        decoder_special=special_tokens(decoder_tokenizer),
    )
    text = with_camel_case_split(tokenizer_text(encoder_folder))
    kept = _encoder_tensors(encoder_folder, source)
    tensors = _fresh_tensors(config, seed) | kept
    if copied is not None:
        tensors |= copied_tensors(kept, copied)
    own = tensors[decoder_embedding(config)]
    tensors[decoder_embedding(config)] = _first_table(config, text, kept, own, decoder_tokenizer)
    write_checkpoint(target, config, tensors, text, plain_tokenizer_json(decoder_tokenizer.to_str()))
    write_golden(target, config, tensors)
    return config


def assemble_from_scratch(
    tokenizer: tokenizers.Tokenizer, target: Path, *, shape: ScratchShape | None = None, seed: int = 0
) -> CheckpointConfig:
    """Write to `target` a whole new network whose encoder and decoder share `tokenizer`, one of `train_byte_pairs`."""
    shape = shape or ScratchShape()
    rows = tokenizer.get_vocab_size()
    decoder = _decoder(shape.width, rows, DecoderShape(shape.decoder_layers, shape.heads, shape.feed_forward))
    config = CheckpointConfig(
        name=target.name,
        encoder=dataclasses.replace(decoder, layers=shape.layers),
        decoder=decoder,
        pooling=Pooling.FIRST,
        projection=shape.projection,
        matching_head=True,
        max_tokens=_MAX_TOKENS,
        query_tokens=_QUERY_TOKENS,
        passage_tokens=_PASSAGE_TOKENS,
        special=special_tokens(tokenizer),
    )
    tensors = _fresh_tensors(config, seed)
    write_checkpoint(target, config, tensors, plain_tokenizer_json(tokenizer.to_str()))
    write_golden(target, config, tensors)
    return config


def embeddings_from_encoder(
    encoder: CheckpointConfig, tokenizer: str, table: torch.Tensor, written: tokenizers.Tokenizer
) -> tuple[torch.Tensor, torch.Tensor]:
    """Return a first embedding for each token of `written`, shape (tokens, width), and which tokens have one.

    `tokenizer` is the text of the encoder's tokenizer file, `table` its token embeddings, shape (vocabulary, width). A
    token's text is split by the encoder's tokenizer, and the token gets the mean of those rows, made as long as they
    are on average, since a mean is shorter than what it is of. Without one: white space, parts of a character, special
    tokens, texts that the encoder does not know. Their rows are zero.
    """
    import tokenizers

    reader = Tokenizer(encoder.encoder.architecture, encoder.special, tokenizers.Tokenizer.from_str(tokenizer))
    texts = _token_texts(written)
    rows = torch.zeros(len(texts), table.shape[1])
    known = torch.zeros(len(texts), dtype=torch.bool)
    for token, ids in enumerate(reader.encode(texts, _PIECES_OF_A_TOKEN)):
        pieces = [piece for piece in ids[1:-1] if piece != encoder.special.unknown]
        if pieces:
            found = table[pieces].float()
            mean = found.mean(0)
            rows[token] = mean / _root_mean_square(mean) * _root_mean_square(found).mean()
            known[token] = True
    return rows, known


def with_camel_case_split(tokenizer: str) -> str:
    """Return the text of a tokenizer file that puts a space into `parseDate` before it folds case.

    One that does not fold case first stays as it is: it splits names already, or keeps case, and what is written with
    it would have the space.
    """
    document: dict[str, Any] = json.loads(tokenizer)
    found = document.get("normalizer") or {}
    if not found.get("lowercase"):
        return tokenizer
    split = {"type": "Replace", "pattern": {"Regex": _CAMEL_CASE}, "content": " "}
    document["normalizer"] = {"type": "Sequence", "normalizers": [split, found]}
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"))


def _default_shape(encoder: StackConfig) -> DecoderShape:
    bert = encoder.architecture is Architecture.BERT
    return COPIES if bert and encoder.layers > max(COPIES.copied_layers or ()) else DecoderShape()


def _first_table(
    config: CheckpointConfig,
    tokenizer: str,
    encoder: Mapping[str, torch.Tensor],
    own: torch.Tensor,
    written: tokenizers.Tokenizer,
) -> torch.Tensor:
    """Return a new decoder's token embeddings: the encoder's where it has any for a token, and a share of `own`.

    T5's table begins as standard normal, and its tied language head divides by the square root of the width on account
    of that: there every row gets a root mean square of 1. A copied decoder's layers have seen the encoder's rows
    (BERT's are 20 times shorter, frequent words' the most), so there rows keep their length, and special tokens begin
    as the encoder's.
    """
    table = encoder[token_embedding(config)].float()
    rows, known = embeddings_from_encoder(config.encoder_part, tokenizer, table, written)
    if config.decoder is not None and config.decoder.architecture is Architecture.BERT:
        for token, read in counterparts(config.writing, config.special).items():
            rows[token] = table[read]
            known[token] = True
        lengths = torch.where(known.unsqueeze(1), _root_mean_square(rows), _root_mean_square(table).mean())
        own = own / _root_mean_square(own) * lengths
    else:
        rows[known] /= _root_mean_square(rows[known])
    mixed = (1 - _OWN_SHARE**2) ** 0.5 * rows + _OWN_SHARE * own
    return torch.where(known.unsqueeze(1), mixed, own)


def _root_mean_square(rows: torch.Tensor) -> torch.Tensor:
    """Return the root mean square of each row, in a last dimension of one."""
    return rows.square().mean(-1, keepdim=True).sqrt()


def _decoder(width: int, rows: int, shape: DecoderShape) -> StackConfig:
    return StackConfig(
        architecture=Architecture.T5,
        vocabulary_size=rows,
        hidden_size=width,
        feed_forward_size=shape.feed_forward,
        layers=shape.layers,
        heads=shape.heads,
        head_size=width // shape.heads,
        norm_epsilon=_NORM_EPSILON,
    )


def _encoder_tensors(folder: Path, encoder: CheckpointConfig) -> dict[str, torch.Tensor]:
    every = read_tensors(folder, read_config(folder), torch.float32)
    return {name: every[name] for name in expected_shapes(encoder)}


def _fresh_tensors(config: CheckpointConfig, seed: int) -> dict[str, torch.Tensor]:
    """Return every tensor of a new network; the generator of the caller stays as it is."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return {name: tensor.detach() for name, tensor in Network(config).tensors().items()}


def _token_texts(written: tokenizers.Tokenizer) -> list[str]:
    """Return the text of each token in the order of ids, empty for special tokens and parts of a character."""
    hidden = {number for number in dataclasses.asdict(special_tokens(written)).values() if number is not None}
    sentinel = special_tokens(written).sentinel or 0
    hidden |= set(range(sentinel - SENTINELS + 1, sentinel + 1))
    texts = [written.decode([token], skip_special_tokens=False) for token in range(written.get_vocab_size())]
    return ["" if token in hidden or _NOT_TEXT in text else text for token, text in enumerate(texts)]
