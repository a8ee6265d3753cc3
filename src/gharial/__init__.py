"""Load-test WebSocket servers with scripts in JavaScript or Python."""
