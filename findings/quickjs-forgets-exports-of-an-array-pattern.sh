#!/usr/bin/env bash
# QuickJS: names that an exported array pattern declares are not exported.
#
# Version: quickjs-bindings 0.1.1 (QuickJS 2025-09). Seen on 2026-11-30.
# Input: a module with `export const [a, b] = [1, 2];`, and one that imports `a` and `b`
#   from it.
# Expected: 1 and 2. ECMA-262 section 16.2.3.4 has the names of such a declaration among
#   the module's exports, whether it is by a pattern or not.
# Seen: "SyntaxError: Could not find export 'a' in module". With an object pattern, or as
#   `const [a, b] = …; export { a, b };`, it works.
# Exit: 0 while this is so, 1 when it has changed, 2 when it could not be tried.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv" || exit 2
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
  quickjs-bindings==0.1.1 || exit 2

timeout 60 "$folder/venv/bin/python" - <<'PYTHON'
import sys

from quickjs import Runtime

MODULES = {
    "named": "const [a, b] = [1, 2]; export { a, b };",
    "object": "export const { a, b } = { a: 1, b: 2 };",
    "array": "export const [a, b] = [1, 2];",
}


def imported(name: str) -> str:
    context = Runtime().new_context()
    context.set_module_loader(lambda asked: MODULES[name])
    try:
        context.eval(
            "import { a, b } from 'm'; globalThis.found = `${a} ${b}`;", module=True
        )
        while context.has_pending_job:
            context.execute_pending_job()
    except Exception as error:
        return str(error).splitlines()[0]
    return str(context.eval("globalThis.found"))


found = {name: imported(name) for name in MODULES}
for name, result in found.items():
    print(f"{name:>6}: {result}")
is_as_seen = (
    found["named"] == found["object"] == "1 2"
    and "Could not find export" in found["array"]
)
print("as seen before" if is_as_seen else "this has changed")
sys.exit(not is_as_seen)
PYTHON
