"""Text to token ids and back, for every checkpoint, with the library `tokenizers` alone.

Read from `tokenizer.json`, or from `vocab.json` and `merges.txt` (byte-level BPE, as CodeT5+ publishes it). The
library is never told which tokens are special: ids with a meaning come from `SpecialTokens` and are set here, so that
no text, whatever it says, becomes one (`<mask>`, `[ENC]`, `[SEP]` in a source file are split like any other text).
The three strings that CodeT5+'s own evaluation rewrites are rewritten as it does. A decoder may have a tokenizer of
its own, `decoder_tokenizer.json`, so that one which writes code can stand behind an encoder that folds its case.
Knows nothing of torch.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np

from codesearch.codet5p.config import Architecture
from codesearch.codet5p.errors import (
    CapabilityMissing,
    CheckpointFileMissing,
    CheckpointInvalid,
    CheckpointUnreadable,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import tokenizers
    from numpy.typing import NDArray

    from codesearch.codet5p.config import CheckpointConfig, SpecialTokens, StackConfig

TOKENIZER_FILE = "tokenizer.json"
DECODER_TOKENIZER_FILE = "decoder_tokenizer.json"
VOCABULARY_FILE = "vocab.json"
MERGES_FILE = "merges.txt"
ADDED_TOKENS_FILE = "added_tokens.json"

# data_utils.py of CodeT5+'s retrieval evaluation, in its order; the published scores were measured with it
_REWRITTEN = (("<pad>", "</pad>"), ("<s>", "<ss>"), ("</s>", "</ss>"))
# What the published files call the special tokens, and our name for each
_NAMES = {
    "<pad>": "pad",
    "[PAD]": "pad",
    "<s>": "bos",
    "[CLS]": "bos",
    "</s>": "eos",
    "[SEP]": "eos",
    "<unk>": "unknown",
    "[UNK]": "unknown",
    "<mask>": "mask",
    "[MASK]": "mask",
    "[ENC]": "match",
    "[TDEC]": "text_start",
    "[CDEC]": "code_start",
    "<extra_id_0>": "sentinel",
}


class Tokenizer:
    """Encodes texts for one stack of a checkpoint; made by `load_tokenizer` and `load_decoder_tokenizer`."""

    def __init__(self, architecture: Architecture, special: SpecialTokens, inner: tokenizers.Tokenizer) -> None:
        self._inner = inner
        self._special = special
        self._rewrites = architecture is Architecture.T5
        self._hidden = frozenset({getattr(self._special, field) for field in _NAMES.values()}) - {None}

    def encode(self, texts: Sequence[str], max_tokens: int) -> list[list[int]]:
        """Return `<s> text </s>` for each text, at most `max_tokens` ids long; a cut text keeps its `</s>`."""
        room = max_tokens - 2
        return [[self._special.bos, *ids[:room], self._special.eos] for ids in self._encode_plain(texts)]

    def count(self, texts: Sequence[str]) -> list[int]:
        """Return how many tokens each text has, special tokens not counted."""
        return [len(ids) for ids in self._encode_plain(texts)]

    def pad(self, sequences: Sequence[Sequence[int]]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return ids and attention mask, int64, shape (sequences, longest of them), padded on the right."""
        width = max((len(ids) for ids in sequences), default=0)
        ids = np.full((len(sequences), width), self._special.pad, dtype=np.int64)
        mask = np.zeros((len(sequences), width), dtype=np.int64)
        for row, sequence in enumerate(sequences):
            ids[row, : len(sequence)] = sequence
            mask[row, : len(sequence)] = 1
        return ids, mask

    def decode(self, ids: Sequence[int]) -> str:
        """Return the text of `ids`, special tokens left out."""
        return self._inner.decode([token for token in ids if token not in self._hidden], skip_special_tokens=False)

    def _encode_plain(self, texts: Sequence[str]) -> list[list[int]]:
        # a file name or an argument may hold half of a surrogate pair, which has no UTF-8
        clean = [text.encode("utf-8", "replace").decode("utf-8") for text in texts]
        if self._rewrites:
            clean = [_rewritten(text) for text in clean]
        encodings = self._inner.encode_batch_fast(clean, add_special_tokens=False)
        return [encoding.ids for encoding in encodings]


def load_tokenizer(folder: Path, config: CheckpointConfig) -> Tokenizer:
    """Read the tokenizer of the checkpoint in `folder`, which is its encoder's.

    Raises CheckpointFileMissing, CheckpointUnreadable, and CheckpointInvalid when the files number a special token
    otherwise than `config`, or have more tokens than the embedding table has rows.
    """
    single = folder / TOKENIZER_FILE
    if single.is_file():
        inner, numbered = _from_single_file(single)
    elif (folder / VOCABULARY_FILE).is_file() and (folder / MERGES_FILE).is_file():
        inner, numbered = _from_vocabulary(folder)
    else:
        raise CheckpointFileMissing(folder, (TOKENIZER_FILE, f"{VOCABULARY_FILE}, {MERGES_FILE}"))
    _check_numbers(folder, "special", config.special, numbered)
    _check_size(folder, "encoder", config.encoder, inner)
    return Tokenizer(config.encoder.architecture, config.special, inner)


def load_decoder_tokenizer(folder: Path, config: CheckpointConfig) -> Tokenizer:
    """Read the tokenizer of what the decoder reads and writes: its own, or the encoder's where one serves both.

    Raises as `load_tokenizer`, and CapabilityMissing without a decoder.
    """
    if config.decoder is None:
        raise CapabilityMissing(config.name, "decoder")
    if config.decoder_special is None:
        return load_tokenizer(folder, config)
    if not (folder / DECODER_TOKENIZER_FILE).is_file():
        raise CheckpointFileMissing(folder, (DECODER_TOKENIZER_FILE,))
    inner, numbered = _from_single_file(folder / DECODER_TOKENIZER_FILE)
    _check_numbers(folder, "decoder_special", config.decoder_special, numbered)
    _check_size(folder, "decoder", config.decoder, inner)
    return Tokenizer(config.decoder.architecture, config.decoder_special, inner)


def tokenizer_text(folder: Path, file: str = TOKENIZER_FILE) -> str:
    """Return what `write_checkpoint` takes of the tokenizer in `folder`: of `file`, or of the published pair of files.

    Raises CheckpointFileMissing and CheckpointUnreadable.
    """
    if (folder / file).is_file():
        try:
            return plain_tokenizer_json((folder / file).read_text(encoding="utf-8"))
        except (ValueError, TypeError) as error:
            raise CheckpointUnreadable(folder / file, str(error)) from error
    if file == TOKENIZER_FILE and (folder / VOCABULARY_FILE).is_file():
        return byte_level_json(folder)
    raise CheckpointFileMissing(folder, (file,))


def plain_tokenizer_json(text: str) -> str:
    """Return what this module uses of a `tokenizer.json`: no special tokens, template, truncation or padding."""
    document = json.loads(text)
    return json.dumps(_without_specials(document), ensure_ascii=False, separators=(",", ":"))


def byte_level_json(folder: Path) -> str:
    """Return the `tokenizer.json` that equals the `vocab.json` and `merges.txt` in `folder`."""
    return str(_from_vocabulary(folder)[0].to_str())


def _rewritten(text: str) -> str:
    if "<" not in text:
        return text
    for written, replacement in _REWRITTEN:
        text = text.replace(written, replacement)
    return text


def _without_specials(document: dict[str, Any]) -> dict[str, Any]:
    return {**document, "added_tokens": [], "post_processor": None, "truncation": None, "padding": None}


def _from_single_file(path: Path) -> tuple[tokenizers.Tokenizer, dict[str, int]]:
    import tokenizers

    text = path.read_text(encoding="utf-8")
    try:
        inner, numbered = tokenizers.Tokenizer.from_str(text), {}
        if not _is_plain(inner):
            document = json.loads(text)
            numbered = {added["content"]: added["id"] for added in document["added_tokens"]}
            inner = tokenizers.Tokenizer.from_str(json.dumps(_without_specials(document)))
    except Exception as error:  # the library raises bare Exception for what it cannot read
        raise CheckpointUnreadable(path, str(error)) from error
    return inner, _numbered(inner) | numbered


def _is_plain(inner: tokenizers.Tokenizer) -> bool:
    specials = (inner.get_added_tokens_decoder(), inner.post_processor, inner.truncation, inner.padding)
    return not any(specials)


def _from_vocabulary(folder: Path) -> tuple[tokenizers.Tokenizer, dict[str, int]]:
    import tokenizers
    from tokenizers import decoders, models, pre_tokenizers

    vocabulary, merges = folder / VOCABULARY_FILE, folder / MERGES_FILE
    try:
        model = models.BPE.from_file(str(vocabulary), str(merges))
    except Exception as error:
        raise CheckpointUnreadable(vocabulary, str(error)) from error
    inner = tokenizers.Tokenizer(model)
    inner.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    inner.decoder = decoders.ByteLevel()
    return inner, _numbered(inner) | _added_tokens(folder / ADDED_TOKENS_FILE)


def _numbered(inner: tokenizers.Tokenizer) -> dict[str, int]:
    numbers = {name: inner.token_to_id(name) for name in _NAMES}
    return {name: number for name, number in numbers.items() if number is not None}


def _added_tokens(path: Path) -> dict[str, int]:
    if not path.is_file():
        return {}
    try:
        return {str(name): int(number) for name, number in json.loads(path.read_text(encoding="utf-8")).items()}
    except (ValueError, TypeError, AttributeError) as error:
        raise CheckpointUnreadable(path, str(error)) from error


def _check_numbers(folder: Path, part: str, special: SpecialTokens, numbered: dict[str, int]) -> None:
    for name, number in numbered.items():
        field = _NAMES.get(name)
        wanted = getattr(special, field) if field else None
        if wanted is not None and wanted != number:
            raise CheckpointInvalid(folder, f"{part}.{field}", number)


def _check_size(folder: Path, part: str, stack: StackConfig, inner: tokenizers.Tokenizer) -> None:
    tokens = inner.get_vocab_size()
    if tokens > stack.vocabulary_size:
        raise CheckpointInvalid(folder, f"{part}.vocabulary_size", tokens)
