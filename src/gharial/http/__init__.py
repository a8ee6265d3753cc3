"""HTTP requests, as scripts make them beside their sockets."""
