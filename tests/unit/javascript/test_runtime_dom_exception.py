import pytest


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("IndexSizeError", 1),
        ("HierarchyRequestError", 3),
        ("InvalidCharacterError", 5),
        ("NotFoundError", 8),
        ("NotSupportedError", 9),
        ("InvalidStateError", 11),
        ("SyntaxError", 12),
        ("InvalidAccessError", 15),
        ("TypeMismatchError", 17),
        ("SecurityError", 18),
        ("NetworkError", 19),
        ("AbortError", 20),
        ("URLMismatchError", 21),
        ("QuotaExceededError", 22),
        ("TimeoutError", 23),
        ("InvalidNodeTypeError", 24),
        ("DataCloneError", 25),
        ("EncodingError", 0),
        ("NotAllowedError", 0),
        ("Error", 0),
        ("", 0),
    ],
)
def test_a_name_has_its_code(realm, name, code) -> None:
    assert realm.value(f"new DOMException('', '{name}').code") == code


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("String(new DOMException('m', 'AbortError'))", "AbortError: m"),
        ("new DOMException().message", ""),
        ("new DOMException().name", "Error"),
        ("new DOMException('m') instanceof Error", True),
        ("Error.isError(new DOMException())", True),
        ("typeof new DOMException('m').stack", "string"),
        ("DOMException.ABORT_ERR", 20),
        ("new DOMException().DATA_CLONE_ERR", 25),
        ("new DOMException(undefined, undefined).name", "Error"),
        ("thrown(() => DOMException())", "TypeError"),
        ("thrown(() => DOMException.prototype.name)", "TypeError"),
        ("(DOMException.ABORT_ERR = 1, DOMException.ABORT_ERR)", 20),
        (
            "Object.prototype.toString.call(new DOMException())",
            "[object DOMException]",
        ),
    ],
)
def test_it_is_an_error_as_web_idl_says(realm, expression, expected) -> None:
    assert realm.value(expression) == expected
