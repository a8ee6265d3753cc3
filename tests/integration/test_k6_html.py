"""``k6/html`` as scripts use it."""

import json
from pathlib import Path

import pytest
from whole_runs import run_whole

from gharial.executors.base import ScenarioPlan
from gharial.executors.per_vu_iterations import PerVuIterations

PAGE = """<!doctype html><html lang="en"><head><title>A page</title></head><body>
<div id="top" class="box main" data-count="3" data-user-name="ann" data-list='[1,2]' data-on="true">
<p class="first">one <b>two</b></p><!-- no --><p>three</p><ul><li>a</li><li class="x">b</li>
<li>c</li><li class="x">d</li></ul></div>
<form id="login"><input name="user" value="ann"><input type="password" name="pass" value="a b&amp;c">
<input type="checkbox" name="keep" checked><input type="checkbox" name="spam">
<input type="submit" name="go" value="Go"><input name="off" disabled value="1">
<select name="room"><option value="r1">One</option><option value="r2" selected>Two</option></select>
<select name="many" multiple><option selected>p</option><option selected>q</option></select>
<textarea name="note">hi
there</textarea></form></body></html>"""


def evaluated(folder: Path, expressions: list[str]) -> list[str]:
    """Return what each expression gives, of which ``doc`` is the page."""
    (folder / "page.html").write_text(PAGE)
    lines = "\n".join(
        f"try {{ console.log(JSON.stringify({each}) ?? 'undefined'); }} "
        "catch (error) { console.log(String(error)); }"
        for each in expressions
    )
    source = f"""
    import {{ parseHTML }} from 'k6/html';
    const page = open('page.html');
    export default function () {{ const doc = parseHTML(page); {lines} }}
    """
    executor = PerVuIterations(ScenarioPlan(), 1, 1, 600.0)
    ran = run_whole(folder, "s.js", source, [executor])
    assert ran.errors == []
    return ran.console


CASES = [
    ("doc.find('title').text()", '"A page"'),
    ("doc.find('p').size()", "2"),
    ("doc.find('p').text()", '"one twothree"'),
    ("doc.find('p').html()", '"one <b>two</b>"'),
    ("doc.find('nope').text()", '""'),
    ("doc.find('nope').html()", '""'),
    ("doc.find('#top').attr('class')", '"box main"'),
    ("doc.find('#top').attr('nope')", "undefined"),
    ("doc.find('#top').attr('nope', 'd')", '"d"'),
    ("doc.find('#top').data('count')", "3"),
    ("doc.find('#top').data('user-name')", '"ann"'),
    ("doc.find('#top').data('userName')", '"ann"'),
    ("doc.find('#top').data()", '{"count":3,"userName":"ann","list":[1,2],"on":true}'),
    ("doc.find('li').eq(1).text()", '"b"'),
    ("doc.find('li').eq(-1).text()", '"d"'),
    ("doc.find('li').eq(9).size()", "0"),
    ("doc.find('li').first().text() + doc.find('li').last().text()", '"ad"'),
    ("doc.find('li').slice(1, 3).text()", '"bc"'),
    ("doc.find('li').slice(2).text()", '"cd"'),
    ("doc.find('li').filter('.x').text()", '"bd"'),
    ("doc.find('li').filter((i) => i % 2 === 0).text()", '"ac"'),
    ("doc.find('li').not('.x').text()", '"ac"'),
    ("doc.find('li').not(doc.find('.x')).text()", '"ac"'),
    ("doc.find('li').is('.x')", "true"),
    ("doc.find('p').is('li')", "false"),
    ("doc.find('p').has('b').text()", '"one two"'),
    ("doc.find('ul').children().size()", "4"),
    ("doc.find('ul').children('.x').text()", '"bd"'),
    ("doc.find('b').parent().attr('class')", '"first"'),
    (
        "doc.find('b').parents().map((i, each) => each.get(0).nodeName())",
        '["p","div","body","html"]',
    ),
    ("doc.find('b').parents('div').attr('id')", '"top"'),
    ("doc.find('b').parentsUntil('body').size()", "2"),
    ("doc.find('b').closest('div').attr('id')", '"top"'),
    ("doc.find('p').closest('p').size()", "2"),
    ("doc.find('li').eq(0).next().text()", '"b"'),
    ("doc.find('li').eq(0).nextAll('.x').text()", '"bd"'),
    ("doc.find('li').eq(0).nextUntil(doc.find('li').eq(3)).text()", '"bc"'),
    ("doc.find('li').eq(3).prevAll().text()", '"cba"'),
    ("doc.find('li').eq(1).siblings().text()", '"acd"'),
    ("doc.find('.first').contents().size()", "2"),
    ("doc.find('.first').contents().get(0).nodeName()", '"#text"'),
    ("doc.find('li').index('.x')", "-1"),
    ("doc.find('.x').index()", "1"),
    ("doc.find('li').index(doc.find('li').eq(2))", "2"),
    ("doc.find('ul').find('li').get(1).classList()", '["x"]'),
    ("doc.find('#top').get(0).attributes().id.value", '"top"'),
    ("doc.find('#top').get(0).firstElementChild().textContent()", '"one two"'),
    ("doc.find('#top').get(0).querySelectorAll('li').length", "4"),
    ("doc.find('b').get(0).parentElement().tagName()", '"P"'),
    ("doc.find('[name=user]').val()", '"ann"'),
    ("doc.find('[name=room]').val()", '"r2"'),
    ("doc.find('[name=many]').val()", '["p","q"]'),
    ("doc.find('textarea').val()", '"hi\\nthere"'),
    (
        "doc.find('form').serialize()",
        '"user=ann&pass=a+b%26c&keep=on&room=r2&many=p&many=q&note=hi%0Athere"',
    ),
    ("doc.find('form').serializeObject().room", '"r2"'),
    ("doc.find('p').toArray().length", "2"),
    ("parseHTML('<p>x').find('p').text()", '"x"'),
    ("doc.find('p[').size()", "Error: 'p[' is not a valid CSS selector"),
    ("doc.find('p').is('p[')", "Error: 'p[' is not a valid CSS selector"),
]


def test_a_page_is_read_as_with_jquery(tmp_path: Path):
    given = evaluated(tmp_path, [expression for expression, _ in CASES])
    wrong = [
        (expression, found, expected)
        for (expression, expected), found in zip(CASES, given, strict=True)
        if found != expected
    ]
    assert wrong == []


def test_callbacks_are_told_place_and_node(tmp_path: Path):
    [each, mapped] = evaluated(
        tmp_path,
        [
            "(() => { const seen = []; doc.find('li').each((i, node) => "
            "{ seen.push(i + node.textContent()); }); return seen; })()",
            "doc.find('li').map((i, one) => one.text() + i)",
        ],
    )
    assert each == '["0a","1b","2c","3d"]'
    assert mapped == '["a0","b1","c2","d3"]'


@pytest.mark.parametrize("count", [200])
def test_nodes_stay_valid_as_long_as_a_script_holds_them(tmp_path: Path, count: int):
    source = f"""
    import {{ parseHTML }} from 'k6/html';
    export default function () {{
      const held = [];
      for (let i = 0; i < {count}; i += 1) {{
        held.push(parseHTML(`<p>${{i}}</p>`).find('p'));
      }}
      console.log(held.every((each, i) => each.text() === String(i)));
    }}
    """
    executor = PerVuIterations(ScenarioPlan(), 2, 3, 600.0)
    ran = run_whole(tmp_path, "s.js", source, [executor])
    assert ran.console == ["true"] * 6


FORM = """<!DOCTYPE html><html><head><title>T</title></head><body>
<a id="l" href="http://u:p@ex.com:8080/p/a?q=1#h" rel="next me" target="_blank">link</a>
<a id="r" href="rel/x">r</a><a id="n">none</a>
<form id="f" action="/act" method="POST" name="ff" novalidate>
<input id="i" name="i" value="v" maxlength="4" required><label id="lab" for="i">L</label>
<input id="c" type="checkbox" name="c" checked>
<select id="s" name="s" multiple><option selected>A</option>
<optgroup disabled><option id="o" label="lb" value="2" selected>Two</option></optgroup></select>
<button id="b" formaction="/other">B</button></form>
<table id="t"><caption>c</caption><tbody><tr id="tr"><td>1</td><td id="td">2</td></tr></tbody>
</table></body></html>"""
# What k6 1.1.0 gives for the same page.
ELEMENTS = [
    ("el('l').text()", '"link"'),
    ("el('l').host()", '"ex.com:8080"'),
    ("el('l').hostname() + el('l').port()", '"ex.com8080"'),
    ("el('l').protocol() + el('l').origin()", '"httphttp://ex.com:8080"'),
    ("el('l').pathname() + el('l').search() + el('l').hash()", '"/p/a?q=1#h"'),
    ("el('l').username() + el('l').password()", '"up"'),
    ("el('l').relList()", '["next","me"]'),
    ("el('l').target() + el('l').type()", '"_blank"'),
    ("el('r').pathname() + el('r').host()", '"/rel/x"'),
    ("el('n').href() + el('n').origin()", '""'),
    ("el('f').method() + el('f').action() + el('f').name()", '"post/actff"'),
    ("[el('f').length(), el('f').noValidate()]", "[4,true]"),
    ("[el('i').maxLength(), el('i').required(), el('i').disabled()]", "[4,true,false]"),
    ("[el('i').form().id(), el('i').labels()[0].id()]", '["f","lab"]'),
    ("el('lab').control().id()", '"i"'),
    ("[el('b').formAction(), el('b').formMethod()]", '["/other","post"]'),
    ("el('c').value()", '"on"'),
    ("[el('o').text(), el('o').label(), el('o').disabled()]", '["Two","lb",true]'),
    ("[el('o').index(), el('s').options().length]", "[1,2]"),
    ("el('s').selectedOptions().map((each) => each.value())", '["A","2"]'),
    ("[el('t').rows().length, el('t').caption().textContent()]", '[1,"c"]'),
    ("[el('tr').cells().length, el('td').cellIndex()]", "[2,1]"),
    ("el('f').selection().serializeObject()", '{"i":"v","c":"on","s":["A","2"]}'),
    ("doc.find('title').get(0).text()", '"T"'),
    ("doc.find('a').map((index, each) => each.text())", '["link","r","none"]'),
    ("doc.find('a').filter((index, each) => each.text() === 'r').attr('id')", '"r"'),
    ("doc.find('a').first().add('#r').add(doc.find('#n')).size()", "3"),
    ("el('l').nextSibling().nodeName()", '"#text"'),
    ("[typeof el('l').className(), el('l').classList()]", '["undefined",[]]'),
    ("el('f').getElementsByTagName('label').length", "1"),
    ("doc.html().startsWith('<!DOCTYPE html><html><head>')", "true"),
    ("doc.find('a').contents().html()", '""'),
]


def test_elements_have_the_methods_of_their_kind(tmp_path: Path):
    lines = "\n".join(
        f"console.log(JSON.stringify({expression}));" for expression, _ in ELEMENTS
    )
    source = f"""
    import {{ parseHTML }} from 'k6/html';
    const doc = parseHTML(`{FORM}`);
    const el = (id) => doc.find(`#${{id}}`).get(0);
    export default function () {{ {lines} }}"""
    executors = [PerVuIterations(ScenarioPlan(), 1, 1, 600.0)]
    ran = run_whole(tmp_path, "s.js", source, executors)
    assert ran.errors == []
    found = zip([each for each, _ in ELEMENTS], ran.console, strict=True)
    assert list(found) == ELEMENTS


# The parts of addresses that k6 1.1.0 gives: host, hostname, protocol, origin, path, port,
# query, fragment, user, password.
ADDRESSES = {
    "//h.com:8080/x?q=1#f": "h.com:8080 h.com :  /x 8080 ?q=1 #f  ",
    "http://h.com/x": "h.com h.com http http://h.com /x     ",
    "http://u:p@h.com:80/x": "h.com h.com http http://h.com:80 /x 80   u p",
    "/p/q?z": "  :  /p/q  ?z   ",
    "http://h.com": "h.com h.com http http://h.com      ",
    "HTTP://H.com/a b/%41": "H.com H.com http http://H.com /a b/A     ",
    "p": "  :  /p     ",
    "mailto:x@y": "  mailto mailto://      ",
    "": "  :       ",
    "#top": "  :     #top  ",
    "http://[::1]:8/": "[::1]:8 ::1 http http://[::1]:8 / 8    ",
    "https://h.com:443/": "h.com h.com https https://h.com:443 / 443    ",
    "http://h.com:/x": "h.com: h.com http http://h.com: /x     ",
}


def test_links_have_the_parts_of_their_addresses_as_they_are_written(tmp_path: Path):
    source = f"""
    import {{ parseHTML }} from 'k6/html';
    export default function () {{
      for (const href of {json.dumps(list(ADDRESSES))}) {{
        const link = parseHTML(`<a href="${{href}}">x</a>`).find('a').get(0);
        console.log(['host', 'hostname', 'protocol', 'origin', 'pathname', 'port', 'search',
          'hash', 'username', 'password'].map((part) => link[part]()).join(' '));
      }}
    }}"""
    executors = [PerVuIterations(ScenarioPlan(), 1, 1, 600.0)]
    ran = run_whole(tmp_path, "s.js", source, executors)
    assert dict(zip(ADDRESSES, ran.console, strict=True)) == ADDRESSES
