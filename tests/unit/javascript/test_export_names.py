from gharial.javascript.export_names import ExportNames


def test_names_are_guessed_until_a_file_has_run() -> None:
    names = ExportNames()
    names.want("/a.js", ["one"], members=["two"])
    assert names.of("/a.js", ["three"]) == {"one", "two", "three"}
    names.ran("/a.js", ["four"])
    assert names.of("/a.js", ["three"]) == {"one", "two"}
    assert not names.were_wrong()


def test_the_keys_are_the_names_of_a_file_that_is_seen_whole() -> None:
    names = ExportNames()
    names.want("/a.js", ["asked"], members=["tried"], is_whole=True)
    assert names.of("/a.js", ["guessed"]) == {"asked", "tried", "guessed"}
    assert names.not_known() == ["/a.js"]
    assert names.may_change()
    names.ran("/a.js", ["key"])
    assert names.not_known() == []
    assert names.were_wrong()
    assert names.of("/a.js", ["guessed"]) == {"asked", "key"}
    assert not names.may_change()


def test_a_guess_that_was_right_is_not_wrong() -> None:
    names = ExportNames()
    names.want("/a.js", is_whole=True)
    names.of("/a.js", ["key"])
    names.ran("/a.js", ["key"])
    assert not names.were_wrong()


def test_nobody_sees_all_names_of_a_file_imported_by_name() -> None:
    names = ExportNames()
    names.want("/a.js", ["one"])
    names.of("/a.js", ["two"])
    assert not names.may_change()
    names.sees_all = True
    assert names.may_change()
