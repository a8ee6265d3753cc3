"""How iterations are handed to virtual users."""
