"""The page of a run: a live dashboard, or the report after its end."""
