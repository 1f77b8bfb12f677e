"""Joint training: the names of the objectives, and the weighted sum of a stage's losses.

CodeT5+, section 3: two stages, on code alone and on pairs, each an equally weighted sum. Computes no objective; the
trainer does and hands the losses here under the names of this module.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

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
RETRIEVED_CODE = "retrieved_code"  # text-to-code with the code of a similar function: CodeT5+, section 5.6
COMPLETION = "completion"  # code from the code of a similar function alone
DISTILLATION = "distillation"  # not of the paper
OBJECTIVES = (
    DENOISING,
    CONTINUATION,
    WHOLE_SEQUENCE,
    CONTRASTIVE,
    MATCHING,
    TEXT_TO_CODE,
    CODE_TO_TEXT,
    RETRIEVED_CODE,
    COMPLETION,
    DISTILLATION,
)


def joint_loss(weights: Mapping[str, float], losses: Mapping[str, Tensor]) -> Tensor:
    """Return the sum of `losses`, scalars, each with the weight of its objective; what has no weight does not count.

    Raises ValueError where the loss of an objective is missing.
    """
    missing = sorted(weights.keys() - losses.keys())
    if missing:
        raise ValueError(f"there is no loss for {', '.join(missing)}")
    return torch.stack([weight * losses[name] for name, weight in weights.items()]).sum()
