"""A running `lentigo serve` on loopback, from outside: processes, memory, open files, figures, and a good answer."""

import contextlib
import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from .pictures import encoded, photograph
from .record import form, part, request
from .record import plain as as_is
from .talking import talk

TOLERANCE = 1e-5  # of a probability: another batch, another order of sums
# Receiving and idling are short here, so that slow and silent senders do not make the run long; decoding and answering
# may take long, as the machine may be busy: what an input costs is measured in seconds of processor time.
OPTIONS = ("--port", "0", "--receive-timeout", "3", "--keep-alive", "3", "--workers", "2", "--decode-timeout", "60")
FURTHER = ("--request-timeout", "120", "--dicom-port", "0")


@dataclass
class Service:
    """A service of its own process.

    Args:
        process: of the service.
        port: of HTTP.
        dicom_port: of C-STORE.
        log: file of what it says.
        expected: malignant probability of the good photograph.
    """

    process: "subprocess.Popen[bytes]"
    port: int
    dicom_port: int
    log: Path
    expected: float

    def workers(self) -> list[int]:
        """Process ids of the decoding processes."""
        pid = self.process.pid
        return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]

    def seconds(self) -> tuple[float, float]:
        """Processor time so far, of the service and of its decoding processes."""
        return cpu_s(self.process.pid), sum(cpu_s(pid) for pid in self.workers())

    def level(self) -> dict[str, float]:
        """Memory in MiB, open files and threads."""
        workers = [resident_mib(pid) for pid in self.workers()]
        own = Path(f"/proc/{self.process.pid}")
        return {
            "server_mib": resident_mib(self.process.pid),
            "workers_mib": sum(workers),
            "files": len(list((own / "fd").iterdir())),
            "threads": len(list((own / "task").iterdir())),
        }

    def figures(self) -> dict[str, float]:
        """The plain figures of /metrics."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/metrics", timeout=30) as reply:
            text = reply.read().decode()
        return {name: float(value) for name, value in re.findall(r"^(lentigo_\w+) (\S+)$", text, re.MULTILINE)}

    def is_right(self) -> bool:
        """Whether a good photograph gets its expected probability."""
        (reply,) = talk(self.port, as_is("good", good_request()))
        if reply.status != 200:
            return False
        return abs(reply.json()["answers"][0]["malignant_probability"] - self.expected) < TOLERANCE

    def settled(self, n_workers: int = 2, seconds: float = 20) -> bool:
        """Whether all workers are up, nothing waits and nothing runs, within some seconds."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            now = self.figures()
            if (now["lentigo_workers_ready"], now["lentigo_queue_length"], now["lentigo_requests_running"]) == (
                n_workers,
                0,
                1,
            ):
                return True
            time.sleep(0.1)
        return False


def good_request() -> bytes:
    """A form with a good photograph."""
    return request(b"/v1/predict", form(part(encoded(photograph(), "JPEG"))))


def cpu_s(pid: int) -> float:
    """Processor time of a process; 0 for one that is gone."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident_mib(pid: int) -> float:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return round(pages * os.sysconf("SC_PAGE_SIZE") / 2**20, 1)


@contextlib.contextmanager
def running(bundle: Path, folder: Path, *options: str) -> Iterator[Service]:
    """A service that answers, with its drift log in `folder` so that /v1/outcomes is open."""
    from lentigo.model import open_model

    (answer,) = open_model(bundle, threads=1).answers([encoded(photograph(), "JPEG")])
    log = folder / "service.log"
    folders = ("--drift-log", str(folder / "drift"), "--dicom-folder", str(folder / "answers"))
    command = [sys.executable, "-m", "lentigo", "serve", str(bundle), *OPTIONS, *FURTHER, *folders, *options]
    environment = {name: value for name, value in os.environ.items() if name != "LENTIGO_TOKEN"}
    with log.open("wb") as stream:
        process = subprocess.Popen(command, stdout=stream, stderr=stream, env=environment)
    try:
        http, dicom = (
            _said(process, log, r"answers at http://127\.0\.0\.1:(\d+)"),
            _said(process, log, r"listens on [\d.]+:(\d+)"),
        )
        yield Service(process, http, dicom, log, answer.malignant)
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _said(process: "subprocess.Popen[bytes]", log: Path, pattern: str) -> int:
    for _ in range(2400):
        found = re.search(pattern, log.read_text())
        if found:
            return int(found[1])
        if process.poll() is not None:
            break
        time.sleep(0.05)
    raise RuntimeError(f"the service did not start: {log.read_text()}")
