"""Servers to try clients against: chat, echo, hostile."""
