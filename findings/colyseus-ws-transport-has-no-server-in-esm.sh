#!/usr/bin/env bash
# @colyseus/ws-transport: imported as an ES module, it cannot make its server.
#
# Version: @colyseus/ws-transport 0.16.1, @colyseus/core 0.16.20, @colyseus/schema 3.0.76,
#   Node.js 20, Linux. Seen on 2026-11-30.
# Input: `new WebSocketTransport()` in an ES module and in a CommonJS one.
# Expected: a transport in both; the package has a build of its own for each.
# Seen: the ES module throws "WebSocket.Server is not a constructor". Its build takes the
#   default export of `ws`, which has no `Server` there: that is a name of the CommonJS file.
# Who meets it: whoever writes a Colyseus server in ES modules with this transport.
#   `createRequire(import.meta.url)` gives the build that works.
# Exit: 0 while this is so, 1 when it has changed, 2 when it could not be tried.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes > /dev/null || exit 2
npm install --silent --no-audit --no-fund --ignore-scripts \
  @colyseus/ws-transport@0.16.1 @colyseus/core@0.16.20 @colyseus/schema@3.0.76 || exit 2

cat > module.mjs <<'JS'
import { WebSocketTransport } from '@colyseus/ws-transport';
try {
  new WebSocketTransport();
  console.log('ES module: made');
} catch (error) {
  console.log(`ES module: ${error.message}`);
}
process.exit();
JS
cat > common.cjs <<'JS'
const { WebSocketTransport } = require('@colyseus/ws-transport');
new WebSocketTransport();
console.log('CommonJS:  made');
process.exit();
JS

seen=$(timeout 60 node module.mjs; timeout 60 node common.cjs) || true
echo "$seen"
if grep -q "ES module: .*not a constructor" <<< "$seen" && grep -q "CommonJS:  made" <<< "$seen"; then
  echo "as seen before"
else
  echo "this has changed"
  exit 1
fi
