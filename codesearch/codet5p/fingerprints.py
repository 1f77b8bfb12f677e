"""What a fingerprint (`registry.fingerprint`) says without its checkpoint: which model it is of.

Apart from `registry`, so that asking it loads neither numpy nor anything that reads checkpoints.
"""

from __future__ import annotations


def name_in_fingerprint(mark: str) -> str:
    """Return the name of the model whose fingerprint is `mark`, with or without a runtime's addition."""
    return mark.rpartition("@")[0]
