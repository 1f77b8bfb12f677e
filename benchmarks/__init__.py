"""How fast is it, beside what else one would take? Measures codesearch and its peers; see `__main__` for the command.

One module answers one question: `embedding`, `indexing`, `searching`, `vectors`, `words`. None of this is in the wheel.
"""
