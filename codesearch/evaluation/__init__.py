"""How good is it? The search on judged sets, the matching head on judged pairs, the decoder on held-out functions.

`CodeSearch` has a method for each; what the methods for the decoder are asked and say is here:

    WritingSettings, GenerationReport   `CodeSearch.evaluate_generation`
    ProblemSettings, ProblemsReport     `CodeSearch.evaluate_problems`

Importing this package loads nothing heavy; a name is loaded when it is first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from codesearch.evaluation.generation.report import (
        GenerationReport,
        ProblemSettings,
        ProblemsReport,
        WritingSettings,
    )

__all__ = ["GenerationReport", "ProblemSettings", "ProblemsReport", "WritingSettings"]


def __getattr__(name: str) -> object:
    """Load a public name from its home on first use."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(import_module(f"{__name__}.generation.report"), name)
    globals()[name] = value
    return value
