"""How good is what a decoder writes? Metrics of text and code, and the harnesses that apply them.

Metrics: `bleu`, `agreement` (exact match, edit similarity), `code_bleu` (with `subtrees`, `data_flow`, `keywords`),
`pass_at_k`. Harnesses: `functions` chooses held-out functions and what is retrieved for each, `writing` has them
written and scored; `problems` runs programs against their tests, in the sandbox of the folder above.
"""
