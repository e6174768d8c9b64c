"""How tests start several processes: torchrun, as a user starts it."""

import os
import subprocess
import sys
from pathlib import Path

_CHANGES = (
    "image.size=32", "train.batch_size=16", "train.device=cpu", "train.precision=float32", "data.task=binary",
    "train.lr=3e-3", "train.layer_decay=1.0", "model.drop_rate=0.2", "augment.mixup=0.2",
    "evaluate.n_resamples=100", "evaluate.second_look=0",
)  # fmt: skip
SETTINGS = ("--weights", "none", *(word for change in _CHANGES for word in ("--set", change)))


def torchrun(*arguments, options=(), n_processes=2, **popen):
    """A started torchrun, its output readable."""
    command = [sys.executable, "-m", "torch.distributed.run", f"--nproc-per-node={n_processes}", *options]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    return subprocess.Popen(
        [*command, *map(str, arguments)],
        env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True, **popen,
    )  # fmt: skip


def finished(process, timeout=600):
    """What torchrun printed, (stdout, stderr), when it has ended; a hang is killed and fails the test."""
    try:
        return process.communicate(timeout=timeout)
    except subprocess.TimeoutExpired:
        process.terminate()  # torchrun ends its workers, which are in sessions of their own
        process.communicate(timeout=60)
        raise


def worker(process, rank):
    """The process id of one rank, None before it is there."""
    for entry in Path("/proc").iterdir():
        try:
            is_child = entry.name.isdigit() and f"\nPPid:\t{process.pid}\n" in (entry / "status").read_text()
            if is_child and f"RANK={rank}" in (entry / "environ").read_text().split("\0"):
                return int(entry.name)
        except OSError:  # it has ended meanwhile
            continue
    return None
