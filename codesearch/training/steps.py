"""One step's losses: the objectives of a stage, computed from one batch with as little computed twice as can be.

Texts are encoded once and serve contrast, matching and generation; codes are encoded in groups of about equal length.
Nothing here asks the device for a number, so that a GPU is never waited for. Formulas are in `objectives`, what a batch
is in `prepared`; the optimiser and what happens between steps are the trainer's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import torch
from torch import Tensor, nn

from codesearch.training.objectives import joint
from codesearch.training.objectives.causal import language_loss
from codesearch.training.objectives.contrastive import ContrastiveLoss, MomentumVectors
from codesearch.training.objectives.distillation import similarity_distillation
from codesearch.training.objectives.groups import Candidates
from codesearch.training.objectives.matching import EncodedTexts, batch_negatives, draw_negatives, matching_loss
from codesearch.training.objectives.momentum import MomentumEncoder, MomentumQueue

if TYPE_CHECKING:
    from codesearch.codet5p.network import Network
    from codesearch.training.batches import Grouped
    from codesearch.training.objectives.causal import LanguageBatch
    from codesearch.training.objectives.sequences import Padded
    from codesearch.training.prepared import Prepared, Read
    from codesearch.training.settings import Settings, Stage
    from codesearch.training.teacher import Teacher


class Vectors(NamedTuple):
    """What one encoder made of a batch: unit vectors, float32, shape (pairs, dimension)."""

    text: Tensor
    code: Tensor


class StageSteps(nn.Module):
    """Computes the losses of one stage; its state (temperature, queues, momentum encoder) is saved with the run.

    The objective "distillation" needs a `teacher`; without one it is left out.
    """

    def __init__(self, network: Network, settings: Settings, stage: Stage, teacher: Teacher | None = None) -> None:
        super().__init__()
        object.__setattr__(self, "network", network)  # not a part of this module's state
        self._settings = settings
        self._stage = stage
        self.contrastive = ContrastiveLoss(settings.temperature)
        self.momentum = None if stage.momentum is None else MomentumEncoder(network, stage.momentum)
        dimension, queue = network.config.dimension, stage.queue
        self.texts = MomentumQueue(queue, dimension, 1) if queue else None
        self.codes = MomentumQueue(queue, dimension, 1) if queue else None
        self.teacher = teacher

    network: Network

    def forward(self, batch: Prepared) -> dict[str, Tensor]:
        """Return the loss of each objective of the stage, and under "accuracy" how many texts found their code.

        `batch` is on the network's device and made for this stage.
        """
        losses: dict[str, Tensor] = {}
        language = dict(batch.language)
        if batch.read is not None:
            texts, vectors = self._encoded(batch.read)
            if vectors is not None:
                losses |= self._compared(batch, batch.read, texts, vectors)
            if joint.TEXT_TO_CODE in language:
                written = language.pop(joint.TEXT_TO_CODE)
                logits = self.network.language_logits(texts.states, texts.mask, written.decoder_input)
                losses[joint.TEXT_TO_CODE] = language_loss(logits, written.labels)
        return losses | {name: self._language(written) for name, written in language.items()}

    def _encoded(self, read: Read) -> tuple[EncodedTexts, Vectors | None]:
        with torch.set_grad_enabled("encoder" not in self._stage.frozen):
            states = self.network.encode(read.text.ids, read.text.mask)
            texts = EncodedTexts(states, read.text.mask)
            if read.code is None:
                return texts, None
            codes = embed_groups(self.network, read.code)
            return texts, Vectors(self.network.pool(states, read.text.mask), codes)

    def _compared(self, batch: Prepared, read: Read, texts: EncodedTexts, vectors: Vectors) -> dict[str, Tensor]:
        """Return the losses of the objectives that compare vectors."""
        losses: dict[str, Tensor] = {}
        if joint.CONTRASTIVE in self._stage.objectives:
            losses |= self._contrast(read, batch.groups, vectors)
        if batch.taught is not None and self.teacher is not None:
            losses[joint.DISTILLATION] = self._distil(self.teacher.vectors(batch.taught), vectors)
        if batch.written_code is not None:
            losses |= self._match(batch.written_code, batch.groups, texts, vectors)
        return losses

    def _contrast(self, read: Read, groups: Tensor, vectors: Vectors) -> dict[str, Tensor]:
        momentum = self._momentum_vectors(read, vectors)
        contrast = self.contrastive(vectors.text, vectors.code, groups, momentum)
        if self.texts is not None and self.codes is not None and momentum is not None:
            self.texts.push(momentum.text, groups)
            self.codes.push(momentum.code, groups)
        return {joint.CONTRASTIVE: contrast.loss, "accuracy": contrast.accuracy}

    def _momentum_vectors(self, read: Read, vectors: Vectors) -> MomentumVectors | None:
        """Return what the loss compares with besides the batch: the momentum encoder's vectors and the queues."""
        if self.texts is None or self.codes is None:
            return None
        near = vectors
        if self.momentum is not None and read.code is not None:
            self.momentum.update(self.network)
            with torch.no_grad():
                text = self.momentum.embed(read.text.ids, read.text.mask)
                near = Vectors(text, embed_groups(self.momentum.network, read.code))
        return MomentumVectors(near.text, near.code, self.texts.contents(), self.codes.contents())

    def _distil(self, taught: Vectors, vectors: Vectors) -> Tensor:
        with torch.autocast(vectors.text.device.type, enabled=False):  # as in `contrastive`
            found, wanted = vectors.text @ vectors.code.T, taught.text @ taught.code.T
        return similarity_distillation(found, wanted, self._settings.temperature)

    def _match(self, codes: Padded, groups: Tensor, texts: EncodedTexts, vectors: Vectors) -> dict[str, Tensor]:
        temperature = self._settings.negative_temperature
        wrong_codes = draw_negatives(vectors.text, groups, Candidates(vectors.code, groups), temperature)
        wrong_texts = draw_negatives(vectors.code, groups, Candidates(vectors.text, groups), temperature)
        matching = matching_loss(self.network, texts, codes, batch_negatives(texts, codes, wrong_codes, wrong_texts))
        return {joint.MATCHING: matching.loss, "matching accuracy": matching.accuracy}

    def _language(self, batch: LanguageBatch) -> Tensor:
        with torch.set_grad_enabled("encoder" not in self._stage.frozen):
            states = self.network.encode(batch.source.ids, batch.source.mask)
        return language_loss(self.network.language_logits(states, batch.source.mask, batch.decoder_input), batch.labels)


def embed_groups(network: Network, sequences: Grouped) -> Tensor:
    """Return the unit vectors, shape (sequences, dimension), of what was grouped, in its first order."""
    vectors = [network.embed(padded.ids, padded.mask) for padded in sequences.batches]
    return torch.cat(vectors)[sequences.rows]
