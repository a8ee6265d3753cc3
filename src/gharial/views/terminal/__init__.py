"""The run as a terminal shows it."""
