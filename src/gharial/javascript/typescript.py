"""
TypeScript to JavaScript: replaces types by spaces, so that positions stay the same.

What is not only types is changed within its own lines: enums, namespaces, auto-accessors,
``import a = b``, and parameters of constructors that are properties. Types are not checked.

Source:
    TypeScript's handbook; its option ``isolatedModules`` names what can be done file by
    file, as here.
"""

from collections.abc import Callable, Iterator

from gharial.engine.syntax_tree import Node, parsed
from gharial.javascript.typescript_names import (
    TYPE_STATEMENTS,
    after_super,
    belongs_to_class,
    bound_names,
    child_of,
    has_values,
    only_types,
)
from gharial.scripting.languages import Language, language_of
from gharial.virtual_user.script import ScriptError

# Nodes that are types and nothing else.
_TYPES = frozenset(
    {
        *("type_annotation", "type_arguments", "type_parameters", "implements_clause"),
        *("omitting_type_annotation", "opting_type_annotation", "asserts_annotation"),
        *("type_predicate_annotation", "accessibility_modifier", "override_modifier"),
    }
)
_REFUSED = {
    "decorator": "decorators are not supported; compile the script first, for example "
    "with npx esbuild --bundle --format=esm --sourcemap --outfile=script.js",
}
# A line that begins so goes on with the statement before, but for a type that ends that.
_CONTINUES = (b"(", b"[", b"`")


def is_typescript(name: str) -> bool:
    """Return whether a module's name says that it is TypeScript."""
    return language_of(name) is Language.TYPESCRIPT


def strip_types(source: str, filename: str) -> str:
    """
    Return a TypeScript module as JavaScript, without its types.

    Lines stay the same, and columns too, save in lines with an enum or with parameters
    that are properties. Broken source comes back broken, at the same place.

    Raises:
        ScriptError: If it uses what cannot be had without TypeScript's own compiler.

    """
    data = source.encode("utf-8", "surrogatepass")
    stripper = _Stripper(data, filename)
    stripper.strip(parsed(data))
    return stripper.result().decode("utf-8", "surrogatepass")


class _Stripper:
    """Collects edits while it goes over the tree."""

    def __init__(self, data: bytes, filename: str) -> None:
        self._data = data
        self._filename = filename
        # Texts by the ranges that they replace; what was put in first stays.
        self._edits: dict[tuple[int, int], bytes] = {}
        self._used: set[bytes] = set()
        self._imports: list[Node] = []

    def strip(self, root: Node) -> None:
        stack = [root]
        while stack:
            node = stack.pop()
            if self._is_done(node):
                continue
            if node.type in ("identifier", "shorthand_property_identifier"):
                self._used.add(node.text)
            stack.extend(reversed(node.children))
        for statement in self._imports:
            self._elide(statement)

    def result(self) -> bytes:
        parts, at = [], 0
        for (start, end), text in sorted(self._edits.items()):
            if start < at:
                # Inside of what an outer edit has replaced.
                continue
            parts += [self._data[at:start], text]
            at = end
        return b"".join([*parts, self._data[at:]])

    # -- Nodes ---------------------------------------------------------------------------

    def _is_done(self, node: Node) -> bool:
        """Strip a node; return whether there is nothing more to do inside it."""
        kind = node.type
        if not node.is_named:
            return True
        if kind in _TYPES:
            self._blank(node.start_byte, node.end_byte)
            return True
        if kind in TYPE_STATEMENTS:
            self._drop(node)
            return True
        if kind in _REFUSED:
            self._refuse(node, _REFUSED[kind])
        handle = _HANDLERS.get(kind)
        return handle is not None and handle(self, node)

    def _import(self, node: Node) -> bool:
        if _has(node, "type"):
            self._drop(node)
        elif child_of(node, "import_require_clause"):
            # ``import a = require('b')``
            self._put(node.start_byte, node.start_byte + len("import"), b"const")
        else:
            self._imports.append(node)
        return True

    def _alias(self, node: Node) -> bool:
        """Make a variable of ``import a = b.c``; of a type it is undefined."""
        self._put(node.start_byte, node.start_byte + len("import"), b"var")
        start, *rest = node.named_children[-1].text.split(b".")
        self._used.add(start)
        end = node.named_children[-1].end_byte
        chain = b"".join(b"?.%b" % each.strip() for each in rest)
        first = b"typeof %b==='undefined'?undefined:%b" % (start, start)
        self._put(node.named_children[-1].start_byte, end, first + chain)
        return True

    def _export(self, node: Node) -> bool:
        declaration = node.child_by_field_name("declaration")
        if _has(node, "type") or (
            declaration is not None and declaration.type in TYPE_STATEMENTS
        ):
            self._drop(node)
            return True
        if _has(node, "="):
            self._refuse(node, "'export =' is not supported; use export default")
        for specifier in _descendants(node, "export_specifier"):
            if _has(specifier, "type"):
                self._blank_with_comma(specifier)
        if (
            child_of(node, "export_clause")
            and node.child_by_field_name("source") is None
        ):
            self._elide_exports(node)
        if declaration is not None and declaration.type == "enum_declaration":
            self._enum(declaration)
            return True
        return False

    def _cast(self, node: Node) -> bool:
        """Keep the value of ``value as Type`` and ``value satisfies Type``."""
        value = node.children[0]
        spaces = self._spaces(value.end_byte, node.end_byte)
        if self._goes_on(node.end_byte):
            spaces = b";" + spaces[1:]
        self._put(value.end_byte, node.end_byte, spaces)
        self._inside(value)
        return True

    def _non_null(self, node: Node) -> bool:
        self._blank_token(node, "!")
        return False

    def _parameter(self, node: Node) -> bool:
        pattern = node.child_by_field_name("pattern")
        if pattern is not None and pattern.type == "this":
            self._blank_with_comma(node)
            return True
        self._blank_token(node, "?")
        self._blank_token(node, "readonly")
        return False

    def _declarator(self, node: Node) -> bool:
        self._blank_token(node, "!")
        return False

    def _accessor(self, field: Node) -> None:
        """Keep an auto-accessor's value in a private field, as the language does."""
        name = field.child_by_field_name("name")
        if name.type == "computed_property_name":
            self._refuse(field, "an accessor needs a plain name")
        value = b"this.#%b__" % name.text.removeprefix(b"#")
        self._blank_token(field, "accessor")
        self._put(name.start_byte, name.end_byte, value.removeprefix(b"this."))
        static = (
            b"static " if _has(field, "static") or child_of(field, "static") else b""
        )
        both = (static, name.text, value) * 2
        text = b";%bget %b(){return %b}%bset %b(value){%b=value}" % both
        self._put(field.end_byte, field.end_byte, text)

    def _field(self, node: Node) -> bool:
        if _has(node, "declare") or _has(node, "abstract"):
            self._drop(node)
            return True
        for token in ("?", "!", "readonly"):
            self._blank_token(node, token)
        if _has(node, "accessor"):
            self._accessor(node)
        return False

    def _method(self, node: Node) -> bool:
        self._blank_token(node, "?")
        name = node.child_by_field_name("name")
        if name is not None and name.text == b"constructor":
            self._parameter_properties(node)
        return False

    def _class(self, node: Node) -> bool:
        self._blank_token(node, "abstract")
        return False

    def _arrow(self, node: Node) -> bool:
        """Keep ``=>`` in the line of the parenthesis before it, as JavaScript wants."""
        result = node.child_by_field_name("return_type")
        parameters = node.child_by_field_name("parameters")
        if result is not None and parameters is not None and b"\n" in result.text:
            self._put(parameters.end_byte - 1, parameters.end_byte, b" ")
            spaces = self._spaces(result.start_byte, result.end_byte)
            self._put(result.start_byte, result.end_byte, spaces[:-1] + b")")
        return False

    # -- What is more than types -----------------------------------------------------------

    def _parameter_properties(self, constructor: Node) -> None:
        parameters = constructor.child_by_field_name("parameters")
        body = constructor.child_by_field_name("body")
        if parameters is None or body is None:
            return
        names = []
        for parameter in parameters.named_children:
            if not (
                child_of(parameter, "accessibility_modifier")
                or _has(parameter, "readonly")
            ):
                continue
            pattern = parameter.child_by_field_name("pattern")
            names.append(pattern.text)
        if names:
            text = b"".join(b"this.%b=%b;" % (name, name) for name in names)
            at = after_super(body)
            self._put(at, at, text)

    def _namespace(self, node: Node, outer: bytes = b"") -> bool:
        """Make an object of a namespace; what it exports are its properties."""
        body = child_of(node, "statement_block")
        if body is None or not has_values(body):
            self._drop(node)
            return True
        names = [part.strip() for part in node.named_children[0].text.split(b".")]
        head, tail = b"", b""
        for name in names:
            whole = b"%b.%b" % (outer, name) if outer else name
            is_merged = not outer and belongs_to_class(node, name)
            head += b"" if is_merged else b"var %b;" % name
            head += b"(function(%b){" % name
            start = b"%b=" % name if outer else b""
            tail = b"})(%b%b||(%b={}));" % (start, whole, whole) + tail
            outer = name
            self._used.add(name)
        self._put(node.start_byte, body.children[0].end_byte, head)
        for statement in body.named_children:
            if statement.type == "export_statement":
                self._export_of_namespace(statement, names[-1])
            else:
                self._inside(statement)
        self._put(body.end_byte - 1, body.end_byte, tail)
        return True

    def _export_of_namespace(self, node: Node, namespace: bytes) -> None:
        declaration = node.child_by_field_name("declaration") or child_of(
            node, "internal_module"
        )
        if declaration is None or declaration.type in TYPE_STATEMENTS:
            self._drop(node)
            return
        self._put(node.start_byte, declaration.start_byte, b"")
        if declaration.type == "internal_module":
            self._namespace(declaration, namespace)
            return
        self._inside(declaration)
        is_variable = declaration.type in (
            "lexical_declaration",
            "variable_declaration",
        )
        names = bound_names(declaration) if is_variable else [declaration]
        text = b""
        for each in names:
            name = (
                each.child_by_field_name("name").text
                if each is declaration
                else each.text
            )
            if declaration.text.startswith((b"let", b"var")):
                text += (
                    b"Object.defineProperty(%b,'%b',{enumerable:true,"
                    b"get:()=>%b,set(value){%b=value}});"
                ) % (namespace, name, name, name)
            else:
                text += b"%b.%b=%b;" % (namespace, name, name)
        self._put(node.end_byte, node.end_byte, b";" + text)

    def _enum(self, node: Node) -> bool:
        """Make an object of an enum, within its own lines."""
        name = node.child_by_field_name("name").text
        body = node.child_by_field_name("body")
        opening = body.children[0]
        head = b"var %b;(function(%b){" % (name, name)
        self._put(node.start_byte, opening.end_byte, head)
        members: list[bytes] = []
        for child in body.children[1:]:
            if child.type == ",":
                self._put(child.start_byte, child.end_byte, b"")
            elif child.type == "}":
                closing = b"})(%b||(%b={}));" % (name, name)
                self._put(child.start_byte, child.end_byte, closing)
            elif child.type != "comment":
                text = self._member(name, child, members)
                text += b"\n" * (child.text.count(b"\n") - text.count(b"\n"))
                self._put(child.start_byte, child.end_byte, text)
        self._used.add(name)
        return True

    def _member(self, enum: bytes, node: Node, members: list[bytes]) -> bytes:
        """Return the statement that makes a member; add its key to the others'."""
        assigned = node.type == "enum_assignment"
        key_node = node.child_by_field_name("name") if assigned else node
        key = key_node.text if key_node.type == "string" else b'"%b"' % key_node.text
        value_node = node.child_by_field_name("value") if assigned else None
        if value_node is not None and value_node.type in ("string", "template_string"):
            statement = b"%b[%b]=%b;" % (enum, key, value_node.text)
        else:
            if value_node is not None:
                value = self._member_value(enum, value_node, members)
            elif members:
                value = b"%b[%b]+1" % (enum, members[-1])
            else:
                value = b"0"
            statement = b"%b[%b[%b]=%b]=%b;" % (enum, enum, key, value, key)
        members.append(key)
        return statement

    def _member_value(self, enum: bytes, node: Node, members: list[bytes]) -> bytes:
        parts, at = [], node.start_byte
        for identifier in _descendants(node, "identifier"):
            parts.append(self._data[at : identifier.start_byte])
            key = b'"%b"' % identifier.text
            if key in members:
                parts.append(b"%b[%b]" % (enum, key))
            else:
                parts.append(identifier.text)
                self._used.add(identifier.text)
            at = identifier.end_byte
        return b"".join([*parts, self._data[at : node.end_byte]])

    # -- Imports ---------------------------------------------------------------------------

    def _elide(self, statement: Node) -> None:
        """Drop what is imported and used as a type only, as TypeScript does."""
        clause = child_of(statement, "import_clause")
        if clause is None:
            return
        bindings = []
        for part in clause.named_children:
            if part.type == "named_imports":
                bindings += [
                    each for each in part.named_children if each.type != "comment"
                ]
            else:
                bindings.append(part)
        unused = [each for each in bindings if not self._is_used(each)]
        if bindings and len(unused) == len(bindings):
            self._drop(statement)
            return
        for binding in unused:
            self._blank_with_comma(binding)

    def _elide_exports(self, node: Node) -> None:
        """Drop what ``export { a }`` names if a type, and nothing else, is called so."""
        types = only_types(node.parent)
        for specifier in _descendants(node, "export_specifier"):
            if specifier.child_by_field_name("name").text in types:
                self._blank_with_comma(specifier)

    def _is_used(self, binding: Node) -> bool:
        if binding.type == "import_specifier":
            if _has(binding, "type"):
                return False
            alias = binding.child_by_field_name("alias")
            local = alias or binding.child_by_field_name("name")
            return local.text in self._used
        if binding.type == "namespace_import":
            return any(each.text in self._used for each in binding.named_children)
        return binding.text in self._used

    # -- Edits -----------------------------------------------------------------------------

    def _inside(self, node: Node) -> None:
        stack = [node]
        while stack:
            inner = stack.pop()
            if self._is_done(inner):
                continue
            if inner.type in ("identifier", "shorthand_property_identifier"):
                self._used.add(inner.text)
            stack.extend(reversed(inner.children))

    def _blank(self, start: int, end: int) -> None:
        self._put(start, end, self._spaces(start, end))

    def _drop(self, node: Node) -> None:
        """Leave a semicolon, lest the next line goes on with the one before."""
        spaces = self._spaces(node.start_byte, node.end_byte)
        self._put(node.start_byte, node.end_byte, b";" + spaces[1:])

    def _blank_token(self, node: Node, token: str) -> None:
        for child in node.children:
            if child.type == token:
                self._blank(child.start_byte, child.end_byte)

    def _blank_with_comma(self, node: Node) -> None:
        following = node.next_sibling
        end = node.end_byte
        if following is not None and following.type == ",":
            end = following.end_byte
        else:
            before = node.prev_sibling
            if before is not None and before.type == ",":
                self._blank(before.start_byte, before.end_byte)
        self._blank(node.start_byte, end)

    def _goes_on(self, end: int) -> bool:
        """Return whether the line after a blanked type would go on with its statement."""
        rest = self._data[end:].lstrip(b" \t")
        is_last = rest.startswith((b"\n", b"\r"))
        return is_last and rest.lstrip().startswith(_CONTINUES)

    def _put(self, start: int, end: int, text: bytes) -> None:
        self._edits.setdefault((start, end), text)

    def _spaces(self, start: int, end: int) -> bytes:
        text = self._data[start:end].decode("utf-8", "surrogatepass")
        # A column of JavaScript is a UTF-16 unit.
        return "".join(
            each if each in "\n\r\u2028\u2029" else "  " if ord(each) > 0xFFFF else " "
            for each in text
        ).encode("utf-8")

    def _refuse(self, node: Node, problem: str) -> None:
        line, column = node.start_point
        raise ScriptError(
            f"TypeScript: {problem}",
            f"    at {self._filename}:{line + 1}:{column + 1}",
        )


_HANDLERS: dict[str, Callable[[_Stripper, Node], bool]] = {
    "abstract_class_declaration": _Stripper._class,
    "arrow_function": _Stripper._arrow,
    "as_expression": _Stripper._cast,
    "enum_declaration": _Stripper._enum,
    "import_alias": _Stripper._alias,
    "internal_module": _Stripper._namespace,
    "module": _Stripper._namespace,
    "export_statement": _Stripper._export,
    "import_statement": _Stripper._import,
    "method_definition": _Stripper._method,
    "non_null_expression": _Stripper._non_null,
    "optional_parameter": _Stripper._parameter,
    "public_field_definition": _Stripper._field,
    "required_parameter": _Stripper._parameter,
    "satisfies_expression": _Stripper._cast,
    "variable_declarator": _Stripper._declarator,
}


def _has(node: Node, token: str) -> bool:
    return any(child.type == token and not child.is_named for child in node.children)


def _descendants(node: Node, kind: str) -> Iterator[Node]:
    if node.type == kind:
        yield node
    for child in node.children:
        yield from _descendants(child, kind)
