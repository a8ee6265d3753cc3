"""The same run in many processes: a coordinator, and workers that generate the load."""
