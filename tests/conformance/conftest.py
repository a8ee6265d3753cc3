import pytest


@pytest.fixture(params=["javascript", "python"])
def language(request: pytest.FixtureRequest) -> str:
    """The language that the script is written in."""
    return str(request.param)
