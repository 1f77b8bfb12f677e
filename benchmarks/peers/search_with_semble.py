"""semble: seconds to index a folder, then to answer each question, by words alone and with its static vectors too.

Asked with `repository`, `questions`, `repeats`, `folder` (where a Model2Vec model is made) and its `vectors` (a .npy
file, one row for each token) and `tokenizer`; answers with `index`, `lexical` and `hybrid`, lists of seconds, and
`chunks`. Without the published model, which is not on every machine, quality means nothing here; speed does not depend
on the values of vectors.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
from exchange import answer, request, seconds
from model2vec import StaticModel
from semble.index import SembleIndex
from tokenizers import Tokenizer

WORDS_ONLY = 0.0  # semble's `alpha`: the weight of vectors
RESULTS = 10


def main() -> None:
    """Measure what is asked."""
    asked = request()
    folder = Path(asked["folder"])
    if not folder.exists():
        tokenizer = Tokenizer.from_file(asked["tokenizer"])
        StaticModel(np.load(asked["vectors"]), tokenizer, normalize=True).save_pretrained(folder)
    built: list[SembleIndex] = []

    def build() -> None:
        built.append(SembleIndex.from_path(asked["repository"], model_path=str(folder)))

    with tempfile.TemporaryDirectory() as empty:
        first = [seconds(build) for _ in range(asked["repeats"])]
        saved = Path(empty) / "index"
        built[-1].save(saved)
        size = sum(path.stat().st_size for path in saved.rglob("*") if path.is_file())
    index, questions = built[-1], asked["questions"]
    index.search(questions[0], RESULTS)
    answer(
        index=first,
        lexical=[seconds(lambda q=q: index.search(q, RESULTS, alpha=WORDS_ONLY)) for q in questions],
        hybrid=[seconds(lambda q=q: index.search(q, RESULTS)) for q in questions],
        chunks=index.stats.total_chunks,
        bytes=size,
    )


if __name__ == "__main__":
    main()
