"""Three of the client libraries that ``python -m tests.libraries`` tries."""

from pathlib import Path

import pytest
from tests.libraries.client_library import Library
from tests.libraries.installing import NoRegistryError, install
from tests.libraries.rows import LIBRARIES
from tests.libraries.running import try_out

# The first polls and then upgrades, the second is GraphQL's, the third a wrapper of a socket.
TRIED = ("socket.io-client", "graphql-ws", "reconnecting-websocket")


@pytest.mark.slow
@pytest.mark.parametrize(
    "library",
    [pytest.param(one, id=one.name) for one in LIBRARIES if one.name in TRIED],
)
def test_a_client_library_runs_as_it_is(library: Library, tmp_path: Path) -> None:
    try:
        folder = install(library, tmp_path)
    except NoRegistryError as error:
        pytest.skip(f"{library.name} cannot be installed here: {error}")
    try_out(library, folder)


def test_all_that_are_tried_are_there() -> None:
    assert {one.name for one in LIBRARIES} >= set(TRIED)
