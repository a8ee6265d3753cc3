"""The same run in many processes: a coordinator, and workers that make the load."""
