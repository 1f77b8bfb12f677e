"""A slowly moving copy of the encoder, and queues of what it made: many negatives at the price of a batch.

CodeT5+, section 3.2: the momentum encoder is a linear interpolation of itself and the encoder; the queues hold its
vectors of former batches, and their tokens too, so that the matching decoder can read what it is given as a negative.
The momentum itself and the queue's length in pre-training are not in the paper; 0.995 is BLIP's, 57,600 is the length
that both use for retrieval. What is done with the vectors is for `contrastive` and `matching`.
"""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from codesearch.training.objectives.groups import Candidates
from codesearch.training.objectives.sequences import Padded

if TYPE_CHECKING:
    from codesearch.codet5p.network import Network

MOMENTUM = 0.995
QUEUE_SIZE = 57_600


class MomentumEncoder(nn.Module):
    """A copy of what embeds (encoder, projection), always in evaluation mode, in float32, without gradients.

    It is kept in float32 because a step of it, 0.005 of a difference, is lost in bfloat16; compute under autocast for
    speed.
    """

    def __init__(self, network: Network, momentum: float = MOMENTUM) -> None:
        super().__init__()
        self.momentum = momentum
        own = copy.deepcopy(network)
        own.language_model = own.itm_head = own.enc_to_dec_proj = None
        self.network: Network = own.float().requires_grad_(requires_grad=False)
        self.train(mode=False)

    def train(self, mode: bool = True) -> MomentumEncoder:  # noqa: ARG002 - torch calls it with a mode
        """Stay in evaluation mode: dropout would be noise in what the encoder is taught."""
        super().train(mode=False)
        return self

    @torch.no_grad()
    def update(self, network: Network) -> None:
        """Move towards `network`: weights become momentum x own + (1 - momentum) x the network's."""
        theirs = dict(network.named_parameters())
        for name, own in self.network.named_parameters():
            own.lerp_(theirs[name].to(own.dtype), 1 - self.momentum)

    @torch.no_grad()
    def embed(self, ids: Tensor, mask: Tensor) -> Tensor:
        """Return unit vectors, float32, shape (batch, dimension), of ids as `Network.embed` takes them."""
        return self.network.embed(ids, mask)


class MomentumQueue(nn.Module):
    """The last `size` examples of one side: vectors, groups and tokens; a full queue forgets the oldest first.

    Its buffers are its whole state, so that with `state_dict` training goes on exactly where it stopped. `tokens` is
    the longest sequence kept; `pad` fills shorter ones up. Places count from the oldest example, 0, to the newest, and
    change with every `push`.
    """

    vectors: Tensor
    groups: Tensor
    ids: Tensor
    lengths: Tensor
    pushed: Tensor

    def __init__(self, size: int, dimension: int, tokens: int, pad: int = 0) -> None:
        super().__init__()
        self.size = size
        self.pad = pad
        self.register_buffer("vectors", torch.zeros(size, dimension))
        self.register_buffer("groups", torch.full((size,), -1))
        self.register_buffer("ids", torch.full((size, tokens), pad, dtype=torch.int32))  # 57,600 x 420: 97 MB
        self.register_buffer("lengths", torch.zeros(size, dtype=torch.int64))
        self.register_buffer("pushed", torch.tensor(0))  # examples ever kept: tells both the fill and the next slot
        self._count = 0  # the same number where reading it does not make a GPU wait
        self.register_load_state_dict_post_hook(lambda queue, _: queue.recount())  # type: ignore[no-untyped-call]

    def __len__(self) -> int:
        return min(self._count, self.size)

    @torch.no_grad()
    def push(self, vectors: Tensor, groups: Tensor, sequences: Padded | None = None) -> None:
        """Append examples in order: vectors (batch, dimension), groups (batch,), and tokens for the decoder or encoder.

        Of a batch longer than the queue only the end stays; without `sequences` nothing is there to `take`. Raises
        ValueError when a sequence is longer than `tokens`.
        """
        kept = min(len(vectors), self.size)
        slots = (torch.arange(kept, device=self.vectors.device) + self._count) % self.size
        if sequences is None:
            self.lengths[slots] = 0
        else:
            self._keep(slots, sequences)
        self.vectors[slots] = vectors[-kept:].to(self.vectors.dtype)
        self.groups[slots] = groups[-kept:]
        self._count += kept
        self.pushed.fill_(self._count)

    def _keep(self, slots: Tensor, sequences: Padded) -> None:
        """Keep the last sequences, one for each of `slots`."""
        kept = len(slots)
        lengths = sequences.mask.sum(dim=1)
        width = int(lengths.max()) if len(lengths) else 0
        if width > self.ids.shape[1]:
            raise ValueError(f"a sequence of {width} tokens in a queue for {self.ids.shape[1]}")
        self.lengths[slots] = lengths[-kept:]
        ids = torch.full((kept, self.ids.shape[1]), self.pad, dtype=self.ids.dtype, device=self.ids.device)
        present = sequences.mask[-kept:, :width] == 1
        ids[:, :width] = torch.where(present, sequences.ids[-kept:, :width].to(ids.dtype), self.pad)
        self.ids[slots] = ids

    def recount(self) -> None:
        """Take over how many examples were kept from `pushed`, after a state was loaded."""
        self._count = int(self.pushed)

    def contents(self) -> Candidates:
        """Return a copy of all vectors, shape (len, dimension), and their groups, oldest first."""
        slots = self._slots(torch.arange(len(self), device=self.vectors.device))
        return Candidates(self.vectors[slots], self.groups[slots])

    def take(self, places: Tensor) -> Padded:
        """Return the tokens of the examples at `places` (int64, shape (n,); 0 is the oldest), no wider than needed."""
        slots = self._slots(places)
        lengths = self.lengths[slots]
        width = int(lengths.max()) if len(places) else 0
        mask = torch.arange(width, device=lengths.device) < lengths.unsqueeze(1)
        return Padded(self.ids[slots, :width].to(torch.int64), mask.to(torch.int64))

    def _slots(self, places: Tensor) -> Tensor:
        return (places + self._count) % self.size if self._count >= self.size else places
