"""Thousands of hostile inputs over the network: `python benchmarks/hostile.py [--seed 0]`; Linux, loopback only.

Starts `lentigo serve` on the bundle of the tests and sends files, forms and requests that are spoilt, lie or want too
much (`hostile_inputs`), what schemathesis makes of /openapi.json, and DICOM objects over C-STORE. What must hold: no
status of 500 or above but 503; every error with its stable code; nothing told of the server's inside; after every 100
inputs a good photograph gets its expected probability; at the end all workers are up, with no more restarts than
`worker_lost` answers, and memory, open files and threads are back at the level after warm-up. Prints a table and JSON;
ends with 1 where something did not hold.
"""

import argparse
import collections
import concurrent.futures
import json
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from hostile_inputs import Hostile, http_inputs, slow
from hostile_inputs.bombs import within_limits
from hostile_inputs.objects import good_ones, noise
from hostile_inputs.pictures import goods
from hostile_inputs.record import upload
from hostile_inputs.schemas import schema_inputs
from hostile_inputs.service import Service, running
from hostile_inputs.storing import DONE, KNOWN, Archive, good, knock, objects
from hostile_inputs.talking import Reply, faults, talk

BUNDLE = Path(__file__).parents[1] / "tests" / "fixtures" / "bundle-v1"
EVERY = 100
GROWTH = 1.10
PATIENCE_S = 150.0


@dataclass
class Tally:
    """What was sent and what came back."""

    rows: "dict[str, collections.Counter[str]]" = field(default_factory=dict)
    cost: dict[str, tuple[float, float, float]] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)
    levels: dict[str, dict[str, float]] = field(default_factory=dict)
    n_lost: int = 0
    n_good: int = 0

    def add(self, kind: str, outcomes: list[str], *cost: float) -> None:
        """Add one input: its outcomes; seconds of wall clock, of the service's processor time and of its workers'."""
        self.rows.setdefault(kind, collections.Counter())["sent"] += 1
        self.rows[kind].update(outcomes or ["closed"])
        before = self.cost.get(kind, (0.0, 0.0, 0.0))
        self.cost[kind] = tuple(max(pair) for pair in zip(before, cost, strict=True))

    def blame(self, *wrong: str) -> None:
        """Note what did not hold, and say it at once: the run is long."""
        self.wrong += wrong
        for words in wrong:
            print("WRONG", words, file=sys.stderr, flush=True)

    @property
    def n_sent(self) -> int:
        return sum(row["sent"] for row in self.rows.values())


def send(service: Service, tally: Tally, hostile: Hostile, number: int) -> None:
    """Send one input and judge its answers."""
    answers: list[Reply] = []
    start, before = time.monotonic(), service.seconds()
    try:
        answers = talk(service.port, hostile)
        wrong = faults(hostile, answers)
    except (OSError, ValueError) as error:
        wrong = [f"{type(error).__name__}: {error}"]
    tally.n_lost += sum(reply.code == "worker_lost" for reply in answers)
    tally.blame(*(f"input {number} ({hostile.kind}; {hostile.pieces[0][:90]!r}): {words}" for words in wrong))
    used = (now - then for now, then in zip(service.seconds(), before, strict=True))
    tally.add(hostile.kind, [str(reply.status) for reply in answers], time.monotonic() - start, *used)


def check(service: Service, tally: Tally, when: str) -> None:
    """Ask about a good photograph."""
    tally.n_good += 1
    try:
        is_right = service.is_right()
    except (OSError, ValueError, KeyError, TypeError) as error:
        is_right, when = False, f"{when}: {type(error).__name__}"
    if not is_right:
        tally.blame(f"a good photograph was not answered as expected {when}")


def warm_up(service: Service, tally: Tally) -> None:
    """Good photographs of every format, the largest that are allowed, and one by DICOM: as after a first day."""
    heavy = [upload("warm-up", content) for content in within_limits()]
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        answers = [reply for replies in pool.map(lambda one: talk(service.port, one), heavy) for reply in replies]
    tally.n_lost += sum(reply.code == "worker_lost" for reply in answers)
    for content in (*goods().values(), *good_ones().values()):
        for _ in range(2):  # workers take turns, and each loads the reader of a format when it meets the first file
            talk(service.port, upload("warm-up", content))
    archive = Archive(service.dicom_port, PATIENCE_S)
    archive.store(good())
    archive.close()
    for _ in range(60):
        service.is_right()


def attack(service: Service, tally: Tally, inputs: Iterator[Hostile]) -> None:
    """Send all inputs one after the other."""
    for number, hostile in enumerate(inputs, 1):
        send(service, tally, hostile, number)
        tally.levels[hostile.kind] = service.level() if number % 20 == 0 else tally.levels.get(hostile.kind, {})
        if number % EVERY == 0:
            check(service, tally, f"after {number} inputs (last: {hostile.kind})")


def attack_slowly(service: Service, tally: Tally) -> None:
    """Send the slow ones side by side; most of them only wait."""
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda one: send(service, tally, one, 0), slow()))
    check(service, tally, "after the slow senders")


def attack_by_dicom(service: Service, tally: Tally, seed: int, count: int) -> None:
    """Send objects over C-STORE, then bytes that are not DICOM."""
    archive, intact = Archive(service.dicom_port, PATIENCE_S), good()

    def check_object(when: str) -> None:
        tally.n_good += 1
        if (status := archive.store(intact)) != DONE:
            tally.blame(f"a good object got {status} {when}")

    for number, content in enumerate(objects(seed, count), 1):
        start, before = time.monotonic(), service.seconds()
        status = archive.store(content)
        if status not in {*KNOWN, "closed"}:
            tally.blame(f"object {number} got {status}")
        used = (now - then for now, then in zip(service.seconds(), before, strict=True))
        tally.add("DICOM: C-STORE", [status], time.monotonic() - start, *used)
        if number % EVERY == 0:
            check_object(f"after {number} objects")
            check(service, tally, f"after {number} objects")
    archive.close()
    for content in noise(np.random.default_rng(seed), count // 7):
        knock(service.dicom_port, content)
        tally.add("DICOM: noise", [], 0.0, 0.0, 0.0)
    check_object("after the noise")
    archive.close()


def compare(service: Service, tally: Tally, before: dict[str, float]) -> dict[str, object]:
    """Return what the service looks like at the end; note what is not as it was."""
    if not service.settled():
        tally.blame(f"the service did not come to rest: {service.figures()}")
    time.sleep(4)  # idle connections are closed after three seconds
    after, restarts = service.level(), service.figures()["lentigo_worker_restarts_total"]
    for name, value in before.items():
        allowed = value * GROWTH if name.endswith("mib") else value + 2
        if after[name] > allowed:
            tally.blame(f"{name} rose from {value} to {after[name]}")
    if restarts > tally.n_lost:
        tally.blame(f"{restarts:g} workers were replaced, {tally.n_lost} requests were told so")
    (health,) = talk(
        service.port, Hostile("", (b"GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",))
    )
    if health.status != 200:
        tally.blame(f"health: {health.status}")
    return {
        "before": before,
        "after": after,
        "worker_restarts": restarts,
        "worker_lost_answers": tally.n_lost,
        "levels": tally.levels,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--bundle", type=Path, default=BUNDLE)
    parser.add_argument("--only", default="", help="groups that begin with this, see http_inputs")
    parser.add_argument("--examples", type=int, default=40, help="of schemathesis, for each route and way")
    parser.add_argument("--objects", type=int, default=700, help="over C-STORE; 0 for none")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the service ends with this
    tally, begin = Tally(), time.monotonic()
    with tempfile.TemporaryDirectory() as folder, running(options.bundle, Path(folder)) as service:
        warm_up(service, tally)
        before = service.level()
        attack(service, tally, http_inputs(options.seed, kinds=options.only))
        if not options.only:
            attack_slowly(service, tally)
            for kind, status, seconds, wrong in schema_inputs(service.port, options.seed, options.examples):
                tally.add(kind, [str(status)], seconds, 0.0, 0.0)
                tally.blame(*wrong)
            check(service, tally, "after schemathesis")
            if options.objects:
                attack_by_dicom(service, tally, options.seed, options.objects)
        check(service, tally, "at the end")
        found = {
            "seed": options.seed,
            "inputs": tally.n_sent,
            "good_checks": tally.n_good,
            **compare(service, tally, before),
        }
        if "Traceback" in service.log.read_text():
            tally.blame("the log holds a traceback")
            Path("hostile-service.log").write_bytes(service.log.read_bytes())
    report(tally, found, time.monotonic() - begin)


def report(tally: Tally, found: dict[str, object], seconds: float) -> None:
    print(
        f"{'kind':<24}{'sent':>6}{'most s':>9}{'service':>9}{'workers':>9}  outcomes (processor seconds of one input)"
    )
    for kind, row in tally.rows.items():
        outcomes = ", ".join(f"{name}: {count}" for name, count in sorted(row.items()) if name != "sent")
        cost = "".join(f"{value:>9.2f}" for value in tally.cost[kind])
        print(f"{kind:<24}{row['sent']:>6}{cost}  {outcomes}")
    print(json.dumps({**found, "seconds": round(seconds, 1), "violations": len(tally.wrong)}))
    sys.exit(bool(tally.wrong))


if __name__ == "__main__":
    main()
