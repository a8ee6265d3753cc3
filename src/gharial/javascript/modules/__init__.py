"""The modules that a script in JavaScript can import by name."""
