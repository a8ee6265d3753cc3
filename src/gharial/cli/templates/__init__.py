"""Starter scripts of ``gharial new``."""
