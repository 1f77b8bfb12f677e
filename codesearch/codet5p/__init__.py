"""The model: CodeT5+ checkpoints (and any other encoder in our own checkpoint format) as a network and a tokenizer.

Importing this package loads neither torch nor transformers. What is done with the vectors, and how a network is
trained, is for the folder above.
"""

from codesearch.codet5p.encoders import LoadedEncoder, load_encoder
from codesearch.codet5p.matcher import Matcher, load_matcher
from codesearch.codet5p.registry import ModelStatus, automatic_model, find_model, list_models, name_in_fingerprint
from codesearch.codet5p.verify import Check, VerificationReport, verify
from codesearch.codet5p.writer import Decoding, Task, Writer, Written, load_writer

__all__ = [
    "Check",
    "Decoding",
    "LoadedEncoder",
    "Matcher",
    "ModelStatus",
    "Task",
    "VerificationReport",
    "Writer",
    "Written",
    "automatic_model",
    "find_model",
    "list_models",
    "load_encoder",
    "load_matcher",
    "load_writer",
    "name_in_fingerprint",
    "verify",
]
