"""A public kit for tests: servers, an in-memory wire, virtual time."""
