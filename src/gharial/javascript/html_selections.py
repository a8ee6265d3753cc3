"""What ``k6/html`` calls: selections of nodes of a parsed page."""

import json
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from selectolax.lexbor import LexborHTMLParser, LexborNode, SelectolaxError

from gharial.engine.port import JsContext
from gharial.errors import GharialError
from gharial.lazy_pattern import lazy_pattern

# Numbers, booleans, null, lists and objects in ``data-*`` become values, as in jQuery.
_NUMBER = lazy_pattern(r"-?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")
_UNSENT_TYPES = frozenset({"submit", "button", "reset", "image", "file"})


class SelectorError(GharialError):
    """
    A string is not a valid CSS selector.

    Attributes:
        selector: The text.

    """

    def __init__(self, selector: str) -> None:
        super().__init__(selector)
        self.selector = selector

    def __str__(self) -> str:
        return f"{self.selector!r} is not a valid CSS selector"


class Page:
    """A parsed page; nodes are valid as long as it is held."""

    def __init__(self, text: str) -> None:
        self.parser = LexborHTMLParser(text)
        self._matching: dict[str, frozenset[int]] = {}

    def root(self) -> list[LexborNode]:
        """Return the element ``html``."""
        root = self.parser.root
        return [] if root is None else [root]

    def matches(self, node: LexborNode, selector: str) -> bool:
        """
        Return whether an element is one that the selector selects.

        Raises:
            SelectorError: If it is none.

        """
        found = self._matching.get(selector)
        if found is None:
            nodes = css(self.parser, selector)
            found = self._matching[selector] = frozenset(each.mem_id for each in nodes)
        return node.mem_id in found


class Selection:
    """Some nodes of a page, in order."""

    __slots__ = ("is_page", "nodes", "page")

    def __init__(self, page: Page, nodes: Iterable[LexborNode]) -> None:
        self.page = page
        # Whether it stands for the page itself, whose HTML has the root element in it.
        self.is_page = False
        unique = {node.mem_id: node for node in nodes}
        self.nodes = list(unique.values())


Condition = Callable[[LexborNode], bool]


class HtmlSelections:
    """The functions of one VU; selections live in the script's objects."""

    def __init__(self, context: JsContext) -> None:
        self._embed = context.embed

    def functions(self) -> dict[str, Callable[..., Any]]:
        """Return what the module calls, by name."""
        return {
            "htmlParse": self.parse,
            "htmlSelect": self.select,
            "htmlRead": read,
            "htmlSize": lambda selection: len(selection.nodes),
        }

    def parse(self, text: str) -> Any:
        """Return a selection of a page's root."""
        page = Page(text)
        selection = Selection(page, page.root())
        selection.is_page = True
        return self._embed(selection)

    def select(
        self, selection: Selection, way: str, argument: Any, until: Any = None
    ) -> list[Any]:
        """Return what is wrong, if anything, and a new selection."""
        try:
            if way == "add":
                nodes = [*selection.nodes, *argument.nodes]
            else:
                nodes = _select(selection, way, argument, until)
        except SelectorError as error:
            return [str(error), None]
        return [None, self._embed(Selection(selection.page, nodes))]


def css(within: LexborHTMLParser | LexborNode, selector: str) -> list[LexborNode]:
    """
    Return the elements that a selector selects, in the page's order.

    Raises:
        SelectorError: If it is none.

    """
    try:
        return list(within.css(selector))
    except SelectolaxError:
        raise SelectorError(selector) from None


def _select(selection: Selection, way: str, argument: Any, until: Any) -> Any:
    nodes = selection.nodes
    match way:
        case "find":
            return _found(selection, argument)
        case "slice":
            first, last = int(argument), None if until is None else int(until)
            return nodes[first:last]
        case "contents":
            return [child for node in nodes for child in node.iter(include_text=True)]
        case "closest":
            is_one = _condition(selection, argument)
            upwards = (
                next(filter(is_one, _with_parents(node)), None) for node in nodes
            )
            return [node for node in upwards if node is not None]
        case "has":
            return [
                node
                for node in nodes
                if _found(Selection(selection.page, [node]), argument)
            ]
        case "filter":
            return filter(_condition(selection, argument), nodes)
        case "not":
            is_one = _condition(selection, argument)
            return [node for node in nodes if not is_one(node)]
        case _:
            return _walked(selection, way, argument, until)


def _walked(
    selection: Selection, way: str, argument: Any, until: Any
) -> Iterator[LexborNode]:
    """Yield what is reached from each node, of which some conditions hold."""
    kind = way.removesuffix("Until")
    is_one = _condition(selection, argument)
    is_end: Condition = (
        _condition(selection, until) if until is not None else lambda node: False
    )
    for node in selection.nodes:
        for reached in _WALKS[kind](node):
            if is_end(reached):
                break
            if is_one(reached):
                yield reached


def _found(selection: Selection, wanted: Any) -> list[LexborNode]:
    """Return the descendants that a selector, or another selection, names."""
    if isinstance(wanted, Selection):
        inside = {node.mem_id for node in selection.nodes}
        return [
            node
            for node in wanted.nodes
            if any(parent.mem_id in inside for parent in _parents(node))
        ]
    return [
        found
        for node in selection.nodes
        if node.is_element_node
        for found in css(node, str(wanted))
        # The library counts the node itself in; only the root of all is wanted so.
        if found.mem_id != node.mem_id or node.tag == "html"
    ]


def _condition(selection: Selection, wanted: Any) -> Condition:
    """Return what tells whether a node is meant by a selector or a selection."""
    if wanted is None or wanted == "":
        return lambda node: True
    if isinstance(wanted, Selection):
        ids = {node.mem_id for node in wanted.nodes}
        return lambda node: node.mem_id in ids
    text = str(wanted)
    return lambda node: selection.page.matches(node, text)


def _parents(node: LexborNode) -> Iterator[LexborNode]:
    parent = node.parent
    while parent is not None and parent.is_element_node:
        yield parent
        parent = parent.parent


def _with_parents(node: LexborNode) -> Iterator[LexborNode]:
    yield node
    yield from _parents(node)


def _following(node: LexborNode) -> Iterator[LexborNode]:
    sibling = node.next
    while sibling is not None:
        if sibling.is_element_node:
            yield sibling
        sibling = sibling.next


def _preceding(node: LexborNode) -> Iterator[LexborNode]:
    sibling = node.prev
    while sibling is not None:
        if sibling.is_element_node:
            yield sibling
        sibling = sibling.prev


def _children(node: LexborNode) -> Iterator[LexborNode]:
    return (child for child in node.iter() if child.is_element_node)


def _first(walk: Callable[[LexborNode], Iterator[LexborNode]]) -> Any:
    def one(node: LexborNode) -> Iterator[LexborNode]:
        for reached in walk(node):
            yield reached
            return

    return one


def _siblings(node: LexborNode) -> Iterator[LexborNode]:
    yield from reversed(list(_preceding(node)))
    yield from _following(node)


def _next_node(node: LexborNode) -> Iterator[LexborNode]:
    if node.next is not None:
        yield node.next


def _previous_node(node: LexborNode) -> Iterator[LexborNode]:
    if node.prev is not None:
        yield node.prev


_WALKS: dict[str, Callable[[LexborNode], Iterator[LexborNode]]] = {
    "nextNode": _next_node,
    "prevNode": _previous_node,
    "children": _children,
    "next": _first(_following),
    "nextAll": _following,
    "parent": _first(_parents),
    "parents": _parents,
    "prev": _first(_preceding),
    "prevAll": _preceding,
    "siblings": _siblings,
}


def read(selection: Selection, what: str, name: Any = None) -> str | None:
    """Return, as JSON, what a script asks of a selection; None for undefined."""
    nodes = selection.nodes
    value: Any
    if what == "text":
        value = "".join(map(node_text, nodes))
    elif what == "html" and selection.is_page:
        value = selection.page.parser.html
    elif what == "serializeArray":
        value = _form_values(selection)
    elif what == "is":
        try:
            value = any(map(_condition(selection, name), nodes))
        except SelectorError as error:
            return json.dumps({"problem": str(error)})
    elif what == "index":
        value = _index(selection, name)
    elif not nodes:
        return None
    else:
        value = _READS[what](nodes[0], name)
    return None if value is None else json.dumps(value)


def node_text(node: LexborNode) -> str:
    """Return all text in a node."""
    if node.is_text_node:
        return node.text_content or ""
    return "" if node.is_comment_node else node.text(deep=True)


def _index(selection: Selection, wanted: Any) -> int:
    if not selection.nodes:
        return -1
    if wanted is None:
        return len(list(_preceding(selection.nodes[0])))
    is_one = _condition(selection, wanted)
    if isinstance(wanted, Selection):
        places = [place for place, node in enumerate(selection.nodes) if is_one(node)]
        return places[0] if places else -1
    all_of_it = [node.mem_id for node in css(selection.page.parser, str(wanted))]
    first = selection.nodes[0].mem_id
    return all_of_it.index(first) if first in all_of_it else -1


def _attribute(node: LexborNode, name: Any) -> str | None:
    attributes = node.attributes
    if name not in attributes:
        return None
    return attributes[name] or ""


def _data(node: LexborNode, name: Any) -> Any:
    found = {
        re.sub(r"-(\w)", lambda match: match[1].upper(), key[5:]): _converted(
            value or ""
        )
        for key, value in node.attributes.items()
        if key.startswith("data-")
    }
    if name is None:
        return found
    camel = re.sub(r"-(\w)", lambda match: match[1].upper(), str(name))
    return found.get(camel)


def _converted(text: str) -> Any:
    if text in ("true", "false", "null") or _NUMBER.fullmatch(text) or text[:1] in "{[":
        try:
            return json.loads(text)
        except ValueError:
            return text
    return text


def _value(node: LexborNode, _: Any) -> Any:
    if node.tag == "textarea":
        return node_text(node)
    if node.tag == "option":
        own = _attribute(node, "value")
        return node_text(node).strip() if own is None else own
    if node.tag != "select":
        kind = (node.attributes.get("type") or "").lower()
        fallback = "on" if kind in ("checkbox", "radio") else None
        return _attribute(node, "value") or fallback
    options = css(node, "option")
    chosen = [each for each in options if "selected" in each.attributes]
    if "multiple" in node.attributes:
        return [_value(each, None) for each in chosen]
    first = chosen[-1] if chosen else options[0] if options else None
    return None if first is None else _value(first, None)


def _form_values(selection: Selection) -> list[dict[str, str]]:
    """Return names and values of what a form would send."""
    fields: list[LexborNode] = []
    for node in selection.nodes:
        inside = css(node, "input, select, textarea") if node.tag == "form" else [node]
        fields.extend(inside)
    found = []
    for field in fields:
        attributes = field.attributes
        kind = (attributes.get("type") or "").lower()
        if (
            not attributes.get("name")
            or "disabled" in attributes
            or kind in _UNSENT_TYPES
        ):
            continue
        if kind in ("checkbox", "radio"):
            if "checked" not in attributes:
                continue
            value: Any = attributes.get("value") or "on"
        else:
            value = _value(field, None)
        values = value if isinstance(value, list) else [value or ""]
        found += [{"name": str(attributes["name"]), "value": each} for each in values]
    return found


def _node_name(node: LexborNode, _: Any) -> str:
    if node.is_text_node:
        return "#text"
    return "#comment" if node.is_comment_node else str(node.tag)


def _node_type(node: LexborNode, _: Any) -> int:
    if node.is_text_node:
        return 3
    return 8 if node.is_comment_node else 1


def _inner_html(node: LexborNode, _: Any) -> str:
    return node.inner_html or "" if node.is_element_node else ""


_READS: dict[str, Callable[[LexborNode, Any], Any]] = {
    "attr": _attribute,
    "attributes": lambda node, _: {k: v or "" for k, v in node.attributes.items()},
    "data": _data,
    "html": _inner_html,
    "nodeName": _node_name,
    "nodeType": _node_type,
    "nodeValue": lambda node, _: None if node.is_element_node else node_text(node),
    "outerHTML": lambda node, _: node.html or "",
    "val": _value,
}
