"""The terminal views of a run."""
