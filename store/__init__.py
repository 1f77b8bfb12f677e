"""Where is it kept? The library: catalogue, lexical index, embeddings and vectors, on this machine."""
