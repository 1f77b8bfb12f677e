"""Reads a `CheckpointConfig` from a folder: the published `config.json`, or `checkpoint.json` of our own format.

Our own format is a folder of three files, or of four:

    checkpoint.json         {"format": "codesearch-checkpoint", "version": 1, ...the fields of CheckpointConfig...}
    model.safetensors       the tensors that `tensors.expected_shapes` names, in half precision, no tied copies
    tokenizer.json          of the library `tokenizers`
    decoder_tokenizer.json  the same, where the decoder has a tokenizer of its own (the field `decoder_special`)

FORMAT_VERSION rises when an older program could no longer read the folder rightly. Published configurations are those
of CodeT5+ (model types t5, codet5p_embedding, codet5p_bimodal); no code from a checkpoint is ever run.
"""

from __future__ import annotations

import dataclasses
import json
from typing import TYPE_CHECKING, Any

from codesearch.codet5p.config import Architecture, CheckpointConfig, Pooling, SpecialTokens, StackConfig
from codesearch.codet5p.errors import (
    CheckpointFileMissing,
    CheckpointInvalid,
    CheckpointUnreadable,
    CheckpointUnsupported,
)

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

FORMAT = "codesearch-checkpoint"
FORMAT_VERSION = 1
OWN_FILE = "checkpoint.json"
PUBLISHED_FILE = "config.json"

_MODEL_TYPES = ("t5", "codet5p_embedding", "codet5p_bimodal")
_QUERY_TOKENS = 64  # CodeT5+'s own evaluation: max_text_len
_PASSAGE_TOKENS = 360  # CodeT5+'s own evaluation: max_code_len
_UNKNOWN_ID = 3  # `<unk>` and `<mask>` of the CodeT5 vocabulary; config.json does not name them
_MASK_ID = 4
_OPTIONAL_TOKENS = frozenset(
    field.name for field in dataclasses.fields(SpecialTokens) if field.default is not dataclasses.MISSING
)
_LEFT_OUT = ("decoder_special", "writes")  # where they are None
_TASKS = ("code", "summary", "completion")  # of `writer.Task`, which stands above this module
_STAGE_TWO_TOKENS = 3  # [ENC], [TDEC], [CDEC] are the last three rows of a two-stage checkpoint's embedding table


def read_config(folder: Path) -> CheckpointConfig:
    """Read the configuration of the checkpoint in `folder`.

    Raises CheckpointFileMissing, CheckpointUnreadable (not JSON), CheckpointUnsupported (unknown format, version or
    model type) and CheckpointInvalid (a field is absent or wrong).
    """
    own, published = folder / OWN_FILE, folder / PUBLISHED_FILE
    if own.is_file():
        return _from_own(own, _read_json(own))
    if published.is_file():
        return _from_published(published, _read_json(published))
    raise CheckpointFileMissing(folder, (OWN_FILE, PUBLISHED_FILE))


def write_config(folder: Path, config: CheckpointConfig) -> None:
    """Write `checkpoint.json` of our own format."""
    document = {"format": FORMAT, "version": FORMAT_VERSION, **config_fields(config)}
    (folder / OWN_FILE).write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")


def config_fields(config: CheckpointConfig) -> dict[str, Any]:
    """Return the fields of `config` as they are written; `decoder_special` and `writes` only where there are any.

    So a checkpoint without them has the document, and the fingerprint, that it had before there could be any.
    """
    fields = dataclasses.asdict(config)
    return {name: value for name, value in fields.items() if value is not None or name not in _LEFT_OUT}


def _read_json(path: Path) -> dict[str, Any]:
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise CheckpointUnreadable(path, str(error)) from error
    if not isinstance(document, dict):
        raise CheckpointUnreadable(path, "not a JSON object")
    return document


def _from_own(path: Path, document: dict[str, Any]) -> CheckpointConfig:
    if document.get("format") != FORMAT:
        raise CheckpointUnsupported(path, "format", document.get("format"), (FORMAT,))
    if document.get("version") != FORMAT_VERSION:
        raise CheckpointUnsupported(path, "version", document.get("version"), (FORMAT_VERSION,))
    fields = {key: value for key, value in document.items() if key not in {"format", "version"}}
    _check_names(path, CheckpointConfig, fields)
    decoder = fields["decoder"]
    fields["encoder"] = _stack(path, "encoder", fields["encoder"])
    fields["decoder"] = None if decoder is None else _stack(path, "decoder", decoder)
    fields["pooling"] = _choice(path, "pooling", Pooling, fields["pooling"])
    fields["special"] = _special(path, fields["special"])
    if fields.get("decoder_special") is not None:
        fields["decoder_special"] = _special(path, fields["decoder_special"])
    if fields.get("writes") is not None:
        fields["writes"] = _tasks(path, fields["writes"])
    return _checked(path, CheckpointConfig(**fields))


def _check_names(path: Path, kind: type[Any], fields: object) -> None:
    if not isinstance(fields, dict):
        raise CheckpointInvalid(path, kind.__name__, fields)
    declared = {field.name: field for field in dataclasses.fields(kind)}
    for name in fields:
        if name not in declared:
            raise CheckpointInvalid(path, name, fields[name])
    for name, field in declared.items():
        if name not in fields and field.default is dataclasses.MISSING:
            raise CheckpointInvalid(path, name, None)


def _choice(path: Path, field: str, kind: Any, value: object) -> Any:  # noqa: ANN401 - any StrEnum
    try:
        return kind(value)
    except ValueError as error:
        raise CheckpointInvalid(path, field, value) from error


def _stack(path: Path, part: str, fields: Any) -> StackConfig:  # noqa: ANN401 - JSON
    _check_names(path, StackConfig, fields)
    architecture = _choice(path, f"{part}.architecture", Architecture, fields["architecture"])
    return StackConfig(**{**fields, "architecture": architecture})


def _special(path: Path, fields: Any) -> SpecialTokens:  # noqa: ANN401 - JSON
    _check_names(path, SpecialTokens, fields)
    return SpecialTokens(**fields)


def _tasks(path: Path, names: Any) -> tuple[str, ...]:  # noqa: ANN401 - JSON
    if not isinstance(names, list) or not set(map(str, names)) <= set(_TASKS):
        raise CheckpointInvalid(path, "writes", names)
    return tuple(names)


def _checked(path: Path, config: CheckpointConfig) -> CheckpointConfig:
    for part, stack in (("encoder", config.encoder), ("decoder", config.decoder)):
        if stack is not None:
            _check_stack(path, part, stack)
    _check_ids(path, "special", config.special, config.encoder.vocabulary_size)
    _check_decoder(path, config)
    for field in ("max_tokens", "query_tokens", "passage_tokens"):
        value = getattr(config, field)
        if not isinstance(value, int) or value < _STAGE_TWO_TOKENS:  # two special tokens and one of text
            raise CheckpointInvalid(path, field, value)
    return config


def _check_decoder(path: Path, config: CheckpointConfig) -> None:
    if config.matching_head and (config.decoder is None or config.writing.match is None):
        raise CheckpointInvalid(path, "matching_head", config.matching_head)
    if config.decoder is None:
        if config.decoder_special is not None:
            raise CheckpointInvalid(path, "decoder", None)
        return
    if config.decoder.architecture is Architecture.BERT and config.decoder.positions < config.passage_tokens:
        raise CheckpointInvalid(path, "decoder.positions", config.decoder.positions)
    part = "special" if config.decoder_special is None else "decoder_special"
    if config.writing.decoder_start is None:
        raise CheckpointInvalid(path, f"{part}.decoder_start", None)
    _check_ids(path, part, config.writing, config.decoder.vocabulary_size)


def _check_ids(path: Path, part: str, special: SpecialTokens, rows: int) -> None:
    """Refuse an id without a row in the embedding table."""
    for field, number in dataclasses.asdict(special).items():
        optional = number is None and field in _OPTIONAL_TOKENS
        if not optional and not (isinstance(number, int) and 0 <= number < rows):
            raise CheckpointInvalid(path, f"{part}.{field}", number)


def _check_stack(path: Path, part: str, stack: StackConfig) -> None:
    for field in dataclasses.fields(stack):
        value = getattr(stack, field.name)
        if field.name != "architecture" and (not isinstance(value, int | float) or value <= 0):
            raise CheckpointInvalid(path, f"{part}.{field.name}", value)
    if stack.architecture is Architecture.BERT and stack.heads * stack.head_size != stack.hidden_size:
        raise CheckpointInvalid(path, f"{part}.head_size", stack.head_size)


def _from_published(path: Path, document: Mapping[str, Any]) -> CheckpointConfig:
    model_type = document.get("model_type")
    if model_type not in _MODEL_TYPES:
        raise CheckpointUnsupported(path, "model_type", model_type, _MODEL_TYPES)
    for field, wanted in (("feed_forward_proj", "relu"), ("tie_word_embeddings", True)):
        if document.get(field, wanted) != wanted:
            raise CheckpointInvalid(path, field, document[field])
    encoder = _published_stack(path, document, "num_layers")
    has_decoder = model_type != "codet5p_embedding"
    two_stage = model_type != "t5"
    config = CheckpointConfig(
        name=_published_name(path.parent),
        encoder=encoder,
        decoder=_published_stack(path, document, "num_decoder_layers") if has_decoder else None,
        # stage one trains no sentence vector, so nothing singles out the first state of a plain T5
        pooling=Pooling.FIRST if two_stage else Pooling.MEAN,
        projection=_integer(path, document, "embed_dim") if two_stage else None,
        matching_head=model_type == "codet5p_bimodal",
        max_tokens=_integer(path, document, "n_positions", 512),
        query_tokens=_QUERY_TOKENS,
        passage_tokens=_PASSAGE_TOKENS,
        special=_published_special(path, document, encoder.vocabulary_size, two_stage),
    )
    return _checked(path, config)


def _published_name(folder: Path) -> str:
    """Take the name from `models--Salesforce--NAME/snapshots/REVISION`, or from the folder itself."""
    for part in (folder, *folder.parents):
        if part.name.startswith("models--"):
            return part.name.rpartition("--")[2]
    return folder.name


def _published_stack(path: Path, document: Mapping[str, Any], layers_field: str) -> StackConfig:
    layers = _integer(path, document, "num_layers")
    if document.get(layers_field) is not None:
        layers = _integer(path, document, layers_field)
    return StackConfig(
        architecture=Architecture.T5,
        vocabulary_size=_integer(path, document, "vocab_size"),
        hidden_size=_integer(path, document, "d_model"),
        feed_forward_size=_integer(path, document, "d_ff"),
        layers=layers,
        heads=_integer(path, document, "num_heads"),
        head_size=_integer(path, document, "d_kv"),
        norm_epsilon=float(document.get("layer_norm_epsilon", 1e-6)),
        relative_buckets=_integer(path, document, "relative_attention_num_buckets", 32),
        relative_max_distance=_integer(path, document, "relative_attention_max_distance", 128),
    )


def _published_special(path: Path, document: Mapping[str, Any], vocabulary_size: int, two_stage: bool) -> SpecialTokens:
    first = vocabulary_size - (_STAGE_TWO_TOKENS if two_stage else 0)
    pad = _integer(path, document, "pad_token_id", 0)
    return SpecialTokens(
        pad=pad,
        bos=_integer(path, document, "bos_token_id", 1),
        eos=_integer(path, document, "eos_token_id", 2),
        unknown=_UNKNOWN_ID,
        mask=_MASK_ID,
        decoder_start=_integer(path, document, "decoder_start_token_id", pad),
        match=first if two_stage else None,
        text_start=first + 1 if two_stage else None,
        code_start=first + 2 if two_stage else None,
        sentinel=first - 1,  # descending: the last of the stage-one vocabulary is `<extra_id_0>`
    )


def _integer(path: Path, document: Mapping[str, Any], field: str, default: int | None = None) -> int:
    value = document.get(field)
    value = default if value is None else value
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise CheckpointInvalid(path, field, value)
    return value
