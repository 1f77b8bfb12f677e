"""The model: CodeT5+ checkpoints (and any other encoder in our own checkpoint format) as a network and a tokenizer.

Configuration, tokenizer and registry load neither torch nor transformers. What is done with the vectors, and how a
network is trained, is for the folder above.
"""
