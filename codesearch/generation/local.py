"""The writer on this machine: the decoder of a checkpoint, asked as the recipe asks any author.

How a decoder writes is `codet5p.writer`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from codesearch.codet5p.writer import Decoding, Task
from codesearch.generation.answer import Draft

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from codesearch.codet5p.writer import Writer
    from codesearch.generation.answer import Context, GenerationSettings

DEFAULT_MAX_TOKENS = 256  # about 25 lines; a function that needs more is hardly one that a small decoder can write


class LocalAuthor:
    """The decoder of the model `name`."""

    def __init__(self, writer: Writer, name: str) -> None:
        self._writer = writer
        self.name = name

    @property
    def source_tokens(self) -> int:
        """The most that is read, special tokens included."""
        return self._writer.source_tokens

    def tokens_in(self, text: str) -> int:
        """Return the number of tokens of a text, without special tokens."""
        return self._writer.tokens_in(text)

    def write(
        self,
        context: Context,
        languages: Iterable[str],  # noqa: ARG002 - this decoder follows the language of what it reads
        settings: GenerationSettings,
        on_text: Callable[[str], None] | None = None,
    ) -> list[Draft]:
        """Return what the decoder writes, the best first; with beams nothing goes to `on_text`."""
        decoding = Decoding(
            max_tokens=settings.max_tokens or DEFAULT_MAX_TOKENS,
            beams=settings.beams,
            temperature=settings.temperature,
            top_p=settings.top_p,
            seed=settings.seed,
        )
        watch = on_text if settings.beams == 1 else None
        written = self._writer.write(Task.CODE, context.parts, decoding, on_text=watch)
        return [Draft(one.text, one.cut_at) for one in written]
