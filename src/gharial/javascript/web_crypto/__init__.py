"""What `crypto.subtle` computes: an algorithm a file, by the W3C's Web Cryptography API."""
