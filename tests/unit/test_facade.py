import subprocess
import sys

import pytest

import gharial


def test_every_public_name_can_be_had() -> None:
    for name in gharial.__all__:
        assert getattr(gharial, name) is getattr(gharial, name)


def test_every_public_name_is_documented() -> None:
    undocumented = [
        name for name in gharial.__all__ if not getattr(gharial, name).__doc__
    ]
    assert undocumented == []


def test_names_are_listed() -> None:
    assert set(gharial.__all__) <= set(dir(gharial))


def test_what_there_is_not_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="'gharial' has no attribute 'nothing'"):
        gharial.nothing  # noqa: B018


def test_the_package_alone_imports_nothing_else() -> None:
    code = "import gharial, sys; print([m for m in sys.modules if 'gharial.' in m])"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
