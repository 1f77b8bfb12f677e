"""How a checkpoint learns: the objectives of its training, its data and its trainer.

Importing this package loads nothing heavy; its modules load what they need. What a trained network then does is
`codet5p`.
"""
