"""The browser's WebSocket on asyncio."""
