"""How long a test waits for what must come, before it takes it for stuck."""

LIMIT_S = 240.0
"""
No test asserts anything about it: it only keeps one that hangs from holding up the rest.

What must end early is asserted by facts, say in a run that would go on for an hour.
"""
