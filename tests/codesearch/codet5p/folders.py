"""Writes small random checkpoints to disk in exactly the published formats, for the tests of this folder.

The vocabulary is our own: the special tokens, the 256 bytes in the alphabet of byte-level BPE, a few merges, the 100
sentinels in descending order, and for two-stage checkpoints [ENC], [TDEC], [CDEC] as added tokens.
"""

from __future__ import annotations

import json

import numpy as np

from codesearch.codet5p.config_files import read_config
from codesearch.codet5p.tensors import expected_shapes, tied_copies

SPECIALS = ["<pad>", "<s>", "</s>", "<unk>", "<mask>"]
MERGES = [("d", "e"), ("de", "f"), ("Ġ", "a"), ("r", "e"), ("t", "u"), ("re", "tu"), ("retu", "rn"), ("r", "n")]
SENTINELS = [f"<extra_id_{number}>" for number in range(99, -1, -1)]
STAGE_TWO = ["[ENC]", "[TDEC]", "[CDEC]"]

_TINY = {"d_model": 24, "d_kv": 8, "d_ff": 40, "num_layers": 2, "num_decoder_layers": 2, "num_heads": 4}
PUBLISHED_SHAPE = {
    "d_model": 768,
    "d_kv": 64,
    "d_ff": 3072,
    "num_layers": 12,
    "num_decoder_layers": 12,
    "num_heads": 12,
}


def alphabet():
    """Return the character that stands for each byte: itself where it can be seen, else one from 256 on."""
    seen = [*range(33, 127), *range(161, 173), *range(174, 256)]
    hidden = iter(range(256, 512))
    return [chr(byte) if byte in seen else chr(next(hidden)) for byte in range(256)]


def vocabulary():
    words = [*SPECIALS, *alphabet(), *("".join(merge) for merge in MERGES), *SENTINELS]
    return {word: number for number, word in enumerate(words)}


def write_tokenizer(folder, two_stage):
    """vocab.json and merges.txt as published; the plain T5 without tokenizer.json, its sentinels as dictionaries."""
    words = vocabulary()
    (folder / "vocab.json").write_text(json.dumps(words, indent=None if two_stage else 2, ensure_ascii=False))
    lines = ["#version: 0.2 - Trained by a test", *(" ".join(merge) for merge in MERGES)]
    (folder / "merges.txt").write_text("\n".join(lines) + "\n")
    (folder / "tokenizer_config.json").write_text(json.dumps({"add_prefix_space": False, "model_max_length": 512}))
    added = {name: len(words) + place for place, name in enumerate(STAGE_TWO)} if two_stage else {}
    (folder / "added_tokens.json").write_text(json.dumps(added))
    flags = {"lstrip": True, "normalized": False, "rstrip": False, "single_word": False, "__type": "AddedToken"}
    sentinels = STAGE_TWO if two_stage else [{"content": name, **flags} for name in SENTINELS]
    (folder / "special_tokens_map.json").write_text(json.dumps({"additional_special_tokens": sentinels}))
    if two_stage:
        write_single_tokenizer(folder, words, added)


def write_single_tokenizer(folder, words, added):
    """tokenizer.json as the hub's files have it: special tokens marked, truncation and a template of RoBERTa's kind."""
    from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, processors

    inner = Tokenizer(models.BPE(words, MERGES))
    inner.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    inner.decoder = decoders.ByteLevel()
    inner.post_processor = processors.RobertaProcessing(("</s>", 2), ("<s>", 1), add_prefix_space=False)
    inner.add_special_tokens([AddedToken(name, normalized=False) for name in (*SPECIALS, *added)])
    inner.enable_truncation(512)
    inner.save(str(folder / "tokenizer.json"))


def write_config(folder, model_type, **fields):
    """config.json with the published fields; `model_type` is t5, codet5p_embedding or codet5p_bimodal."""
    two_stage = model_type != "t5"
    document = {
        "model_type": model_type,
        "vocab_size": len(vocabulary()) + (len(STAGE_TWO) if two_stage else 0),
        "is_encoder_decoder": model_type != "codet5p_embedding",
        "feed_forward_proj": "relu",
        "dropout_rate": 0.1,
        "layer_norm_epsilon": 1e-06,
        "relative_attention_num_buckets": 32,
        "relative_attention_max_distance": 128,
        "n_positions": 512,
        "pad_token_id": 0,
        "bos_token_id": 1,
        "eos_token_id": 2,
        "decoder_start_token_id": 0,
        **({"embed_dim": 12} if two_stage else {}),
        **_TINY,
        **fields,
    }
    (folder / "config.json").write_text(json.dumps(document))


def random_tensors(config, seed=0):
    """Weights large enough that attention is not flat and a wrong position bias shows."""
    numbers = np.random.default_rng(seed)
    return {
        name: (numbers.normal(1, 0.2, shape) if "norm" in name.lower() else numbers.normal(0, 0.3, shape)).astype("f4")
        for name, shape in expected_shapes(config).items()
    }


def write_weights(folder, tensors, config, file="pytorch_model.bin", dtype="float32", copies=True):
    """Write `tensors`, with their tied copies or without, in the named file and type."""
    import torch
    from safetensors.torch import save_file

    named = {name: torch.from_numpy(tensor).to(getattr(torch, dtype)) for name, tensor in tensors.items()}
    if copies:
        named |= {copy: named[source].clone() for copy, source in tied_copies(config).items()}
    if file.endswith(".bin"):
        torch.save(named, folder / file)
    else:
        save_file(named, folder / file)


def published(folder, model_type, seed=0, **weights):
    """Write a whole small checkpoint; return its configuration and tensors."""
    folder.mkdir(parents=True, exist_ok=True)
    write_config(folder, model_type)
    write_tokenizer(folder, two_stage=model_type != "t5")
    config = read_config(folder)
    tensors = random_tensors(config, seed)
    write_weights(folder, tensors, config, **weights)
    return config, tensors
