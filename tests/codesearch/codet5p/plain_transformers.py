"""The same weights in transformers' own models, put together without anything of ours, for tests of what is written."""

from __future__ import annotations

import torch
from transformers import BertConfig, BertLMHeadModel, BertModel, T5Config, T5ForConditionalGeneration
from transformers.modeling_outputs import BaseModelOutput


def as_torch(tensors):
    return {name: torch.from_numpy(tensor) for name, tensor in tensors.items()}


def t5(config, tensors):
    """Return a T5ForConditionalGeneration with these tensors, which are those of a published checkpoint."""
    stack, special = config.encoder, config.special
    model = T5ForConditionalGeneration(
        T5Config(
            vocab_size=stack.vocabulary_size,
            d_model=stack.hidden_size,
            d_kv=stack.head_size,
            d_ff=stack.feed_forward_size,
            num_layers=stack.layers,
            num_decoder_layers=config.decoder.layers,
            num_heads=stack.heads,
            feed_forward_proj="relu",
            pad_token_id=special.pad,
            bos_token_id=special.bos,
            eos_token_id=special.eos,
            decoder_start_token_id=special.decoder_start,
        )
    )
    missing, _ = model.load_state_dict(as_torch(tensors), strict=False)
    assert set(missing) <= {"encoder.embed_tokens.weight", "decoder.embed_tokens.weight", "lm_head.weight"}
    model.tie_weights()
    return model.eval()


def bert_config(stack, **fields):
    return BertConfig(
        vocab_size=stack.vocabulary_size,
        hidden_size=stack.hidden_size,
        num_hidden_layers=stack.layers,
        num_attention_heads=stack.heads,
        intermediate_size=stack.feed_forward_size,
        max_position_embeddings=stack.positions,
        type_vocab_size=stack.token_types,
        layer_norm_eps=stack.norm_epsilon,
        **fields,
    )


class BertPair:
    """A BertModel before a BertLMHeadModel whose head is its table of embeddings alone."""

    def __init__(self, config, tensors):
        tensors = as_torch(tensors)
        writing = config.decoder_special
        self.encoder = BertModel(bert_config(config.encoder), add_pooling_layer=False).eval()
        self.encoder.load_state_dict({name: tensors[name] for name in self.encoder.state_dict()})
        causal = {"is_decoder": True, "add_cross_attention": True, "bos_token_id": writing.bos}
        plain = bert_config(config.decoder, eos_token_id=writing.eos, **causal, tie_word_embeddings=False)
        self.decoder = BertLMHeadModel(plain).eval()
        self.decoder.bert.load_state_dict(
            {name: tensors["decoder." + name] for name in self.decoder.bert.state_dict()}, strict=True
        )
        head = self.decoder.cls.predictions
        head.transform = torch.nn.Identity()
        with torch.no_grad():
            head.decoder.weight.copy_(tensors["decoder.embeddings.word_embeddings.weight"])
            head.decoder.bias.zero_()
        self.decoder.generation_config.pad_token_id = writing.pad

    def generate(self, input_ids, decoder_input_ids, **arguments):
        """Write without any cache: each step reads everything again."""
        return self.decoder.generate(
            input_ids=decoder_input_ids,
            attention_mask=torch.ones_like(decoder_input_ids),
            encoder_hidden_states=self.encoder(input_ids=input_ids).last_hidden_state,
            encoder_attention_mask=torch.ones_like(input_ids),
            use_cache=False,
            **arguments,
        )


class T5Behind:
    """A T5 decoder behind a BertModel of the same width."""

    def __init__(self, config, tensors):
        self.encoder = BertModel(bert_config(config.encoder), add_pooling_layer=False).eval()
        named = as_torch(tensors)
        self.encoder.load_state_dict({name: named[name] for name in self.encoder.state_dict()})
        stack, writing = config.decoder, config.decoder_special
        self.decoder = T5ForConditionalGeneration(
            T5Config(
                vocab_size=stack.vocabulary_size,
                d_model=stack.hidden_size,
                d_kv=stack.head_size,
                d_ff=stack.feed_forward_size,
                num_layers=stack.layers,  # of an encoder that is never asked
                num_decoder_layers=stack.layers,
                num_heads=stack.heads,
                pad_token_id=writing.pad,
                eos_token_id=writing.eos,
            )
        ).eval()
        table = named["decoder.embed_tokens.weight"]
        own = {name: one for name, one in named.items() if name.startswith("decoder.")} | {"lm_head.weight": table}
        self.decoder.load_state_dict(own | {"shared.weight": table}, strict=False)
        self.decoder.tie_weights()

    def generate(self, input_ids, decoder_input_ids, **arguments):
        states = BaseModelOutput(last_hidden_state=self.encoder(input_ids=input_ids).last_hidden_state)
        start = int(decoder_input_ids[0, 0])
        return self.decoder.generate(
            encoder_outputs=states,
            attention_mask=torch.ones_like(input_ids),
            decoder_input_ids=decoder_input_ids,
            decoder_start_token_id=start,
            **arguments,
        )
