"""Scripts in Python."""
