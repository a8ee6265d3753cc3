"""What a TypeScript module declares, and where in its tree that is."""

from gharial.engine.syntax_tree import Node

# Statements and members that leave nothing behind but a semicolon.
TYPE_STATEMENTS = frozenset(
    {
        *("interface_declaration", "type_alias_declaration", "ambient_declaration"),
        *("function_signature", "method_signature", "abstract_method_signature"),
        *("index_signature", "construct_signature", "call_signature"),
    }
)


def child_of(node: Node, kind: str) -> Node | None:
    """Return the first child of a kind."""
    return next((child for child in node.children if child.type == kind), None)


def declared(statement: Node) -> Node:
    """Return what a statement declares, itself unless it is an export or the like."""
    if statement.type == "expression_statement" and statement.named_children:
        return statement.named_children[0]
    return statement.child_by_field_name("declaration") or statement


def bound_names(declaration: Node) -> list[Node]:
    """Return the names that a declaration of variables makes."""
    found: list[Node] = []
    stack = [each.child_by_field_name("name") for each in declaration.named_children]
    while stack:
        node = stack.pop()
        if node is None:
            continue
        if node.type in ("identifier", "shorthand_property_identifier_pattern"):
            found.append(node)
        elif node.type == "pair_pattern":
            stack.append(node.child_by_field_name("value"))
        elif node.type in ("assignment_pattern", "object_assignment_pattern"):
            stack.append(node.child_by_field_name("left"))
        else:
            stack.extend(reversed(node.named_children))
    return found


def has_values(body: Node) -> bool:
    """Return whether a namespace has more than types in it."""
    for statement in body.named_children:
        made = declared(statement)
        if made.type in ("comment", *TYPE_STATEMENTS):
            continue
        inner = child_of(made, "statement_block")
        if made.type != "internal_module" or inner is None or has_values(inner):
            return True
    return False


def only_types(scope: Node) -> set[bytes]:
    """Return the names in a module that stand for types, and for nothing else."""
    types: set[bytes] = set()
    values: set[bytes] = set()
    for statement in map(declared, scope.named_children):
        if statement.type in ("lexical_declaration", "variable_declaration"):
            values |= {each.text for each in bound_names(statement)}
            continue
        name = statement.child_by_field_name("name")
        if name is None:
            continue
        is_type = statement.type in ("interface_declaration", "type_alias_declaration")
        (types if is_type else values).add(name.text)
    return types - values


def belongs_to_class(namespace: Node, name: bytes) -> bool:
    """Return whether a class next to a namespace has the same name."""
    scope = namespace.parent
    while scope is not None and scope.type not in ("program", "statement_block"):
        scope = scope.parent
    for statement in () if scope is None else scope.named_children:
        made = declared(statement)
        named = made.child_by_field_name("name")
        is_class = made.type.endswith("class_declaration")
        if is_class and named is not None and named.text == name:
            return True
    return False


def after_super(body: Node) -> int:
    """Return where in a constructor ``this`` may be used first."""
    for statement in body.named_children:
        call = statement.named_children[0] if statement.named_children else None
        if call is not None and call.type == "call_expression":
            function = call.child_by_field_name("function")
            if function is not None and function.type == "super":
                return int(statement.end_byte)
    return int(body.children[0].end_byte)
