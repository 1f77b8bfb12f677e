"""Which ones mean this? The public API: semantic code search over the repositories on this machine."""
