"""The browser's WebSocket in Python."""
