import json

from gharial.options.model import Options


def test_every_option_is_listed_with_its_variable(command_line, capsys):
    command_line("options", "--json")
    rows = json.loads(capsys.readouterr().out)
    assert [row["option"] for row in rows] == list(Options.names())
    by_name = {row["option"]: row for row in rows}
    assert by_name["closeTimeout"] == {
        "option": "closeTimeout",
        "default": "10s",
        "environment": "GHARIAL_CLOSE_TIMEOUT",
        "flag": "--close-timeout",
        "meaning": "From our close frame to the end of TCP.",
    }
    assert by_name["caCertificates"]["flag"] == "--ca-cert"
    assert by_name["scenarios"]["environment"] == ""
    assert all(row["meaning"] for row in rows)


def test_the_table_has_a_line_for_each(command_line, capsys):
    command_line("options")
    text = capsys.readouterr().out
    for name in Options.names():
        assert name in text
