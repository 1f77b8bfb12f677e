"""A tiny CodeT5+ and a handful of pairs for it, for the tests of this folder.

A text is a verb and a noun, its code is what the two mean, in other tokens and another order, so that every pair shares
half of itself with others: who looks at one token only is wrong.
"""

from __future__ import annotations

import torch

from codesearch.codet5p.config import Architecture, CheckpointConfig, Pooling, SpecialTokens, StackConfig
from codesearch.codet5p.network import Network

SPECIAL = SpecialTokens(
    pad=0, bos=1, eos=2, unknown=3, mask=4, decoder_start=0, match=45, text_start=46, code_start=47, sentinel=44
)
VERBS, NOUNS = (10, 11), (14, 15, 16, 17)

PAIRS = [
    ([1, verb, 20, noun, 2], [1, noun + 10, 30 + place % 3, verb + 10, 31, *[noun + 10] * (place % 2), 2])
    for place, (verb, noun) in enumerate((verb, noun) for verb in VERBS for noun in NOUNS)
]
TEXTS, CODES = map(list, zip(*PAIRS, strict=True))


def tiny_network(seed=0, width=32, dimension=16):
    """Return a network with fresh weights, as transformers makes them, in evaluation mode: no dropout."""
    stack = StackConfig(Architecture.T5, 48, width, 64, 2, 4, 8, 1e-6)
    config = CheckpointConfig("tiny", stack, stack, Pooling.FIRST, dimension, True, 64, 64, 64, SPECIAL)
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        network = Network(config)
    network.load(network.tensors())  # one embedding table for both stacks
    return network.eval()
