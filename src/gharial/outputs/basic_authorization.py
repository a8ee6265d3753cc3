"""HTTP's basic authorization."""

import base64


def basic_authorization(user_and_password: str) -> str:
    """Return the header's value for ``user:password``."""
    encoded = base64.b64encode(user_and_password.encode()).decode()
    return f"Basic {encoded}"
