"""One step's losses: the objectives of a stage, computed from one batch with as little computed twice as can be.

Texts and codes are encoded once and serve contrast, matching and writing; codes are encoded in groups of about equal
length. Of a frozen encoder no graph is kept.
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
from codesearch.training.objectives.matching import (
    Drawn,
    EncodedTexts,
    Matching,
    Negatives,
    SoftTargets,
    batch_negatives,
    draw_negatives,
    matching_loss,
    queue_negatives,
)
from codesearch.training.objectives.momentum import MomentumEncoder, MomentumQueue
from codesearch.training.objectives.sequences import stack_rows

if TYPE_CHECKING:
    from codesearch.codet5p.network import Network
    from codesearch.training.batches import Grouped
    from codesearch.training.objectives.causal import LanguageBatch
    from codesearch.training.objectives.sequences import Padded
    from codesearch.training.prepared import Mined, Prepared, Read
    from codesearch.training.settings import Settings, Stage
    from codesearch.training.teacher import Teacher


class Vectors(NamedTuple):
    """What one encoder made of a batch: unit vectors, float32, shape (pairs, dimension)."""

    text: Tensor
    code: Tensor


class _Encoded(NamedTuple):
    """What the encoder made of a batch: states of texts and, where they are asked for, of codes; and vectors."""

    texts: EncodedTexts
    codes: EncodedTexts | None
    vectors: Vectors | None


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
        config, queue = network.config, stage.queue
        tokens = (settings.query_tokens, settings.passage_tokens) if stage.queued_negatives else (1, 1)
        self.texts = MomentumQueue(queue, config.dimension, tokens[0], config.special.pad) if queue else None
        self.codes = MomentumQueue(queue, config.dimension, tokens[1], config.writing.pad) if queue else None
        self.teacher = teacher

    network: Network

    def forward(self, batch: Prepared) -> dict[str, Tensor]:
        """Return the loss of each objective of the stage, and under "accuracy" how many texts found their code.

        `batch` is on the network's device and made for this stage.
        """
        losses: dict[str, Tensor] = {}
        sources: dict[str, EncodedTexts | None] = {}
        if batch.read is not None:
            encoded = self._encoded(batch.read)
            if encoded.vectors is not None:
                losses |= self._compared(batch, batch.read, encoded.texts, encoded.vectors)
            sources = {joint.TEXT_TO_CODE: encoded.texts, joint.CODE_TO_TEXT: encoded.codes}
        return losses | {name: self._written(one, sources.get(name)) for name, one in batch.language.items()}

    def _learning_encoder(self) -> torch.set_grad_enabled:
        """Return the context in which the encoder computes: without a graph where it is frozen."""
        return torch.set_grad_enabled("encoder" not in self._stage.frozen)

    def _encoded(self, read: Read) -> _Encoded:
        with self._learning_encoder():
            texts = EncodedTexts(self.network.encode(*read.text), read.text.mask)
            if read.code is None:
                return _Encoded(texts, None, None)
            groups = [EncodedTexts(self.network.encode(*one), one.mask) for one in read.code.batches]
            codes = torch.cat([self.network.pool(*one) for one in groups])[read.code.rows]
            vectors = Vectors(self.network.pool(*texts), codes)
            written = joint.CODE_TO_TEXT in self._stage.objectives
            return _Encoded(texts, _in_order(groups, read.code.rows) if written else None, vectors)

    def _compared(self, batch: Prepared, read: Read, texts: EncodedTexts, vectors: Vectors) -> dict[str, Tensor]:
        """Return the losses of the objectives that compare vectors, and push what is compared onto the queues."""
        losses: dict[str, Tensor] = {}
        momentum = None
        if joint.CONTRASTIVE in self._stage.objectives:
            momentum = self._momentum_vectors(read, vectors)
            contrast = self.contrastive(vectors.text, vectors.code, batch.groups, momentum)
            losses |= {joint.CONTRASTIVE: contrast.loss, "accuracy": contrast.accuracy}
        if batch.taught is not None and self.teacher is not None:
            losses[joint.DISTILLATION] = self._distil(self.teacher.vectors(batch.taught), vectors)
        if batch.written_code is not None:
            matching = self._matched(batch.written_code, batch, texts, vectors)
            losses |= {joint.MATCHING: matching.loss, "matching accuracy": matching.accuracy}
        if momentum is not None and self.texts is not None and self.codes is not None:
            kept = self._stage.queued_negatives
            self.texts.push(momentum.text, batch.groups, read.text if kept else None)
            self.codes.push(momentum.code, batch.groups, batch.written_code if kept else None)
        return losses

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

    def _matched(self, codes: Padded, batch: Prepared, texts: EncodedTexts, vectors: Vectors) -> Matching:
        """Return the loss of matching the `codes`, which may be fewer than the texts: then of the first pairs."""
        pairs = len(codes.ids)
        texts = EncodedTexts(texts.states[:pairs], texts.mask[:pairs])
        vectors = Vectors(vectors.text[:pairs], vectors.code[:pairs])
        negatives = self._negatives(codes, batch.groups[:pairs], texts, vectors)
        if batch.mined is not None:
            negatives = self._mined(batch.mined, negatives, vectors.text)
        share = self._stage.soft_matching
        soft = SoftTargets(share, (vectors.text * vectors.code).sum(dim=1)) if share else None
        return matching_loss(self.network, texts, codes, negatives, soft)

    def _negatives(self, codes: Padded, groups: Tensor, texts: EncodedTexts, vectors: Vectors) -> Negatives:
        """Return a wrong code for each text and a wrong text for each code: from the queues, or from the batch."""
        temperature = self._stage.negative_temperature
        if self._stage.queued_negatives and self.texts is not None and self.codes is not None and len(self.texts):
            wrong_codes = draw_negatives(vectors.text, groups, self.codes.contents(), temperature)
            wrong_texts = draw_negatives(vectors.code, groups, self.texts.contents(), temperature)
            with self._learning_encoder():
                return queue_negatives(self.network, (self.texts, self.codes), wrong_codes, wrong_texts)
        wrong_codes = draw_negatives(vectors.text, groups, Candidates(vectors.code, groups), temperature)
        wrong_texts = draw_negatives(vectors.code, groups, Candidates(vectors.text, groups), temperature)
        return batch_negatives(texts, codes, wrong_codes, wrong_texts)

    def _mined(self, mined: Mined, negatives: Negatives, texts: Tensor) -> Negatives:
        """Return the negatives with the codes that a search found for the `texts`, given as vectors."""
        with torch.no_grad():
            found = embed_groups(self.network, mined.code)
        places = torch.arange(len(texts), device=texts.device)
        return negatives._replace(
            codes=mined.written_code, codes_drawn=Drawn(places, mined.found, (texts * found).sum(dim=1))
        )

    def _written(self, batch: LanguageBatch, source: EncodedTexts | None) -> Tensor:
        """Return the loss of what is written of `source`, or of the batch's own, which is then encoded."""
        if source is None:
            with self._learning_encoder():
                source = EncodedTexts(self.network.encode(*batch.source), batch.source.mask)
        return language_loss(self.network.language_logits(*source, batch.decoder_input), batch.labels)


def embed_groups(network: Network, sequences: Grouped) -> Tensor:
    """Return the unit vectors, shape (sequences, dimension), of what was grouped, in its first order."""
    vectors = [network.embed(padded.ids, padded.mask) for padded in sequences.batches]
    return torch.cat(vectors)[sequences.rows]


def _in_order(groups: list[EncodedTexts], rows: Tensor) -> EncodedTexts:
    """Return what was encoded in groups as one batch in its first order."""
    states = stack_rows([one.states for one in groups])
    return EncodedTexts(states[rows], stack_rows([one.mask for one in groups])[rows])
