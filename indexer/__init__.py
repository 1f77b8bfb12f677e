"""Which functions are there? From a folder of code to definitions, passages and embeddings in the library."""
