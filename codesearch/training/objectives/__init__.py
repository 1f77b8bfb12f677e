"""What a checkpoint is taught: one module per objective of CodeT5+'s two stages, and distillation.

Stage 1 (section 3.1) reads code alone: `span_denoising` and the two causal forms of `causal`. Stage 2 (section 3.2)
reads pairs of a text and a code: `contrastive` with `momentum`, `matching`, and text-to-code and code-to-text of
`causal`, which also has what is read where code is retrieved (section 5.6). `joint` adds a stage's losses up. Each
takes ids, states or vectors and gives a loss or an example; data, optimiser and schedule are the trainer's. Import the
modules: those that make examples load no torch.
"""
