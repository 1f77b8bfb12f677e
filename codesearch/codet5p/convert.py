"""Writes a checkpoint of our own format from one of another layout.

Two layouts: sentence-transformers with a BERT encoder (`modules.json`; all-MiniLM-L6-v2 and its like), and the
published CodeT5+ folders. Golden vectors, computed from the source's own precision, go beside the weights, so that
`verify` can tell whether this machine computes what the source did. To run it:
`python -m codesearch.codet5p.convert SOURCE TARGET`.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from codesearch.codet5p.checkpoint import SAFETENSORS_FILE, read_tensors, write_checkpoint
from codesearch.codet5p.config import Architecture, CheckpointConfig, Pooling, SpecialTokens, StackConfig
from codesearch.codet5p.config_files import read_config
from codesearch.codet5p.errors import CheckpointFileMissing, CheckpointInvalid, CheckpointUnreadable
from codesearch.codet5p.tensors import expected_shapes
from codesearch.codet5p.tokenizer import (
    DECODER_TOKENIZER_FILE,
    TOKENIZER_FILE,
    plain_tokenizer_json,
    tokenizer_text,
)

if TYPE_CHECKING:
    import torch

MODULES_FILE = "modules.json"
_POOLING_FILE = Path("1_Pooling") / "config.json"
_LENGTH_FILE = "sentence_bert_config.json"
_QUERY_TOKENS = 64
_BERT_SPECIAL = {"pad": "[PAD]", "bos": "[CLS]", "eos": "[SEP]", "unknown": "[UNK]", "mask": "[MASK]"}


def convert(source: Path, target: Path, name: str | None = None) -> CheckpointConfig:
    """Write the checkpoint in `source` to the folder `target` in our own format, half precision.

    `name` is the new checkpoint's name, by default the target folder's. Raises the errors of reading a checkpoint;
    CheckpointInvalid also for a sentence-transformers pooling that is neither first token nor mean.
    """
    from codesearch.codet5p.golden import write_golden

    if (source / MODULES_FILE).is_file():
        config, tensors, tokenizer = _read_sentence_transformer(source)
    else:
        config, tensors, tokenizer = _read_checkpoint(source)
    decoder_tokenizer = None
    if config.decoder_special is not None:
        decoder_tokenizer = tokenizer_text(source, DECODER_TOKENIZER_FILE)
    config = dataclasses.replace(config, name=name or target.name)
    write_checkpoint(target, config, tensors, tokenizer, decoder_tokenizer)
    write_golden(target, config, tensors)
    return config


def _read_checkpoint(source: Path) -> tuple[CheckpointConfig, dict[str, torch.Tensor], str]:
    import torch

    config = read_config(source)
    tensors = read_tensors(source, config, torch.float32)
    return config, tensors, tokenizer_text(source)


def _read_sentence_transformer(source: Path) -> tuple[CheckpointConfig, dict[str, torch.Tensor], str]:
    from safetensors.torch import load_file

    for name in ("config.json", TOKENIZER_FILE, SAFETENSORS_FILE):
        if not (source / name).is_file():
            raise CheckpointFileMissing(source, (name,))
    tokenizer = (source / TOKENIZER_FILE).read_text(encoding="utf-8")
    config = _sentence_transformer_config(source, json.loads(tokenizer))
    found = load_file(source / SAFETENSORS_FILE)
    # The pooler is trained with BERT's own task and takes no part in a sentence vector; the rest must fit exactly,
    # which `write_checkpoint` checks.
    ignored = {"pooler.dense.weight", "pooler.dense.bias", "embeddings.position_ids"}
    return config, {key: value for key, value in found.items() if key not in ignored}, plain_tokenizer_json(tokenizer)


def _sentence_transformer_config(source: Path, tokenizer: dict[str, Any]) -> CheckpointConfig:
    path = source / "config.json"
    fields = _read_json(path)
    for field, wanted in (("model_type", "bert"), ("hidden_act", "gelu"), ("position_embedding_type", "absolute")):
        if fields.get(field, wanted) != wanted:
            raise CheckpointInvalid(path, field, fields[field])
    heads = int(fields["num_attention_heads"])
    encoder = StackConfig(
        architecture=Architecture.BERT,
        vocabulary_size=int(fields["vocab_size"]),
        hidden_size=int(fields["hidden_size"]),
        feed_forward_size=int(fields["intermediate_size"]),
        layers=int(fields["num_hidden_layers"]),
        heads=heads,
        head_size=int(fields["hidden_size"]) // heads,
        norm_epsilon=float(fields["layer_norm_eps"]),
        positions=int(fields["max_position_embeddings"]),
        token_types=int(fields["type_vocab_size"]),
    )
    passage_tokens = int(_read_json(source / _LENGTH_FILE)["max_seq_length"])
    numbers = {added["content"]: int(added["id"]) for added in tokenizer["added_tokens"]}
    return CheckpointConfig(
        name=source.name,
        encoder=encoder,
        decoder=None,
        pooling=_pooling(source / _POOLING_FILE),
        projection=None,
        matching_head=False,
        max_tokens=encoder.positions,
        query_tokens=min(_QUERY_TOKENS, passage_tokens),
        passage_tokens=passage_tokens,
        special=SpecialTokens(**{field: numbers[token] for field, token in _BERT_SPECIAL.items()}),
    )


def _pooling(path: Path) -> Pooling:
    fields = _read_json(path)
    chosen = {field for field, value in fields.items() if field.startswith("pooling_mode_") and value}
    if chosen == {"pooling_mode_mean_tokens"}:
        return Pooling.MEAN
    if chosen == {"pooling_mode_cls_token"}:
        return Pooling.FIRST
    raise CheckpointInvalid(path, "pooling_mode", sorted(chosen))


def _read_json(path: Path) -> dict[str, Any]:
    if not path.is_file():
        raise CheckpointFileMissing(path.parent, (path.name,))
    try:
        return dict(json.loads(path.read_text(encoding="utf-8")))
    except ValueError as error:
        raise CheckpointUnreadable(path, str(error)) from error


def main() -> None:
    """Convert the folder named first on the command line to the folder named second."""
    parser = argparse.ArgumentParser(description="Convert a checkpoint to codesearch's own format.")
    parser.add_argument("source", type=Path)
    parser.add_argument("target", type=Path)
    parser.add_argument("--name", help="the checkpoint's name; default: the target folder's")
    arguments = parser.parse_args()
    config = convert(arguments.source, arguments.target, arguments.name)
    sys.stdout.write(f"{arguments.target}: {config.name}, {len(expected_shapes(config))} tensors\n")


if __name__ == "__main__":
    main()
