from tests.libraries import results
from tests.libraries.page import PAGE, page
from tests.libraries.rows import LIBRARIES


def test_the_page_about_client_libraries_is_made_from_the_results() -> None:
    assert PAGE.read_text("utf-8") == page(*results.load())


def test_every_library_has_a_result_of_its_version() -> None:
    _, found = results.load()
    assert [(one.name, one.version) for one in LIBRARIES] == [
        (one.name, one.version) for one in found
    ]


def test_every_library_has_its_script_and_its_server() -> None:
    for one in LIBRARIES:
        assert one.script.is_file()
        assert one.server_script.is_file()
