"""A small checkpoint that has learned a few functions by heart: what they do, and how they go on."""

from __future__ import annotations

import torch
from torch.nn.functional import cross_entropy

from codesearch.codet5p.checkpoint import write_checkpoint
from codesearch.codet5p.config import Architecture, CheckpointConfig, Pooling, StackConfig
from codesearch.codet5p.network import Network
from codesearch.codet5p.tokenizer import load_tokenizer
from tests.codesearch.codet5p import folders, two_tokenizers

SUMMARIES = {
    "def add(a, b):\n    return a + b": "Add numbers.",
    "def size(path):\n    return len(path)": "Say the ∑.",
}
STEPS = 100
_BERT = StackConfig(Architecture.BERT, two_tokenizers.ROWS, 48, 96, 1, 4, 12, 1e-12, positions=160)
_IGNORED = -100


def write(folder):
    """Write the checkpoint into the folder; return its configuration."""
    special = two_tokenizers.WRITING
    config = CheckpointConfig("learned", _BERT, _BERT, Pooling.MEAN, None, False, 160, 32, 160, special)
    drawn = folders.random_tensors(config, seed=1)
    tensors = {name: one if "norm" in name.lower() else one / 2 for name, one in drawn.items()}
    write_checkpoint(folder, config, tensors, two_tokenizers.byte_pairs())
    tokenizer = load_tokenizer(folder, config)
    network = Network(config)
    network.load({name: torch.from_numpy(one) for name, one in tensors.items()})
    learn(network.eval(), tokenizer, list(examples()))  # without dropout: it is to learn by heart
    write_checkpoint(
        folder,
        config,
        {name: one.detach().numpy() for name, one in network.tensors().items()},
        two_tokenizers.byte_pairs(),
    )
    return config


def examples():
    """Yield (source, start token, target): summaries of code, code of summaries, and code beside other code."""
    special = two_tokenizers.WRITING
    for code, summary in SUMMARIES.items():
        yield code, special.text_start, summary
        yield summary, special.code_start, code
        for other in SUMMARIES:
            if other != code:
                yield other, special.code_start, code


def learn(network, tokenizer, lessons):
    """Teach the network all lessons at once, until it knows them."""
    sources = _padded(tokenizer.encode([source for source, _, _ in lessons], 160), 0)
    targets = tokenizer.encode([target for _, _, target in lessons], 160)
    read = _padded([[start, *ids[1:-1]] for (_, start, _), ids in zip(lessons, targets, strict=True)], 0)
    labels = _padded([ids[1:] for ids in targets], _IGNORED)
    mask = _padded([[1] * len(ids) for ids in tokenizer.encode([source for source, _, _ in lessons], 160)], 0)
    optimiser = torch.optim.AdamW(network.parameters(), lr=5e-3, weight_decay=0.0)
    schedule = torch.optim.lr_scheduler.LinearLR(optimiser, 1.0, 0.1, total_iters=STEPS)
    for _ in range(STEPS):
        logits = network.language_logits(network.encode(sources, mask), mask, read)
        loss = cross_entropy(logits.flatten(0, 1), labels.flatten(), ignore_index=_IGNORED)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        schedule.step()


def _padded(rows, padding):
    width = max(map(len, rows))
    return torch.tensor([[*row, *[padding] * (width - len(row))] for row in rows])
