"""Makes the documentation's page about client libraries from the results."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from tests.libraries.client_library import FOLDER, Library
from tests.libraries.results import Result
from tests.libraries.rows import LIBRARIES

PAGE: Final = FOLDER.parents[1] / "docs" / "reference" / "client-libraries.md"

HEAD: Final = """\
<!-- Made from tests/libraries/results.json by python -m tests.libraries --save. -->

# Client libraries

Scripts import client libraries from `node_modules` as npm installs them, without a bundler:

```console
$ npm install socket.io-client
$ gharial run script.js
```

<!-- given: declare module 'socket.io-client'; -->
```javascript
import { io } from 'socket.io-client';
```

Each library below was tried with 20 virtual users against the server named next to it. Every user connects, subscribes,
and exchanges five messages; then the server is killed and started again half a second later, and after the library has
connected again (or the script, where the library leaves that to it) there are five more messages and a clean end.
The server and the users count each message: any that is missing, doubled or out of order is a failure.

The cost is what one more virtual user takes until it is connected and subscribed: CPU time of Gharial's process, and
memory that stays. Both are the difference between many users (200 unless said otherwise) and one, divided by the number
of users more. What a message costs afterwards is on the page [What it costs](../explanation/performance.md).

| Library | Version | Server | Runs as it is | Connects again | CPU to start, ms | Memory, MB |
|---|---|---|---|---|---|---|
"""

FOOT: Final = """
A *peer of ours* is a short program that speaks the library's protocol, where the real server cannot be installed from npm
or PyPI, or is a service; such a row says less than the others. Servers are in `tests/libraries/servers`, and the scripts,
which may serve as examples, in `tests/libraries/clients`.

Each virtual user has a global object of its own, in which all of a library is set up: that is what most of the cost is.
Import what the script uses and no more. Where that is the same load, let one virtual user open several sockets.

## Try it yourself

```console
$ python -m tests.libraries                       # all of them
$ python -m tests.libraries mqtt @stomp/stompjs   # some of them
$ python -m tests.libraries --save                # write the results and this page
```

It takes Node.js and npm, which install libraries and servers, in the versions above, into a folder of the user's cache.
"""


def page(head: dict[str, Any], results: list[Result]) -> str:
    """Return the page for some results."""
    found = {one.name: one for one in results}
    rows = [(one, found[one.name]) for one in LIBRARIES if one.name in found]
    lines = [_line(library, result) for library, result in rows]
    notes = list(_notes(rows))
    machine = head["machine"]
    measured = (
        f"\nMeasured on {head['at']}: {machine['processor']}, {machine['cores']} cores, "
        f"{machine['system']}, Python {machine['python']}, Gharial "
        f"{machine['packages']['gharial']}. A shared machine: orders of magnitude count, "
        "not the last digit.\n"
    )
    remarks = ["\n## Remarks\n", *notes] if notes else []
    return HEAD + "\n".join(lines) + "\n" + measured + "\n".join(remarks) + "\n" + FOOT


def _line(library: Library, result: Result) -> str:
    name, _, variant = library.name.partition(" (")
    shown = f"`{name}`" if library.packages else "no library"
    if variant:
        shown += f" ({variant}"
    runs = "no" if result.fault else "no, see below" if library.needs else "yes"
    again = "by itself" if library.reconnects else "by the script"
    cost = result.cost
    cpu = f"{cost.start_cpu_ms:.1f}" if cost else ""
    memory = f"{cost.memory_kb / 1024:.2f}" if cost else ""
    return (
        f"| {shown} | {result.version} | {result.server} | {runs} | {again} | "
        f"{cpu} | {memory} |"
    )


def _notes(rows: list[tuple[Library, Result]]) -> Iterator[str]:
    for library, result in rows:
        said = [library.needs, library.note]
        if result.fault:
            said.insert(0, f"It does not run: {result.fault}.")
        if result.cost and result.cost.users != 200:
            said.append(f"Its cost was measured with {result.cost.users} users.")
        if any(said):
            yield f"- `{library.name}`: {' '.join(filter(None, said))}"


def write(head: dict[str, Any], results: list[Result]) -> Path:
    """Write the page; return where it is."""
    PAGE.write_text(page(head, results), "utf-8")
    return PAGE
