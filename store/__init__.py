"""Where is it kept? The library: catalogue, lexical index, embeddings and vectors, on this machine."""

from store.errors import CodesearchError

__all__ = ["CodesearchError"]
