#!/usr/bin/env bash
# Ray: a head that was started on 127.0.0.1 cannot be joined by the address that it names.
#
# Version: ray 2.60.0, CPython 3.11, Linux with a network interface beside loopback. Seen
#   on 2026-11-30.
# Input: `ray start --head --node-ip-address=127.0.0.1`, to keep the cluster on this
#   machine, and then `ray.init("127.0.0.1:PORT")`.
# Expected: the driver joins.
# Seen: the driver turns 127.0.0.1 into the machine's address on its network, where a head
#   that was told 127.0.0.1 does not listen, and gives up after a while. With
#   127.0.0.2, which is loopback just as well, the same works.
# Who meets it: whoever starts a private cluster on one machine. (A head of any other
#   address listens on all networks.)
# Exit: 0 while this is so, 1 when it has changed, 2 when it could not be tried.
set -euo pipefail
folder=$(mktemp -d /tmp/ray-finding-XXXX)
trap 'rm -rf "$folder"' EXIT
if [ "$(hostname -I 2> /dev/null | wc -w)" = 0 ]; then
  echo "this machine has no address beside loopback" >&2
  exit 2
fi
python3 -m venv "$folder/venv" || exit 2
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check ray==2.60.0 || exit 2
export RAY_USAGE_STATS_ENABLED=0

cat > "$folder/join.py" <<'PYTHON'
import subprocess
import sys
import tempfile

from ray.cluster_utils import Cluster

ip = sys.argv[1]
with tempfile.TemporaryDirectory(prefix="ray-", dir="/tmp") as folder:
    cluster = Cluster(
        initialize_head=True,
        head_node_args={
            "num_cpus": 1,
            "node_ip_address": ip,
            "include_dashboard": False,
            "temp_dir": folder,
        },
    )
    code = (
        "import ray; ray.init(%r, _node_ip_address=%r, logging_level='CRITICAL'); "
        "print('joined', int(ray.cluster_resources()['CPU']))"
    )
    try:
        done = subprocess.run(
            [sys.executable, "-c", code % (cluster.address, ip)],
            capture_output=True,
            text=True,
            timeout=60,
        )
        print(done.stdout.strip() or "not joined")
    except subprocess.TimeoutExpired:
        print("not joined")
    finally:
        cluster.shutdown()
PYTHON
first=$(timeout 150 "$folder/venv/bin/python" "$folder/join.py" 127.0.0.1 2> /dev/null | tail -n 1)
second=$(timeout 150 "$folder/venv/bin/python" "$folder/join.py" 127.0.0.2 2> /dev/null | tail -n 1)
echo "head on 127.0.0.1: $first"
echo "head on 127.0.0.2: $second"
if [ "$first" = "not joined" ] && [ "$second" = "joined 1" ]; then
  echo "as seen before"
else
  echo "this has changed"
  exit 1
fi
