"""Answers R1 to R3 of docs/guesses.md: `score` on a Ray cluster of three nodes on this machine, some of them killed.

    python benchmarks/guesses/guess_ray.py BUNDLE PHOTOGRAPHS.txt [r1 ...]

The head node has no processor to give; the others have one each, as spot nodes. A node is killed (its raylet, without a
goodbye) when the first table is there. Ray does not always start on a busy machine: try again.
"""

import contextlib
import csv
import io
import os
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from asking import answer_all

os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
BUNDLE, LIST = sys.argv[1:3]
WAIT_S = 240


def rows_of(folder: Path) -> list[list[str]]:
    return [
        row for table in sorted(folder.glob("*.csv")) for row in list(csv.reader(io.StringIO(table.read_text())))[1:]
    ]


def score(out: Path, **options: object) -> None:
    from lentigo.service.scoring import score as by_lentigo

    by_lentigo(BUNDLE, LIST, out, shard_size=20, **options)


@contextlib.contextmanager
def cluster(n_nodes: int):
    import ray
    from ray.cluster_utils import Cluster

    made = Cluster(initialize_head=True, head_node_args={"num_cpus": 0})
    nodes = [made.add_node(num_cpus=1) for _ in range(n_nodes)]
    ray.init(address=made.address, logging_level="WARNING", log_to_driver=False)
    try:
        yield made, nodes
    finally:
        ray.shutdown()
        made.shutdown()


def lose(n_lost: int, *, comes_back_after_s: float | None = None) -> str:
    """Kill nodes when the first table is there; this thread does it all, as Ray wants it."""
    with tempfile.TemporaryDirectory() as folder, cluster(2) as (made, nodes):
        local, out = Path(folder) / "local", Path(folder) / "ray"
        score(local, workers=1)
        job = threading.Thread(target=score, args=(out,), kwargs={"engine": "ray"}, daemon=True)
        job.start()
        while not list(out.glob("*.csv")):
            time.sleep(0.2)
        for node in nodes[:n_lost]:
            made.remove_node(node, allow_graceful=False)
        lost_at = time.monotonic()
        if comes_back_after_s is not None:
            time.sleep(comes_back_after_s)
            made.add_node(num_cpus=1)
        job.join(WAIT_S)
        passed = f"{time.monotonic() - lost_at:.0f} s after the loss"
        if job.is_alive():
            return f"still waiting {passed}, {len(list(out.glob('*.csv')))} tables"
        found, wanted = rows_of(out), rows_of(local)
        return f"ended {passed}; {len(found)} rows, equal to local's: {found == wanted}; child processes left: {left()}"


def left() -> int:
    shown = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout
    return sum("lentigo.service.scoring._process" in line for line in shown.splitlines())


def r1() -> object:
    return lose(1)


def r2() -> object:
    return lose(2, comes_back_after_s=20)


def r3() -> object:
    return lose(2)


if __name__ == "__main__":
    del sys.argv[1:3]
    answer_all(globals(), "r", "ray")
