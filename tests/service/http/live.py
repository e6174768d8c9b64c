"""A service in a process of its own, for tests and examples."""

import contextlib
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import requests


@dataclass
class Live:
    """A running service and what it has logged."""

    process: subprocess.Popen
    address: str
    log_path: Path

    @property
    def log(self) -> str:
        return self.log_path.read_text()

    @property
    def workers(self) -> list[int]:
        return children(self.process.pid)

    def workers_left(self) -> list[str]:
        """Command lines of workers that outlived their service."""
        found = []
        for path in Path("/proc").glob("[0-9]*/stat"):
            with contextlib.suppress(OSError, IndexError):
                if int(path.read_text().rsplit(")", 1)[1].split()[1]) == self.process.pid:
                    found.append(str(path))
        return found

    def end(self, name: signal.Signals = signal.SIGTERM, timeout_s: float = 20) -> int:
        self.process.send_signal(name)
        return self.process.wait(timeout_s)


def children(pid: int) -> list[int]:
    text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    return [int(part) for part in text.split()]


@contextlib.contextmanager
def started(bundle: Path, log_path: Path, *options: str, environment: dict[str, str] | None = None) -> Iterator[Live]:
    """A service on a free port of this machine, ready to answer."""
    command = [sys.executable, "-m", "lentigo", "serve", str(bundle), "--port", "0", *options]
    source = str(Path(__file__).resolve().parents[3] / "src")
    with log_path.open("wb") as log:
        process = subprocess.Popen(
            command, stderr=log, stdout=log, env={**os.environ, "PYTHONPATH": source, **(environment or {})}
        )
    try:
        yield Live(process, address_of(process, log_path), log_path)
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()


def address_of(process: subprocess.Popen, log_path: Path) -> str:
    for _ in range(2400):  # two minutes on a machine that is busy
        found = re.search(r"answers at (\S+)", log_path.read_text())
        if found:
            return found[1]
        if process.poll() is not None:
            break
        time.sleep(0.05)
    raise AssertionError(f"the service did not start: {log_path.read_text()}")


def metric(address: str, name: str) -> float:
    text = requests.get(f"{address}/metrics", timeout=10).text
    values = [float(line.rsplit(" ", 1)[1]) for line in text.splitlines() if line.startswith(name)]
    return sum(values)
