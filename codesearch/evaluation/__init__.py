"""How good is it? Retrieval metrics over judged sets of queries and documents."""
