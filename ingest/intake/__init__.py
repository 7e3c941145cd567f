"""Many files: a folder in bulk, an inbox that is watched, uploads, revisions told from issues."""
