"""Which tensors a checkpoint must hold, under which names, in which shapes.

The names are the published ones: for T5 as CodeT5+ stores them (`shared.weight`, `encoder.block.0...`,
`decoder.block.0...`), for BERT those of its own publications (`embeddings.word_embeddings.weight`,
`encoder.layer.0...`; of a decoder `decoder.embeddings...`, `decoder.encoder.layer.0...`), heads `proj`, `itm_head` and,
where the widths differ, `enc_to_dec_proj`. Knows shapes only; reading files is `checkpoint`.
"""

from __future__ import annotations

from codesearch.codet5p.config import Architecture, CheckpointConfig, StackConfig

Shape = tuple[int, ...]

SHARED = "shared.weight"
DECODER = "decoder."  # begins the name of every tensor of a decoder
DECODER_EMBEDDING = "decoder.embed_tokens.weight"
LANGUAGE_HEAD = "lm_head.weight"
MATCHING_CLASSES = 2
MATCHED = 1  # of these classes, "this text describes this code"

_ENCODER_EMBEDDING = "encoder.embed_tokens.weight"
_WORD_EMBEDDING = "embeddings.word_embeddings.weight"


def expected_shapes(config: CheckpointConfig) -> dict[str, Shape]:
    """Return name -> shape of every tensor of the checkpoint, without the tied copies."""
    if config.encoder.architecture is Architecture.T5:
        shapes: dict[str, Shape] = {SHARED: (config.encoder.vocabulary_size, config.encoder.hidden_size)}
        shapes |= _t5_stack("encoder", config.encoder, cross_attention=False)
    else:
        shapes = _bert(config.encoder, cross_attention=False)
    if config.decoder is not None:
        shapes |= _decoder(config.decoder)
        if config.shares_embedding:
            del shapes[DECODER_EMBEDDING]
    return shapes | _heads(config)


def token_embedding(config: CheckpointConfig) -> str:
    """Return the name of the encoder's table of token embeddings."""
    return SHARED if config.encoder.architecture is Architecture.T5 else _WORD_EMBEDDING


def decoder_embedding(config: CheckpointConfig) -> str:
    """Return the name of the decoder's table of token embeddings, which is its language head too."""
    if config.shares_embedding:
        return SHARED
    bert = config.decoder is not None and config.decoder.architecture is Architecture.BERT
    return DECODER + _WORD_EMBEDDING if bert else DECODER_EMBEDDING


def tied_copies(config: CheckpointConfig) -> dict[str, str]:
    """Return copy -> the tensor it equals: names that a file may hold besides those of `expected_shapes`."""
    copies = {}
    if config.encoder.architecture is Architecture.T5:
        copies[_ENCODER_EMBEDDING] = SHARED
    if config.decoder is not None:
        source = decoder_embedding(config)
        copies[LANGUAGE_HEAD] = source
        if source == SHARED:
            copies[DECODER_EMBEDDING] = SHARED
    return copies


def _heads(config: CheckpointConfig) -> dict[str, Shape]:
    shapes: dict[str, Shape] = {}
    width = config.encoder.hidden_size
    if config.projection is not None:
        shapes |= _linear("proj", config.projection, width)
    if config.decoder is not None and config.bridged:
        shapes |= _linear("enc_to_dec_proj", config.decoder.hidden_size, width)
    if config.decoder is not None and config.matching_head:
        shapes |= _linear("itm_head", MATCHING_CLASSES, config.decoder.hidden_size)
    return shapes


def _linear(name: str, outputs: int, inputs: int) -> dict[str, Shape]:
    return {f"{name}.weight": (outputs, inputs), f"{name}.bias": (outputs,)}


def _decoder(stack: StackConfig) -> dict[str, Shape]:
    if stack.architecture is Architecture.BERT:
        return {DECODER + name: shape for name, shape in _bert(stack, cross_attention=True).items()}
    table = (stack.vocabulary_size, stack.hidden_size)
    return {**_t5_stack("decoder", stack, cross_attention=True), DECODER_EMBEDDING: table}


def _t5_stack(prefix: str, stack: StackConfig, *, cross_attention: bool) -> dict[str, Shape]:
    shapes: dict[str, Shape] = {f"{prefix}.final_layer_norm.weight": (stack.hidden_size,)}
    bias = f"{prefix}.block.0.layer.0.SelfAttention.relative_attention_bias.weight"
    shapes[bias] = (stack.relative_buckets, stack.heads)
    attentions = ["SelfAttention", "EncDecAttention"] if cross_attention else ["SelfAttention"]
    inner = stack.heads * stack.head_size
    for block in range(stack.layers):
        for layer, attention in enumerate(attentions):
            at = f"{prefix}.block.{block}.layer.{layer}"
            shapes |= {f"{at}.{attention}.{part}.weight": (inner, stack.hidden_size) for part in "qkv"}
            shapes[f"{at}.{attention}.o.weight"] = (stack.hidden_size, inner)
            shapes[f"{at}.layer_norm.weight"] = (stack.hidden_size,)
        at = f"{prefix}.block.{block}.layer.{len(attentions)}"
        shapes[f"{at}.DenseReluDense.wi.weight"] = (stack.feed_forward_size, stack.hidden_size)
        shapes[f"{at}.DenseReluDense.wo.weight"] = (stack.hidden_size, stack.feed_forward_size)
        shapes[f"{at}.layer_norm.weight"] = (stack.hidden_size,)
    return shapes


def _bert(stack: StackConfig, *, cross_attention: bool) -> dict[str, Shape]:
    width = stack.hidden_size
    shapes: dict[str, Shape] = {
        _WORD_EMBEDDING: (stack.vocabulary_size, width),
        "embeddings.position_embeddings.weight": (stack.positions, width),
        "embeddings.token_type_embeddings.weight": (stack.token_types, width),
    }
    shapes |= _layer_norm("embeddings.LayerNorm", width)
    inner = stack.heads * stack.head_size
    for layer in range(stack.layers):
        at = f"encoder.layer.{layer}"
        for attention in ("attention", "crossattention") if cross_attention else ("attention",):
            for part in ("query", "key", "value"):
                shapes |= _linear(f"{at}.{attention}.self.{part}", inner, width)
            shapes |= _linear(f"{at}.{attention}.output.dense", width, inner)
            shapes |= _layer_norm(f"{at}.{attention}.output.LayerNorm", width)
        shapes |= _linear(f"{at}.intermediate.dense", stack.feed_forward_size, width)
        shapes |= _linear(f"{at}.output.dense", width, stack.feed_forward_size)
        shapes |= _layer_norm(f"{at}.output.LayerNorm", width)
    return shapes


def _layer_norm(name: str, width: int) -> dict[str, Shape]:
    return {f"{name}.weight": (width,), f"{name}.bias": (width,)}
