"""Corpora, checkpoints and settings so small that a training run of a few steps takes a second."""

from __future__ import annotations

import tomllib

from codesearch.training.byte_pairs import train_byte_pairs
from codesearch.training.corpus.records import to_line, write_held_out, write_shards
from codesearch.training.initial import ScratchShape, assemble_from_scratch
from tests.codesearch.training.examples import corpus

SHAPE = ScratchShape(width=16, layers=1, decoder_layers=1, heads=2, feed_forward=32, projection=8)

SETTINGS = """
query_tokens = 16
passage_tokens = 24
decoder_tokens = 24
save_every = 2
evaluate_every = 2
{more}

[[stages]]
name = "first"
steps = 3
pairs = 4
queue = 8
warm_up = 1
objectives = {{ {objectives} }}

[[stages]]
name = "second"
steps = 2
pairs = 4
warm_up = 1
frozen = ["encoder"]
objectives = {{ matching = 1.0, text_to_code = 1.0 }}
"""


def write_corpus(folder, held_out=6):
    """Write the examples of the tests as a corpus in `folder`, the last of them held out; return the folder."""
    examples = corpus()
    write_shards(examples[: len(examples) - held_out], folder)
    write_held_out(map(to_line, examples[len(examples) - held_out :]), folder)
    return folder


def write_start(folder, seed=0):
    """Write a checkpoint of a few thousand weights, all parts in it, to `folder`; return the folder."""
    tokenizer = train_byte_pairs([example.code for example in corpus()], 420)
    assemble_from_scratch(tokenizer, folder, shape=SHAPE, seed=seed)
    return folder


def write_settings(file, objectives="contrastive = 1.0", more=""):
    """Write settings of five steps in two stages to `file`; return its name, as `train` takes it."""
    text = SETTINGS.format(objectives=objectives, more=more)
    tomllib.loads(text)
    file.write_text(text)
    return str(file)
