"""From packages to examples: (documentation, function) pairs and lone functions of permissively licensed code.

    from codesearch.training.corpus import build_corpus, read_examples, read_sources

    report = build_corpus(read_sources(None), downloads=Path("downloads"), output=Path("corpus"))
    for example in read_examples(Path("corpus")):
        ...

What an example is stands in `records`, where the code comes from in `sources`, what is left out and why in `filters`,
`near_duplicates` and `overlap`, the order of it all in `build`. Nothing here knows a model.
"""

from __future__ import annotations

from codesearch.training.corpus.build import build_corpus
from codesearch.training.corpus.questions import code_digest, read_questions
from codesearch.training.corpus.records import Example, read_examples, read_manifest, write_shards
from codesearch.training.corpus.report import CorpusReport, SourceReport
from codesearch.training.corpus.sources import Source, own_repository, read_sources

__all__ = [
    "CorpusReport",
    "Example",
    "Source",
    "SourceReport",
    "build_corpus",
    "code_digest",
    "own_repository",
    "read_examples",
    "read_manifest",
    "read_questions",
    "read_sources",
    "write_shards",
]
