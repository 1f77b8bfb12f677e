"""Joint training: which objectives a stage has, and the weighted sum of their losses.

CodeT5+, section 3: two stages, on code alone and on pairs, each an equally weighted sum. Computes no objective; the
trainer does and hands the losses here under the names of this module.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import torch

if TYPE_CHECKING:
    from collections.abc import Mapping

    from torch import Tensor

DENOISING = "denoising"
CONTINUATION = "continuation"
WHOLE_SEQUENCE = "whole_sequence"
CONTRASTIVE = "contrastive"
MATCHING = "matching"
TEXT_TO_CODE = "text_to_code"
CODE_TO_TEXT = "code_to_text"
DISTILLATION = "distillation"  # not of the paper
OBJECTIVES = (DENOISING, CONTINUATION, WHOLE_SEQUENCE, CONTRASTIVE, MATCHING, TEXT_TO_CODE, CODE_TO_TEXT, DISTILLATION)


class Stage(NamedTuple):
    """A name, and the weight of each objective by its name."""

    name: str
    weights: Mapping[str, float]


# Section 3.1: denoising alone for the first 10,000 steps, then with both causal forms; section 3.2: four losses.
WARM_UP = Stage("warm-up", {DENOISING: 1.0})
CODE_ALONE = Stage("code alone", {DENOISING: 1.0, CONTINUATION: 1.0, WHOLE_SEQUENCE: 1.0})
PAIRS = Stage("pairs", {CONTRASTIVE: 1.0, MATCHING: 1.0, TEXT_TO_CODE: 1.0, CODE_TO_TEXT: 1.0})


class Joint(NamedTuple):
    """The sum to minimise, and each objective's own loss, without its weight and without gradients.

    The parts stay tensors, so that a step on a GPU does not wait for numbers that nobody prints.
    """

    total: Tensor
    parts: dict[str, Tensor]


def joint_loss(stage: Stage, losses: Mapping[str, Tensor]) -> Joint:
    """Return the weighted sum of `losses`, scalars by objective.

    Raises ValueError unless there is exactly one for every objective of the stage.
    """
    if losses.keys() != stage.weights.keys():
        raise ValueError(f"stage {stage.name!r} has {sorted(stage.weights)} and was given {sorted(losses)}")
    total = torch.stack([weight * losses[name] for name, weight in stage.weights.items()]).sum()
    return Joint(total, {name: loss.detach() for name, loss in losses.items()})
