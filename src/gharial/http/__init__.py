"""HTTP requests, as scripts make them next to their sockets."""
