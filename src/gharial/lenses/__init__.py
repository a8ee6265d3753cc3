"""Lenses: what goes over a socket, read and measured in the words of its protocol."""
