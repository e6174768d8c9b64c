"""How fast work around the network is, as ratios to commit 585c9a5 on the same machine: JSON, a table and a plot.

Usage: python benchmarks/ratios.py [--rows evaluate,manifest] [--sizes 10000,100000] [--repeats 3]
    [--out benchmark-runs/ratios.json] [--page docs/performance.md]
       python benchmarks/ratios.py --rows survey,audit --photos data/ham10000   # photographs of your own

Both trees run in fresh processes, turn and turn about on one core; processor time, of which the least counts, so that
other work on the machine changes little. The old tree is a git worktree beside the JSON file. The page keeps what
stands outside its two marks.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import threading

BASE = "585c9a5"
MARKS = ("<!-- ratios: written by benchmarks/ratios.py -->", "<!-- end of ratios -->")
ROWS = {
    "start": (
        "one photograph, the whole of `lentigo predict lentigo photo.jpg`, second start",
        "Importing Python, NumPy and Pillow: half of it. Hashing the bundle and its kept network: a sixth.",
    ),
    "evaluate": (
        "`evaluate` with what follows from deciding, 2 classes, 2,000 resamples of lesions",
        "Drawing the resamples and adding their bytes. Without the extra `fast`, NumPy's passes over memory.",
    ),
    "manifest": ("a table checked as a manifest", "Looking once at every cell, in Python."),
    "split": (
        "train, val and test by lesion and patient",
        "Looking once at every id; numbering them takes most of it.",
    ),
    "write": ("manifest written", "The csv writer."),
    "survey": (
        "survey of photographs (`audit`, `split`, `train`), with the extra `fast`",
        "Decoding, hashing and Pillow's resizing: two fifths. Starting two processes with numba: 3 s.",
    ),
    "audit": (
        "`audit` of photographs, with the extra `fast`",
        "The survey: nearly half. Asking the index for copies and comparing pixels: a third. Boosting: a sixth.",
    ),
    "read": ("manifest read", "Looking once at every cell, in Python; the fields of a plain file are cut at once."),
}
N_RESAMPLES = 2000

Found = dict[str, dict[str, dict[str, float]]]
"""By step, rows and figure."""


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--rows", default="start,manifest,evaluate")
    options.add_argument("--sizes", default="10000,100000,1000000")
    options.add_argument("--repeats", type=int, default=3)
    options.add_argument("--out", type=Path, default=Path("benchmark-runs/ratios.json"))
    options.add_argument("--page", type=Path, default=Path("docs/performance.md"))
    options.add_argument("--photos", type=Path, help="data set of the rows survey and audit")
    options.add_argument("--measure", nargs=2, help=argparse.SUPPRESS)
    asked = options.parse_args()
    if asked.measure:
        print(json.dumps(_measure(asked.measure[0], int(asked.measure[1]))))
        return
    asked.out.parent.mkdir(parents=True, exist_ok=True)
    here = Path(__file__).resolve().parents[1]
    old = asked.out.parent.resolve() / f"base-{BASE}"
    if not old.is_dir():
        subprocess.run(["git", "-C", str(here), "worktree", "add", "--detach", str(old), BASE], check=True)
    found = json.loads(asked.out.read_text()) if asked.out.is_file() else {}
    for row in asked.rows.split(","):
        if row in {"survey", "audit"}:
            os.environ["LENTIGO_PHOTOS"] = str(asked.photos.resolve())
            sizes = [sum(1 for path in asked.photos.rglob("*") if path.suffix in {".jpg", ".png"})]
        else:
            sizes = [1] if row == "start" else list(map(int, asked.sizes.split(",")))
        for size in sizes:
            for _ in range(asked.repeats):
                for name, tree in (("base", old), ("now", here)):
                    _keep_least(found, name, size, _run(tree, row, size))
            asked.out.write_text(json.dumps(found, indent=2, sort_keys=True) + "\n")
    _write_page(found, asked.page)


def _run(tree: Path, row: str, size: int) -> dict[str, dict[str, float]]:
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(tree / "src"), *_further()]), "OMP_NUM_THREADS": "1"}
    command = [sys.executable, __file__, "--measure", row, str(size)]
    if hasattr(os, "sched_setaffinity"):
        command = ["taskset", "-c", "0", *command]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    found: dict[str, dict[str, float]] = json.loads(done.stdout.splitlines()[-1])
    print(f"{tree.name} {row} {size:,}: {found}", file=sys.stderr)
    return found


def _further() -> list[str]:
    # what PYTHONPATH names besides a tree of lentigo
    return [path for path in os.environ.get("PYTHONPATH", "").split(os.pathsep) if path and not path.endswith("src")]


def _keep_least(found: Found, tree: str, size: int, new: dict[str, dict[str, float]]) -> None:
    for step, figures in new.items():
        at = found.setdefault(step, {}).setdefault(str(size), {})
        for figure, value in figures.items():
            at[f"{tree}_{figure}"] = min(at.get(f"{tree}_{figure}", value), value)


def _measure(row: str, size: int) -> dict[str, dict[str, float]]:
    """Return processor seconds and peak MiB of each step; runs under both trees, whose packages have other names."""
    if row == "start":
        return _measure_start()
    if row in {"survey", "audit"}:
        return _measure_photographs(row)
    return _measure_evaluate(size) if row == "evaluate" else _measure_manifest(size)


def _measure_start() -> dict[str, dict[str, float]]:
    """Return the processor seconds of a whole process, with what an earlier one has kept."""
    import tempfile

    from PIL import Image

    noise = np.random.default_rng(0).integers(0, 255, (30, 40, 3), dtype=np.uint8)
    with tempfile.TemporaryDirectory() as folder:
        photo = Path(folder) / "photo.jpg"
        Image.fromarray(noise).resize((600, 450)).save(photo)
        command = [sys.executable, "-m", "lentigo", "predict", "lentigo", str(photo)]
        environment = os.environ | {"LENTIGO_CACHE": str(Path(folder) / "cache")}
        for _ in range(2):
            process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            _, status, used = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
            if process.returncode:
                raise SystemExit(f"lentigo predict ended with {process.returncode}")
    return {"start": {"s": used.ru_utime + used.ru_stime, "mib": used.ru_maxrss / 1024}}


def _measure_photographs(row: str) -> dict[str, dict[str, float]]:
    """Return the processor seconds of this process and its children, and the most memory of both together.

    Nothing is kept from an earlier audit, but the loops have been compiled before, as in all runs but the first.
    """
    import tempfile
    import threading

    os.environ["LENTIGO_CACHE"] = tempfile.mkdtemp()
    try:
        from lentigo.data.sources import read_data
        from lentigo.study.auditing._examining import examine
        from lentigo.study.auditing._survey import survey
        from lentigo.study.auditing.compiled import are_loops_ready

        are_loops_ready(10**6)
    except ImportError:
        from lentigo.audit.examining import examine
        from lentigo.audit.survey import survey
        from lentigo.sources import read_data
    manifest = read_data(os.environ["LENTIGO_PHOTOS"])
    most, is_done = [0.0], threading.Event()
    watch = threading.Thread(target=_watch, args=(most, is_done))
    watch.start()
    began = sum(os.times()[:4])
    if row == "survey":
        survey(manifest.paths)
    else:
        examine(manifest, malignant=("MEL", "BCC", "SCC", "AKIEC"))
    seconds = sum(os.times()[:4]) - began
    is_done.set()
    watch.join()
    return {row: {"s": seconds, "mib": most[0]}}


def _watch(most: list[float], is_done: "threading.Event") -> None:
    """Keep the most memory of this process and its children, what they share counted once, until told to stop."""
    while not is_done.wait(0.5):
        together = 0
        for process in [os.getpid(), *_children(os.getpid())]:
            try:
                text = Path(f"/proc/{process}/smaps_rollup").read_text()
            except OSError:  # ended
                continue
            together += int(text.split("Pss:")[1].split()[0])
        most[0] = max(most[0], together / 1024)


def _children(process: int) -> list[int]:
    try:
        lists = [path.read_text() for path in Path(f"/proc/{process}/task").glob("*/children")]
    except OSError:
        return []
    found = [int(child) for text in lists for child in text.split()]
    return [*found, *(child for parent in found for child in _children(parent))]


def _measure_evaluate(n: int) -> dict[str, dict[str, float]]:
    from lentigo.config import EvaluateConfig

    rng = np.random.default_rng(0)
    target = (rng.random(n) < 0.3).astype(np.int64)
    score = 1 / (1 + np.exp(-rng.normal(size=n) - 1.5 * (2 * target - 1)))
    how = {"malignant": ["MEL"], "groups": rng.integers(0, max(1, n // 2), n), "unit": "lesion"}
    settings = EvaluateConfig(n_resamples=N_RESAMPLES)
    try:
        from lentigo.numbers.evaluation import evaluate_whole
        from lentigo.numbers.predictions import Predictions
    except ImportError:
        from lentigo.evaluation import evaluate, evaluate_detail
        from lentigo.predictions import Predictions

        evaluate_whole = None
    said = Predictions(
        np.array([f"{i:07}" for i in range(n)]), target, np.stack([1 - score, score], axis=1), ("NV", "MEL")
    )
    started = time.process_time()
    if evaluate_whole is None:
        evaluate(said, n_resamples=N_RESAMPLES, **how)
        evaluate_detail(said, settings=settings, **how)
    else:
        evaluate_whole(said, settings=settings, **how)
    return {"evaluate": {"s": time.process_time() - started, "mib": _peak_mib()}}


def _measure_manifest(n: int) -> dict[str, dict[str, float]]:
    import tempfile

    import pandas as pd

    try:
        from lentigo.data.manifest import Manifest
        from lentigo.data.splits import split_manifest
    except ImportError:
        from lentigo.manifest import Manifest
        from lentigo.splits import split_manifest
    rng = np.random.default_rng(0)
    lesion = rng.integers(0, n // 2, n)
    codes = np.array(["NV", "MEL", "BCC", "BKL", "AKIEC", "DF", "VASC"])
    target = codes[rng.choice(7, n, p=[0.66, 0.11, 0.05, 0.11, 0.04, 0.015, 0.015])]
    table = pd.DataFrame({"image_id": [f"ISIC_{i:07}" for i in range(n)], "target": target, "diagnosis": target})
    table["path"] = "/data/" + table["image_id"] + ".jpg"
    table["lesion_id"], table["patient_id"] = [f"IL_{i:07}" for i in lesion], [f"IP_{i // 3:07}" for i in lesion]
    seconds: dict[str, dict[str, float]] = {}

    def timed(step, function):
        started = time.process_time()
        result = function()
        seconds[step] = {"s": time.process_time() - started}
        return result

    manifest = timed("manifest", lambda: Manifest(table, origin="memory"))
    divided = timed("split", lambda: split_manifest(manifest, seed=0))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "manifest.csv"
        timed("write", lambda: divided.write(path))
        timed("read", lambda: Manifest.read(path))
    return seconds


def _peak_mib() -> float:
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _write_page(found: Found, page: Path) -> None:
    lines = ["| what | rows | then, s | now, s | ratio | peak then / now, MiB |", "|---|---|---|---|---|---|"]
    limits = ["", "What limits each row now:", ""]
    for step, (what, limit) in ROWS.items():
        for size, at in sorted(found.get(step, {}).items(), key=lambda item: int(item[0])):
            memory = f"{at['base_mib']:.0f} / {at['now_mib']:.0f}" if "now_mib" in at else ""
            ratio = at["base_s"] / at["now_s"]
            lines.append(
                f"| {what} | {int(size):,} | {at['base_s']:.2f} | {at['now_s']:.2f} | **{ratio:.1f}** | {memory} |"
            )
        limits.append(f"- {what}: {limit}")
    exponents = _growth(found, page.with_suffix(".png"))
    text = "\n".join([*lines, *limits, "", exponents, "", f"![growth of processor time]({page.stem}.png)"])
    old = page.read_text(encoding="utf-8") if page.is_file() else "\n".join(MARKS)
    head, _, rest = old.partition(MARKS[0])
    tail = rest.partition(MARKS[1])[2]
    page.write_text(f"{head}{MARKS[0]}\n{text}\n{MARKS[1]}{tail}", encoding="utf-8")


def _growth(found: Found, picture: Path) -> str:
    """Return a sentence with the exponent of each row's growth; draw the rows."""
    import matplotlib as mpl

    mpl.use("Agg")
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(figsize=(6, 4))
    said = []
    for step in ROWS:
        sizes = sorted(map(int, found.get(step, {})))
        if len(sizes) < 2:
            continue
        for tree, line in (("base", ":"), ("now", "-")):
            seconds = [found[step][str(size)][f"{tree}_s"] for size in sizes]
            axes.loglog(sizes, seconds, line, marker="o", label=f"{step}, {tree}")
        # of the last step: fixed costs hide growth among few rows
        now = [found[step][str(size)]["now_s"] for size in sizes[-2:]]
        said.append(f"`{step}` {np.log(now[1] / now[0]) / np.log(sizes[-1] / sizes[-2]):.2f} (to {sizes[-1]:,} rows)")
    axes.set_xlabel("rows")
    axes.set_ylabel("processor seconds")
    axes.legend(fontsize=7)
    figure.tight_layout()
    figure.savefig(picture, dpi=110)
    return f"Growth of time with rows, as exponents between the last two sizes: {', '.join(said)}."


if __name__ == "__main__":
    main()
