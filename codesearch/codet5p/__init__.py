"""The model: CodeT5+ checkpoints (and any other encoder in our own checkpoint format) as a network and a tokenizer.

Importing this package loads neither torch nor transformers: a name is loaded when it is first used. What is done with
the vectors, and how a network is trained, is for the folder above.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from codesearch.lazy_names import lazy_names

if TYPE_CHECKING:
    from codesearch.codet5p.encoders import FoundEncoder, LoadedEncoder, find_encoder, load_encoder
    from codesearch.codet5p.fingerprints import name_in_fingerprint
    from codesearch.codet5p.matcher import Matcher, load_matcher
    from codesearch.codet5p.registry import ModelStatus, automatic_model, find_model, list_models
    from codesearch.codet5p.verify import Check, VerificationReport
    from codesearch.codet5p.writer import Decoding, FoundWriter, Task, Writer, Written, find_writer, load_writer

__all__ = [
    "Check",
    "Decoding",
    "FoundEncoder",
    "FoundWriter",
    "LoadedEncoder",
    "Matcher",
    "ModelStatus",
    "Task",
    "VerificationReport",
    "Writer",
    "Written",
    "automatic_model",
    "find_encoder",
    "find_model",
    "find_writer",
    "list_models",
    "load_encoder",
    "load_matcher",
    "load_writer",
    "name_in_fingerprint",
]

_HOMES = {
    "Check": ".verify",
    "Decoding": ".writer",
    "FoundEncoder": ".encoders",
    "FoundWriter": ".writer",
    "LoadedEncoder": ".encoders",
    "Matcher": ".matcher",
    "ModelStatus": ".registry",
    "Task": ".writer",
    "VerificationReport": ".verify",
    "Writer": ".writer",
    "Written": ".writer",
    "automatic_model": ".registry",
    "find_encoder": ".encoders",
    "find_model": ".registry",
    "find_writer": ".writer",
    "list_models": ".registry",
    "load_encoder": ".encoders",
    "load_matcher": ".matcher",
    "load_writer": ".writer",
    "name_in_fingerprint": ".fingerprints",
}

__getattr__ = lazy_names(__name__, _HOMES)
