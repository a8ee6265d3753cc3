"""Reports of a run: summary, JSON, records, and comparisons of two runs."""
