"""Serving the page: one process, that answers to its own names only and says how it is."""
