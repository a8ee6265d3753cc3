"""One virtual user."""
