import json

from gharial.options.rows import OPTION_ROWS


def test_every_option_is_listed_with_its_variable(command_line, capsys):
    command_line("options", "--json")
    rows = json.loads(capsys.readouterr().out)
    assert [row["option"] for row in rows] == list(OPTION_ROWS)
    by_name = {row["option"]: row for row in rows}
    assert by_name["closeTimeout"] == {
        "option": "closeTimeout",
        "default": "10s",
        "environment": "GHARIAL_CLOSE_TIMEOUT",
        "flag": "--close-timeout",
        "meaning": "Longest wait for the closing handshake and the end of TCP.",
    }
    assert by_name["caCertificates"]["flag"] == "--ca-cert"
    assert by_name["scenarios"]["environment"] == ""
    assert all(row["meaning"] for row in rows)


def test_the_table_has_a_line_for_each(command_line, capsys):
    command_line("options")
    text = capsys.readouterr().out
    for name in OPTION_ROWS:
        assert name in text
