"""How do I ask? The console script `codesearch`."""
