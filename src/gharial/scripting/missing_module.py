"""The error of an import that leads nowhere."""

from gharial.errors import ConfigurationError, ExitCode


class ModuleNotFoundInScriptError(ConfigurationError):
    """
    An import names a module that does not exist.

    Attributes:
        name: The module's name.
        problem: The whole message.

    """

    exit_code = ExitCode.SCRIPT_EXCEPTION

    def __init__(self, name: str, problem: str) -> None:
        super().__init__(problem)
        self.args = (name, problem)
        self.name = name
