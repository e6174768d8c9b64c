"""The service under load, on the same two cores as the load itself: `python benchmarks/serve.py BUNDLE IMAGES`.

Measures throughput against a bare onnxruntime session with decoding (interleaved with it, in one run), latency at half
load, 64 impatient clients, memory over 10,000 requests, and the death of a worker under load. Prints a table, and JSON
with `--json`.
"""

import argparse
import asyncio
import atexit
import json
import os
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from load import closed_loop, open_loop, request_of

TOLERANCE = 1e-5  # of a probability: another batch, another order of sums


def bare(bundle_path: str, files: Sequence[Path], n_images: int, processes: int) -> float:
    """Images a second of decoding and network alone, in fresh processes; no HTTP, no queue, no answer."""
    code = f"""
import sys, time, numpy as np
from lentigo.model import Model, open_model, _image_statistics as look
from lentigo.images import Preprocess, stream_images
processes = {processes}
bundle = open_model({bundle_path!r}, threads=2 if processes == 1 else 1, spin=processes == 1)
preprocess = Preprocess(bundle.record.image)
data = [open(path, "rb").read() for path in {[str(path) for path in files]!r}]
work = [data[i % len(data)] for i in range({n_images // processes})]
warm = [look(one, preprocess) for one in data[:16]]
bundle.network.run(np.stack([one.pixels for one in warm]))
print("ready", flush=True); sys.stdin.readline()
if processes == 1:
    for batch in stream_images(work, lambda one: look(one, preprocess), batch_size=16):
        bundle.network.run(np.stack([one.pixels for one in batch]))
else:
    for i in range(0, len(work), 16):
        bundle.network.run(np.stack([look(one, preprocess).pixels for one in work[i : i + 16]]))
"""
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    running = [
        subprocess.Popen(
            [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
        )
        for _ in range(processes)
    ]
    for process in running:
        assert process.stdout.readline() == "ready\n"
    start = time.perf_counter()
    for process in running:
        process.stdin.write("go\n")
        process.stdin.flush()
    for process in running:
        assert process.wait() == 0
    return n_images / (time.perf_counter() - start)


class Service:
    """The service in a process of its own."""

    def __init__(self, bundle: str, *options: str) -> None:
        descriptor, name = tempfile.mkstemp(suffix=".log")
        self.log = Path(name)
        command = [sys.executable, "-m", "lentigo", "serve", bundle, "--port", "0", *options]
        self.process = subprocess.Popen(command, stdout=descriptor, stderr=descriptor)
        os.close(descriptor)
        atexit.register(self.process.kill)
        for _ in range(2400):
            found = re.search(r"answers at http://127.0.0.1:(\d+)", self.log.read_text())
            if found:
                self.port = int(found[1])
                return
            time.sleep(0.05)
        raise SystemExit(self.log.read_text())

    def workers(self) -> list[int]:
        pid = self.process.pid
        return [int(part) for part in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]

    def rss(self, pid: int | None = None) -> float:
        pages = int(Path(f"/proc/{pid or self.process.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 2**20

    def end(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        self.log.unlink()
        return self.process.wait(60)


def wrong_answers(rows: list, expected: list[float]) -> int:
    return sum(
        status == 200 and abs(payload["answers"][0]["malignant_probability"] - expected[place]) > TOLERANCE
        for place, status, payload, *_ in rows
    )


def throughput(options: argparse.Namespace, files: Sequence[Path], requests: Sequence[bytes], expected: list) -> dict:
    """Interleaved repeats of bare and served, so that a busy neighbour meets both."""
    found: dict[str, list[float]] = {"bare": [], "bare_two_processes": [], "served": []}
    service = Service(options.bundle, *options.serve)
    wrong = 0
    for _ in range(options.repeats):
        asyncio.run(closed_loop(service.port, requests, options.clients, 4))
        n_each = options.images // options.clients
        start = time.perf_counter()
        rows = asyncio.run(closed_loop(service.port, requests, options.clients, n_each))
        found["served"].append(len(rows) / (time.perf_counter() - start))
        assert all(row[1] == 200 for row in rows), Counter(row[1] for row in rows)
        wrong += wrong_answers(rows, expected)
        found["bare"].append(bare(options.bundle, files, options.images, 1))
        found["bare_two_processes"].append(bare(options.bundle, files, options.images, 2))
    service.end()
    ratios = [s / b for s, b in zip(found["served"], found["bare"], strict=True)]
    return {
        **{f"{name}_images_per_s": [round(value, 1) for value in values] for name, values in found.items()},
        "ratio_median": round(statistics.median(ratios), 3),
        "ratios": [round(value, 3) for value in ratios],
        "ratio_to_two_processes": round(
            statistics.median(s / b for s, b in zip(found["served"], found["bare_two_processes"], strict=True)), 3
        ),
        "wrong": wrong,
    }


def latency(options: argparse.Namespace, requests: Sequence[bytes], full_rate: float) -> dict:
    service = Service(options.bundle, *options.serve)
    asyncio.run(closed_loop(service.port, requests, 4, 20))
    found = []
    for repeat in range(options.repeats):
        rows = asyncio.run(open_loop(service.port, requests, full_rate / 2, options.seconds, repeat))
        assert all(row[1] == 200 for row in rows)
        seconds = [row[3] for row in rows]
        found.append((float(np.median(seconds)), float(np.quantile(seconds, 0.99)), len(rows)))
    service.end()
    return {
        "requests_per_s": round(full_rate / 2, 1),
        "median_ms": [round(1000 * median, 1) for median, *_ in found],
        "p99_ms": [round(1000 * p99, 1) for _, p99, _ in found],
        "p99_over_median": round(statistics.median(p99 / median for median, p99, _ in found), 2),
        "n": sum(n for *_, n in found),
    }


def many_clients(options: argparse.Namespace, requests: Sequence[bytes], expected: list[float]) -> dict:
    service = Service(options.bundle, *options.serve, "--max-queue", "24")  # short, so that 503 is seen
    rows = asyncio.run(closed_loop(service.port, requests, 64, 100))
    code = service.end()
    return {
        "requests": len(rows),
        "statuses": dict(Counter(row[1] for row in rows)),
        "codes_of_503": dict(Counter(row[2]["error"]["code"] for row in rows if row[1] == 503)),
        "lost": sum(row[1] == 0 for row in rows),
        "wrong": wrong_answers(rows, expected),
        "exit": code,
    }


def memory(options: argparse.Namespace, requests: Sequence[bytes]) -> dict:
    service = Service(options.bundle, *options.serve)
    sizes = {}
    done = 0
    for until in (500, *range(2500, options.requests + 1, 2500)):
        asyncio.run(closed_loop(service.port, requests, 8, (until - done) // 8))
        done = until
        sizes[until] = (round(service.rss(), 1), round(sum(service.rss(pid) for pid in service.workers()), 1))
    service.end()
    first, last = sizes[500], sizes[max(sizes)]
    return {
        "rss_mib_main_and_workers": {str(count): pair for count, pair in sizes.items()},
        "main_growth": round(last[0] / first[0] - 1, 4),
        "all_growth": round(sum(last) / sum(first) - 1, 4),
    }


def death(options: argparse.Namespace, requests: Sequence[bytes], expected: list[float]) -> dict:
    """kill -9 of one worker, then of all at once, while 16 clients ask."""
    service = Service(options.bundle, *options.serve)
    workers = service.workers()
    found: dict = {}

    async def run() -> None:
        load = asyncio.create_task(closed_loop(service.port, requests, 16, options.images // 16))
        await asyncio.sleep(1)
        for name, doomed in (("one", workers[:1]), ("all", None)):
            targets = service.workers() if doomed is None else doomed
            for pid in targets:
                os.kill(pid, signal.SIGKILL)
            start = time.perf_counter()
            while True:
                await asyncio.sleep(0.02)
                up = await asyncio.to_thread(ready_workers, service.port)
                if up == len(workers):
                    break
            found[f"killed_{name}_healed_s"] = round(time.perf_counter() - start, 2)
            found[f"killed_{name}"] = len(targets)
        rows = await load
        found["statuses"] = dict(Counter(row[1] for row in rows))
        found["codes_of_503"] = dict(Counter(row[2]["error"]["code"] for row in rows if row[1] == 503))
        found["wrong"] = wrong_answers(rows, expected)
        found["longest_s"] = round(max(row[3] for row in rows), 2)

    asyncio.run(run())
    service.end()
    return found


def ready_workers(port: int) -> int:
    import urllib.request

    text = urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10).read().decode()
    return int(float(re.search(r"^lentigo_workers_ready (\S+)", text, re.MULTILINE)[1]))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("bundle")
    parser.add_argument("folder", help="of images")
    parser.add_argument("--different", type=int, default=64, help="images that the load is made of")
    parser.add_argument("--images", type=int, default=960, help="of one repeat")
    parser.add_argument("--clients", type=int, default=32)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=20, help="of one repeat at half load")
    parser.add_argument("--rate", type=float, default=0, help="full load in requests a second, where not measured here")
    parser.add_argument("--requests", type=int, default=10_000, help="of the test of memory")
    parser.add_argument("--only", nargs="*", default=["throughput", "latency", "clients", "memory", "death"])
    parser.add_argument("--serve", nargs="*", default=[], help="options of the service, such as batch-size=8")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    options.serve = [f"--{option}" for option in options.serve]

    from lentigo.model import open_model

    files = sorted(path for path in Path(options.folder).rglob("*") if path.suffix.lower() in {".jpg", ".png"})
    files = files[:: max(1, len(files) // options.different)][: options.different]
    contents = [path.read_bytes() for path in files]
    requests = [request_of(content) for content in contents]
    expected = [answer.malignant for answer in open_model(options.bundle).answers(contents)]
    found: dict = {"images": len(files), "mean_bytes": round(statistics.mean(map(len, contents)))}
    if "throughput" in options.only:
        found["throughput"] = throughput(options, files, requests, expected)
    if "latency" in options.only:
        rate = options.rate or statistics.median(found["throughput"]["served_images_per_s"])
        found["latency"] = latency(options, requests, rate)
    if "clients" in options.only:
        found["clients"] = many_clients(options, requests, expected)
    if "memory" in options.only:
        found["memory"] = memory(options, requests)
    if "death" in options.only:
        found["death"] = death(options, requests, expected)
    if options.json:
        print(json.dumps(found, indent=1))
        return
    for part, figures in found.items():
        for name, value in (figures if isinstance(figures, dict) else {"": figures}).items():
            print(f"{part:<12}{name:<32}{value}")


if __name__ == "__main__":
    main()
