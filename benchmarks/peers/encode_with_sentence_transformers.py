"""sentence-transformers with its defaults: seconds to encode the texts it is given, in float32 on all cores.

Asked with `folder` (a Hugging Face checkpoint), `max_tokens`, `texts`, `repeats` and `vectors` (a file for the result
of the last pass); answers with `seconds`, a list.
"""

from __future__ import annotations

import numpy as np
import torch
from exchange import answer, request, seconds
from sentence_transformers import SentenceTransformer, models

FLOAT32 = 32


def main() -> None:
    """Measure what is asked."""
    asked = request()
    transformer = models.Transformer(asked["folder"], max_seq_length=asked["max_tokens"])
    pooling = models.Pooling(transformer.get_word_embedding_dimension(), pooling_mode="mean")
    model = SentenceTransformer(modules=[transformer, pooling, models.Normalize()], device="cpu")
    assert torch.finfo(next(model.parameters()).dtype).bits == FLOAT32
    texts = asked["texts"]
    model.encode(texts[:32])  # what is only done once is not counted
    taken = []
    for _ in range(asked["repeats"]):
        taken.append(seconds(lambda: np.save(asked["vectors"], model.encode(texts))))
    answer(seconds=taken, threads=torch.get_num_threads())


if __name__ == "__main__":
    main()
