"""A run over many machines: the same workers and messages, started by Ray."""
