#!/usr/bin/env bash
# rpc-websockets: its client refuses what its server answers for a method without a value.
#
# Version: rpc-websockets 10.0.1, Node.js 20, Linux. Seen on 2026-11-30.
# Input: a server registers a method that returns nothing and one that returns null; the
#   package's own client calls both.
# Expected: both calls succeed. A successful response of JSON-RPC 2.0 has the member
#   `result` (section 5).
# Seen: the response to the first has neither `result` nor `error`, since undefined is left
#   out of JSON, and the client rejects the call: "Server response malformed". The second
#   gives null.
# Who meets it: whoever measures calls of methods that only do something. They count as
#   failed, though the server did it. Let such a method return null.
# Exit: 0 while this is so, 1 when it has changed, 2 when it could not be tried.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes > /dev/null || exit 2
npm install --silent --no-audit --no-fund --ignore-scripts rpc-websockets@10.0.1 || exit 2

cat > try.cjs <<'JS'
const { Client, Server } = require('rpc-websockets');
const server = new Server({ host: '127.0.0.1', port: 0 });
server.register('nothing', () => {});
server.register('null', () => null);
server.on('listening', () => {
  const client = new Client(`ws://127.0.0.1:${server.wss.address().port}`);
  client.on('open', async () => {
    for (const method of ['nothing', 'null']) {
      const outcome = await client.call(method, [], 5000).then(
        (value) => `gives ${value}`, (error) => `fails: ${error.message}`);
      console.log(`${method}: ${outcome}`);
    }
    process.exit();
  });
});
JS

seen=$(timeout 60 node try.cjs) || true
echo "$seen"
if grep -q "^nothing: fails: .*malformed" <<< "$seen" && grep -q "^null: gives null" <<< "$seen"; then
  echo "as seen before"
else
  echo "this has changed"
  exit 1
fi
