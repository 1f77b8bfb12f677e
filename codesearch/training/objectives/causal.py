"""Causal language modelling: the decoder writes a file's rest, a whole file, the code of a text, the text of a code.

CodeT5+, sections 3.1 (the first two) and 3.2 (the last two). A task is known by its first token: `[CLM]` begins the
source, `[CDEC]` and `[TDEC]` begin what the decoder writes. Makes examples out of ids without loading torch;
`language_loss` and `language_batch` are what a step of training needs of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import random
    from collections.abc import Sequence

    from torch import Tensor

    from codesearch.codet5p.config import SpecialTokens
    from codesearch.training.objectives.sequences import Padded

_EARLIEST_PIVOT = 10  # percent of the file: CodeT5+, section 3.1
_LATEST_PIVOT = 90
_SHORTEST_FRAME = 2  # <s> and </s>


class LanguageExample(NamedTuple):
    """Ids for the encoder, ids for the decoder, and after each of these the id that it should write."""

    source: list[int]
    decoder_input: list[int]
    labels: list[int]


class LanguageBatch(NamedTuple):
    """Examples as `Network.language_logits` takes them; `labels` are -100 at padding, both (batch, length)."""

    source: Padded
    decoder_input: Tensor
    labels: Tensor


def continuation(tokens: Sequence[int], special: SpecialTokens, rng: random.Random) -> tuple[list[int], list[int]]:
    """Return (source, target): `[CLM]` and the tokens up to a random pivot, and the tokens from there.

    The form that trains encoder and decoder. Nothing is added to the target: a file that ends should be given with its
    `</s>`. Raises ValueError for fewer than two tokens.
    """
    place = pivot(len(tokens), rng)
    return [special.unknown, *tokens[:place]], list(tokens[place:])


def whole_sequence(tokens: Sequence[int], special: SpecialTokens) -> tuple[list[int], list[int]]:
    """Return (source, target): the single `[CLM]`, and all the tokens; the form that trains the decoder alone."""
    return [special.unknown], list(tokens)


def pivot(length: int, rng: random.Random) -> int:
    """Return where to cut `length` tokens: uniform among the places from 10 % to 90 %, with a token on either side.

    Raises ValueError for fewer than two tokens.
    """
    if length < 2:  # noqa: PLR2004 - a source and a target
        raise ValueError(f"{length} tokens cannot be cut in two")
    first = max(1, -(-_EARLIEST_PIVOT * length // 100))
    return rng.randint(first, max(first, _LATEST_PIVOT * length // 100))


def text_to_code(text: Sequence[int], code: Sequence[int], decoder: SpecialTokens) -> LanguageExample:
    """Return the example in which the decoder, begun with `[CDEC]`, writes the code of a text.

    `text` is `<s> text </s>` in the encoder's vocabulary, `code` is `<s> code </s>` in the decoder's, whose special
    tokens are `decoder`. `[CDEC]` stands in place of the code's `<s>`, as `[ENC]` does for matching (the paper says
    "prepended"). Raises ValueError without the token or without such a frame.
    """
    return _from_start(text, code, decoder, decoder.code_start)


def code_to_text(code: Sequence[int], text: Sequence[int], decoder: SpecialTokens) -> LanguageExample:
    """Return the example in which the decoder, begun with `[TDEC]`, writes the text of a code; else as `text_to_code`.

    `code` is of the encoder's vocabulary, `text` of the decoder's.
    """
    return _from_start(code, text, decoder, decoder.text_start)


def joined_source(parts: Sequence[Sequence[int]], reader: SpecialTokens, tokens: int) -> list[int]:
    """Return `<s> part </s> part </s>` for parts that are `<s> part </s>` each, cut at `tokens`: then it ends too.

    What retrieval-augmented generation reads: a text, the separator, code (CodeT5+, section 5.6; that `</s>`, which is
    this vocabulary's separator, is what the paper calls [SEP] is inferred).
    """
    ids = [reader.bos, *(token for part in parts for token in part[1:])]
    return ids if len(ids) <= tokens else [*ids[: tokens - 1], reader.eos]


def cut_target(framed: Sequence[int], tokens: int) -> list[int]:
    """Return what is to be written of `<s> code </s>`: `code </s>`, at most `tokens` ids; what is cut has no end.

    Otherwise the decoder would learn that code ends where its training was cut.
    """
    return list(framed[1 : tokens + 1])


def language_example(source: Sequence[int], target: Sequence[int], start: int) -> LanguageExample:
    """Return the example in which the decoder, begun with `start`, writes `target`.

    For targets of stage 1, `start` is the decoder's start token, as in T5. Raises ValueError without a target.
    """
    if not target:
        raise ValueError("there is nothing to write")
    return LanguageExample(list(source), [start, *target[:-1]], list(target))


def language_batch(
    examples: Sequence[LanguageExample], source_pad: int, decoder_pad: int, multiple: int = 1
) -> LanguageBatch:
    """Return `examples` as one batch, padded on the right with each vocabulary's padding token.

    Its widths are multiples of `multiple`.
    """
    from codesearch.training.objectives.sequences import pad_labels, pad_sequences

    source = pad_sequences([example.source for example in examples], source_pad, multiple=multiple)
    decoder_input = pad_sequences([example.decoder_input for example in examples], decoder_pad, multiple=multiple)
    labels = pad_labels([example.labels for example in examples], multiple=multiple)
    return LanguageBatch(source, decoder_input.ids, labels)


def language_loss(logits: Tensor, labels: Tensor) -> Tensor:
    """Return the mean cross entropy over the labels that are not -100, in float32; 0 where there are none.

    `logits` are (batch, length, vocabulary), `labels` int64 (batch, length).
    """
    from torch.nn.functional import cross_entropy

    from codesearch.training.objectives.sequences import IGNORED_LABEL

    total = cross_entropy(logits.flatten(0, 1).float(), labels.flatten(), ignore_index=IGNORED_LABEL, reduction="sum")
    return total / (labels != IGNORED_LABEL).sum().clamp(min=1)


def _from_start(
    source: Sequence[int], written: Sequence[int], decoder: SpecialTokens, start: int | None
) -> LanguageExample:
    if start is None:
        raise ValueError("the decoder's vocabulary has no token to begin this with")
    if len(written) < _SHORTEST_FRAME or (written[0], written[-1]) != (decoder.bos, decoder.eos):
        raise ValueError("what is to be written must stand between the decoder's <s> and </s>")
    return language_example(source, written[1:], start)
