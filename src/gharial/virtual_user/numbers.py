"""The numbers of the iterations of one virtual user, as its script sees them."""

from gharial.virtual_user.context import ScenarioContext


class IterationNumbers:
    """
    Numbers of the present iteration, each counted from 0; -1 before the first.

    Attributes:
        of_user: Counts all iterations of its virtual user.
        of_user_in_scenario: Counts those within its present scenario.
        in_test: Its number within its scenario, over the whole test.
        in_instance: Its number within its scenario, of those that this process has begun.

    """

    __slots__ = ("in_instance", "in_test", "of_user", "of_user_in_scenario")

    def __init__(self) -> None:
        self.of_user = -1
        self.of_user_in_scenario = -1
        self.in_test = -1
        self.in_instance = -1

    def enter_scenario(self) -> None:
        """Count within another scenario from now on."""
        self.of_user_in_scenario = -1

    def begin(self, scenario: ScenarioContext) -> None:
        """Number an iteration that begins."""
        self.of_user += 1
        self.of_user_in_scenario += 1
        self.in_instance = scenario.iterations_started
        self.in_test = scenario.number(scenario.iterations_started)
        scenario.iterations_started += 1
