"""The model that a run learns similarities from: frozen, and reading texts with its own tokenizer.

Any checkpoint that embeds can be one, whatever its vocabulary and the length of its vectors: only similarities are
compared. The formula is `objectives.distillation`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from codesearch.codet5p import find_model
from codesearch.codet5p.network import load_network
from codesearch.training.batches import BatchMaker
from codesearch.training.steps import Vectors, embed_groups

if TYPE_CHECKING:
    from codesearch.training.prepared import Read
    from codesearch.training.settings import Settings


class Teacher:
    """The model `settings.teacher` on `device`, in the precision of search: bfloat16 on a GPU.

    `maker` makes what it reads, in widths that are multiples of `multiple`. Raises ModelNotFound and the errors of
    reading a checkpoint.
    """

    def __init__(self, name: str, settings: Settings, device: str = "cpu", multiple: int = 1) -> None:
        folder = find_model(name)
        self._network = load_network(folder, device).requires_grad_(requires_grad=False)
        self.maker = BatchMaker(folder, self._network.config.encoder_part, settings, multiple)

    @torch.no_grad()
    def vectors(self, read: Read) -> Vectors:
        """Return what the teacher makes of queries and passages in its own tokens (`maker`): unit vectors, float32."""
        if read.code is None:
            raise ValueError("the teacher compares texts with codes")
        return Vectors(self._network.embed(read.text.ids, read.text.mask), embed_groups(self._network, read.code))
