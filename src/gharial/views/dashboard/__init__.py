"""The live dashboard: the events for its viewers."""
