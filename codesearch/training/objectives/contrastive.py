"""Text-code contrastive learning: a text's vector should be nearest to its own code's, and the reverse.

CodeT5+, section 3.2: symmetric InfoNCE with a learned temperature, and as further negatives the vectors of queues that
a momentum encoder fills. What the paper leaves open (first temperature and its bounds) follows BLIP.
Makes no vectors: that is `Network`, and `momentum` for the queues.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor, nn

from codesearch.training.objectives.groups import Candidates, same_group

FIRST_TEMPERATURE = 0.07  # BLIP's, and those of the bounds
LOWEST_TEMPERATURE = 0.001
HIGHEST_TEMPERATURE = 0.5


@dataclass(frozen=True, slots=True)
class MomentumVectors:
    """What the momentum encoder made: of this batch, float32, shape (batch, dimension), and what its queues hold.

    With them, a batch's vectors are compared with `code` and `text` of the momentum encoder and not with each other.
    """

    text: Tensor
    code: Tensor
    queued_text: Candidates
    queued_code: Candidates


class Contrast(NamedTuple):
    """The loss, and how many of the batch's texts are nearest to their own of the batch's codes (from 0 to 1)."""

    loss: Tensor
    accuracy: Tensor


class ContrastiveLoss(nn.Module):
    """Symmetric InfoNCE with a learned temperature (CodeT5+, section 3.2).

    The parameter is the temperature's logarithm, held within the bounds whenever a loss is computed.
    """

    def __init__(self, temperature: float = FIRST_TEMPERATURE) -> None:
        super().__init__()
        self.log_temperature = nn.Parameter(torch.tensor(math.log(temperature)))

    @property
    def temperature(self) -> float:
        """The temperature by which similarities are divided."""
        return float(self.log_temperature.detach().exp())

    def forward(
        self,
        text: Tensor,
        code: Tensor,
        groups: Tensor | None = None,
        momentum: MomentumVectors | None = None,
    ) -> Contrast:
        """Return the mean loss of both directions, and the accuracy; row i of `text` belongs to row i of `code`.

        `text` and `code` are unit vectors, float32, shape (batch, dimension). Of `groups`, int64, shape (batch,), no
        two equal ones are negatives of each other, in the batch or in a queue.
        """
        with torch.no_grad():
            self.log_temperature.clamp_(math.log(LOWEST_TEMPERATURE), math.log(HIGHEST_TEMPERATURE))
        if groups is None:
            groups = torch.full((len(text),), -1, device=text.device)
        queued = (None, None) if momentum is None else (momentum.queued_text, momentum.queued_code)
        near = (text, code) if momentum is None else (momentum.text, momentum.code)
        texts, same_texts = _candidates(near[0], groups, queued[0])
        codes, same_codes = _candidates(near[1], groups, queued[1])

        with torch.autocast(text.device.type, enabled=False):  # bfloat16 would move a similarity by 0.05 temperatures
            temperature = self.log_temperature.exp()
            logits = text @ codes.T / temperature
            forth = _cross_entropy(logits, same_codes)
            back = _cross_entropy(code @ texts.T / temperature, same_texts)
        return Contrast((forth + back) / 2, _accuracy(logits.detach(), same_codes))


def _candidates(near: Tensor, groups: Tensor, queued: Candidates | None) -> tuple[Tensor, Tensor]:
    """Return the vectors to choose from, the batch's first, and which of them are no negatives of which row."""
    vectors, others = near, groups
    if queued is not None:
        unknown = torch.full((len(queued.vectors),), -1, device=near.device)
        vectors = torch.cat([near, queued.vectors])
        others = torch.cat([groups, unknown if queued.groups is None else queued.groups])
    return vectors, same_group(groups, others).fill_diagonal_(fill_value=False)


def _cross_entropy(logits: Tensor, same: Tensor) -> Tensor:
    """Return the mean cross entropy of each row's own candidate; those that are the `same` are not told apart from."""
    own = torch.arange(len(logits), device=logits.device)
    return nn.functional.cross_entropy(logits.masked_fill(same, -math.inf), own)


def _accuracy(logits: Tensor, same: Tensor) -> Tensor:
    rows = len(logits)
    nearest = logits[:, :rows].masked_fill(same[:, :rows], -math.inf).argmax(dim=1)
    return (nearest == torch.arange(rows, device=logits.device)).float().mean()
