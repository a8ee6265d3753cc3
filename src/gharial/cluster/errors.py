"""Errors of a cluster before load starts."""

from gharial.errors import ConfigurationError


class ClusterError(ConfigurationError):
    """
    A cluster cannot be used for a run.

    Attributes:
        reason: Why, and what helps.

    """

    def __init__(self, reason: str) -> None:
        super().__init__(f"--cluster: {reason}")
        self.args = (reason,)
        self.reason = reason
