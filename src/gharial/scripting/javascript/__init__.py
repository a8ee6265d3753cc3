"""Scripts in JavaScript."""
