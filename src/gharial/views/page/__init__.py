"""The page of a run: its dashboard while it goes on, its report once it has ended."""
