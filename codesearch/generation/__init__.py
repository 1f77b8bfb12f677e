"""Code written from a prompt and the functions that were found for it: retrieval-augmented generation.

What a client of `CodeSearch.generate` needs to ask and to read the answer. Importing this package loads nothing heavy.
How it goes is in `recipe`, what a writer reads in `context`, what counts as usable in `usable`; the writer on this
machine is `local`, one behind an address `endpoint`.
"""

from __future__ import annotations

from codesearch.generation.answer import DEFAULT_RETRIEVE, Context, GeneratedAnswer, GenerationSettings, Reason, Watch

__all__ = ["DEFAULT_RETRIEVE", "Context", "GeneratedAnswer", "GenerationSettings", "Reason", "Watch"]
