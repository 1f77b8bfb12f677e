"""bm25s: seconds to index texts, then to answer each question, in memory.

Asked with `texts`, `questions` and `repeats`; answers with `index` and `search`, lists of seconds.
"""

from __future__ import annotations

import bm25s
from exchange import answer, request, seconds

RESULTS = 10


def main() -> None:
    """Measure what is asked."""
    asked = request()
    built: list[bm25s.BM25] = []

    def build() -> None:
        retriever = bm25s.BM25()
        retriever.index(bm25s.tokenize(asked["texts"], show_progress=False), show_progress=False)
        built.append(retriever)

    def search(question: str) -> None:
        words = bm25s.tokenize([question], show_progress=False)
        built[-1].retrieve(words, k=min(RESULTS, len(asked["texts"])), show_progress=False)

    index = [seconds(build) for _ in range(asked["repeats"])]
    search(asked["questions"][0])
    answer(index=index, search=[seconds(lambda q=q: search(q)) for q in asked["questions"]])


if __name__ == "__main__":
    main()
