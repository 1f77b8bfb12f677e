"""Text-code contrastive learning: a text's vector should be nearest to its own code's, and the reverse.

CodeT5+, section 3.2: symmetric InfoNCE with a learned temperature, and as further negatives the vectors of queues that
a momentum encoder fills. What the paper leaves open (first temperature and its bounds, soft targets) follows BLIP.
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
SOFT_TARGETS = 0.4  # BLIP's alpha


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


def soft_target_weight(step: int, steps_per_epoch: int, highest: float = SOFT_TARGETS) -> float:
    """Return how much the momentum encoder's opinion counts: 0 rising to `highest` over the first epoch (BLIP)."""
    return highest * min(1.0, step / max(1, steps_per_epoch))


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
        soft_targets: float = 0.0,
        hard: Candidates | None = None,
    ) -> Contrast:
        """Return the mean loss of both directions, and the accuracy; row i of `text` belongs to row i of `code`.

        `text` and `code` are unit vectors, float32, shape (batch, dimension). Of `groups`, int64, shape (batch,), no
        two equal ones are negatives of each other, in the batch or in a queue. `soft_targets` is the weight of the
        momentum encoder's own distribution in the target. `hard` holds further codes, shape (batch, n, dimension) with
        groups (batch, n): each text is told apart from all of them, not only from its own.

        Raises ValueError for soft targets without momentum vectors.
        """
        if soft_targets and momentum is None:
            raise ValueError("soft targets are the opinion of a momentum encoder: give its vectors")
        with torch.no_grad():
            self.log_temperature.clamp_(math.log(LOWEST_TEMPERATURE), math.log(HIGHEST_TEMPERATURE))
        if groups is None:
            groups = torch.full((len(text),), -1, device=text.device)
        queued = (None, None) if momentum is None else (momentum.queued_text, momentum.queued_code)
        near = (text, code) if momentum is None else (momentum.text, momentum.code)
        texts, same_texts = _candidates(near[0], groups, queued[0])
        codes, same_codes = _candidates(near[1], groups, hard, queued[1])

        opinions = (None, None) if momentum is None else (momentum.text, momentum.code)
        with torch.autocast(text.device.type, enabled=False):  # bfloat16 would move a similarity by 0.05 temperatures
            temperature = self.log_temperature.exp()
            logits = text @ codes.T / temperature
            targets = _targets(opinions[0], codes, same_codes, temperature, soft_targets)
            forth = _cross_entropy(logits, targets, same_codes)
            targets = _targets(opinions[1], texts, same_texts, temperature, soft_targets)
            back = _cross_entropy(code @ texts.T / temperature, targets, same_texts)
        return Contrast((forth + back) / 2, _accuracy(logits.detach(), same_codes))


def _candidates(near: Tensor, groups: Tensor, *further: Candidates | None) -> tuple[Tensor, Tensor]:
    """Return the vectors to choose from, the batch's first, and which of them are no negatives of which row."""
    vectors, others = [near], [groups]
    for more in further:
        if more is not None:
            vectors.append(more.vectors.reshape(-1, near.shape[1]))
            unknown = torch.full((len(vectors[-1]),), -1, device=near.device)
            others.append(unknown if more.groups is None else more.groups.reshape(-1))
    same = same_group(groups, torch.cat(others))
    return torch.cat(vectors), same.fill_diagonal_(fill_value=False)


def _targets(
    momentum: Tensor | None, candidates: Tensor, same: Tensor, temperature: Tensor, soft_targets: float
) -> Tensor:
    """Return the distribution wanted for each row: on its own candidate, softened by the momentum encoder's."""
    targets = torch.zeros(same.shape, device=candidates.device).fill_diagonal_(1.0)
    if momentum is None or not soft_targets:
        return targets
    with torch.no_grad():
        opinion = (momentum @ candidates.T / temperature).masked_fill(same, -math.inf).softmax(dim=1)
        return soft_targets * opinion + (1 - soft_targets) * targets


def _cross_entropy(logits: Tensor, targets: Tensor, same: Tensor) -> Tensor:
    """Return the mean cross entropy; candidates that are the `same` are in neither numerator nor denominator."""
    likelihoods = logits.masked_fill(same, -math.inf).log_softmax(dim=1).masked_fill(same, 0.0)
    return -(targets * likelihoods).sum(dim=1).mean()


def _accuracy(logits: Tensor, same: Tensor) -> Tensor:
    rows = len(logits)
    nearest = logits[:, :rows].masked_fill(same[:, :rows], -math.inf).argmax(dim=1)
    return (nearest == torch.arange(rows, device=logits.device)).float().mean()
