"""How weights move in a stage: which of them, how fast, and how the rate rises and falls.

Which losses they follow is for `steps`; when a step is taken is the trainer's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

if TYPE_CHECKING:
    from torch import nn

    from codesearch.codet5p.network import Network
    from codesearch.training.settings import Stage

_NOT_DECAYED = ("norm", "bias", "temperature")  # of AdamW's weight decay, as usual: norms and biases


def schedule(step: int, warm_up: int, steps: int) -> float:
    """Return the learning rate's share of its peak: linearly up during `warm_up` steps, then linearly to 0."""
    if step < warm_up:
        return (step + 1) / warm_up
    return max(0.0, (steps - step) / max(1, steps - warm_up))


def optimiser_of(network: Network, contrastive: nn.Module, stage: Stage, decay: float) -> torch.optim.AdamW:
    """Return AdamW with a rate for the encoder's side (`contrastive`'s among it) and one for the decoder's.

    What is frozen is in none of its groups, and needs no gradient from here on. Each group's "peak" is its rate.
    """
    groups: dict[tuple[float, float], list[torch.nn.Parameter]] = {}
    for name, parameter in [*network.named_parameters(), *contrastive.named_parameters()]:
        decoder = name.startswith(("language_model", "itm_head", "enc_to_dec_proj"))
        frozen = ("decoder" if decoder else "encoder") in stage.frozen
        parameter.requires_grad_(not frozen)
        if not frozen:
            rate = stage.decoder_learning_rate if decoder else stage.learning_rate
            kept = any(part in name.lower() for part in _NOT_DECAYED)
            groups.setdefault((rate, 0.0 if kept else decay), []).append(parameter)
    described = [{"params": found, "peak": rate, "weight_decay": decayed} for (rate, decayed), found in groups.items()]
    return torch.optim.AdamW(described, lr=0.0, fused=True)
