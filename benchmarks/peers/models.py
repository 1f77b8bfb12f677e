"""The models that peers run: made here from the bundled weights, since there is no model hub on every machine.

sentence-transformers gets the very network and weights of the bundled model, in its own format and precision. semble
gets the rows of its embedding table as a static model. Speed does not depend on the values of weights.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np

from codesearch.codet5p.checkpoint import read_tensors_numpy
from codesearch.codet5p.config_files import read_config
from codesearch.codet5p.registry import find_model

if TYPE_CHECKING:
    from pathlib import Path

MODEL = "bundled"
PASSAGE_TOKENS = read_config(find_model(MODEL)).passage_tokens
_STATIC_DIMENSION = 256  # of the static models that semble is published with


def sentence_transformers_folder(folder: Path) -> Path:
    """Write the bundled model as transformers keeps a BERT, in float32, and return the folder."""
    from safetensors.numpy import save_file

    source = find_model(MODEL)
    shape = read_config(source).encoder
    folder.mkdir(parents=True, exist_ok=True)
    config = {
        "architectures": ["BertModel"],
        "model_type": "bert",
        "dtype": "float32",
        "vocab_size": shape.vocabulary_size,
        "hidden_size": shape.hidden_size,
        "intermediate_size": shape.feed_forward_size,
        "num_hidden_layers": shape.layers,
        "num_attention_heads": shape.heads,
        "max_position_embeddings": shape.positions,
        "type_vocab_size": shape.token_types,
        "layer_norm_eps": shape.norm_epsilon,
        "hidden_act": "gelu",
    }
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    tensors = {name: np.ascontiguousarray(value, np.float32) for name, value in _tensors().items()}
    save_file(tensors, folder / "model.safetensors", {"format": "pt"})
    tokenizer_file(folder)
    names = {"cls_token": "[CLS]", "sep_token": "[SEP]", "pad_token": "[PAD]", "unk_token": "[UNK]"}
    kind = {"tokenizer_class": "PreTrainedTokenizerFast", "mask_token": "[MASK]", **names}
    (folder / "tokenizer_config.json").write_text(json.dumps(kind), encoding="utf-8")
    return folder


def tokenizer_file(folder: Path) -> Path:
    """Write the bundled tokenizer with the special tokens around a text, which ours adds itself; return the file."""
    content = json.loads((find_model(MODEL) / "tokenizer.json").read_text(encoding="utf-8"))
    special = read_config(find_model(MODEL)).special
    content["post_processor"] = {"type": "BertProcessing", "sep": ["[SEP]", special.eos], "cls": ["[CLS]", special.bos]}
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "tokenizer.json"
    file.write_text(json.dumps(content), encoding="utf-8")
    return file


def static_vectors(file: Path) -> Path:
    """Write a vector for each token of the bundled model as a .npy file, shape (tokens, 256), and return it."""
    file.parent.mkdir(parents=True, exist_ok=True)
    np.save(file, _tensors()["embeddings.word_embeddings.weight"][:, :_STATIC_DIMENSION].astype(np.float32))
    return file


def _tensors() -> dict[str, np.ndarray]:
    return dict(read_tensors_numpy(find_model(MODEL), read_config(find_model(MODEL))))
