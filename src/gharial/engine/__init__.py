"""The JavaScript engine behind its port."""
