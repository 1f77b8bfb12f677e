"""Which functions are there? From a folder of code to definitions, passages and embeddings in the library."""

from __future__ import annotations

from indexer.encoder import Encoder
from indexer.errors import FolderUnreadable
from indexer.languages import known_languages
from indexer.passages import describe, passage_code, path_words
from indexer.pipeline import embed_repository, index_repository
from indexer.reading import FileReading, read_folder
from indexer.report import IndexReport
from indexer.snippets import bare_code, malformed_share
from indexer.split import split
from indexer.syntax import SyntaxNode, syntax_tree

__all__ = [
    "Encoder",
    "FileReading",
    "FolderUnreadable",
    "IndexReport",
    "SyntaxNode",
    "bare_code",
    "describe",
    "embed_repository",
    "index_repository",
    "known_languages",
    "malformed_share",
    "passage_code",
    "path_words",
    "read_folder",
    "split",
    "syntax_tree",
]
