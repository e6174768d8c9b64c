"""Figures of the bundle beside its run: `python benchmarks/bundle.py RUN BUNDLE [--other FOLDER] [--odd FOLDER]`.

Agreement of torch, bundle and CLI; cold start as whole processes; latency and throughput beside a bare onnxruntime
session; peak memory; what gate and score stop. Times are minima of interleaved repeats: other work can only make a run
longer.
"""

import argparse
import csv
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from lentigo.images import Preprocess, stream_images
from lentigo.model import open_model
from lentigo.model.decision import wilson_interval
from lentigo.numbers.calibration import Calibration
from lentigo.numbers.metrics import roc_curve
from lentigo.numbers.predictions import Predictions
from lentigo.stages import Run

SUFFIXES = {".jpg", ".jpeg", ".png"}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("run", type=Path)
    parser.add_argument("bundle", type=Path)
    parser.add_argument("--other", type=Path, help="photographs of another collection, for the gate")
    parser.add_argument("--agree", type=int, default=1000)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--odd", type=Path)
    parser.add_argument("--memory", type=int, nargs=2, default=(0, 0), help="two numbers of images, such as 500 10000")
    parser.add_argument("--skip", nargs="*", default=())
    asked = parser.parse_args()
    files = Run.open(asked.run).manifest().subset("test").paths
    files = [files[i] for i in np.random.default_rng(0).permutation(len(files))]
    steps = {
        "agreement": lambda: agreement(asked.run, asked.bundle, asked.agree),
        "cold start": lambda: cold_start(asked.run, asked.bundle, files[0], asked.repeats),
        "speed": lambda: speed(asked.bundle, files[:64], asked.repeats),
        "memory": lambda: memory(asked.bundle, files, *asked.memory) if asked.memory[0] else None,
        "gate": lambda: gate(asked.bundle, files[:300], asked.other, asked.odd) if asked.odd else None,
    }
    for name, step in steps.items():
        if name not in asked.skip and (found := step()) is not None:
            print(json.dumps({name: found}), flush=True)


def agreement(run: Path, folder: Path, n_images: int) -> dict[str, float]:
    """Largest differences of a malignant probability: torch (as the run predicted val and test), CLI and bundle."""
    opened = Run.open(run)
    calibration = Calibration.read(opened.calibration_path)
    truth, paths = {}, {}
    for split in ("test", "val"):
        said = calibration.apply(Predictions.read(opened.predictions_path(split)))
        truth |= dict(zip(said.image.tolist(), said.malignant(calibration.malignant_classes), strict=True))
        part = opened.manifest().subset(split)
        paths |= dict(zip(part.table["image_id"], part.paths, strict=True))
    names = list(truth)[:n_images]
    with tempfile.TemporaryDirectory() as place:
        table, out = Path(place) / "t.csv", Path(place) / "p.csv"
        table.write_text("image_id,path\n" + "".join(f"{name},{paths[name]}\n" for name in names))
        lentigo("predict", folder, table, "--out", out)
        with out.open(newline="") as stream:
            rows = list(csv.DictReader(stream))
    by_cli = {row["image"]: float(row["malignant_probability"]) for row in rows}
    some = names[:32]
    by_bundle = [answer.malignant for answer in open_model(folder).answers([paths[name] for name in some])]
    return {
        "n_images": len(names),
        "torch_cli": max(abs(truth[name] - by_cli[name]) for name in names),
        "bundle_cli": max(abs(one - by_cli[name]) for one, name in zip(by_bundle, some, strict=True)),
        "refused": sum(row["decision"] == "cannot assess" for row in rows) / len(rows),
    }


def cold_start(run: Path, folder: Path, image: Path, repeats: int) -> dict[str, float]:
    """Seconds of `lentigo predict MODEL one.jpg` as a whole process."""
    pairs = [
        (timed(lambda: lentigo("predict", folder, image)), timed(lambda: lentigo("predict", run, image)))
        for _ in range(repeats)
    ]
    bundle_s, run_s = (min(column) for column in zip(*pairs, strict=True))
    return {"bundle_s": bundle_s, "run_s": run_s, "ratio": run_s / bundle_s}


def speed(folder: Path, files: list[Path], repeats: int) -> dict[str, float]:
    """Latency of one image and images a second, beside decoding and a bare session with the same batches."""
    bundle = open_model(folder)
    preprocess = Preprocess(bundle.record.image)
    session = bundle.network.session

    def bare_one() -> None:
        session.run(None, {"pixels": preprocess.pixels(files[0])[np.newaxis]})

    def bare_many() -> None:
        for batch in stream_images(files, preprocess.pixels, batch_size=bundle.batch_size):
            session.run(None, {"pixels": np.stack(batch)})

    ones = [(timed(bare_one), timed(lambda: list(bundle.answers(files[:1])))) for _ in range(10 * repeats)]
    many = [(timed(bare_many), timed(lambda: list(bundle.answers(files)))) for _ in range(repeats)]
    (bare_s, one_s), (bare_all_s, all_s) = (tuple(min(c) for c in zip(*pairs, strict=True)) for pairs in (ones, many))
    return {
        "one_bare_ms": 1e3 * bare_s,
        "one_bundle_ms": 1e3 * one_s,
        "latency_ratio": one_s / bare_s,
        "bare_per_s": len(files) / bare_all_s,
        "bundle_per_s": len(files) / all_s,
        "throughput_ratio": bare_all_s / all_s,
    }


def memory(folder: Path, files: list[Path], few: int, many: int) -> dict[str, float]:
    """Peak resident MB of `lentigo predict` on few and on many images (repeated where there are not as many)."""
    code = (
        "import resource, subprocess, sys;"
        "subprocess.run([sys.executable, '-m', 'lentigo', '-q', 'predict', *sys.argv[1:]], check=True, stdout=-3);"
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024)"
    )
    peaks = {}
    for n in (few, many):
        with tempfile.TemporaryDirectory() as place:
            table = Path(place) / "t.csv"
            rows = [f"{i},{files[i % len(files)]}\n" for i in range(n)]
            table.write_text("image_id,path\n" + "".join(rows))
            command = [sys.executable, "-c", code, str(folder), str(table), "--out", str(Path(place) / "p.csv")]
            peaks[f"mb_{n}"] = float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return {**peaks, "ratio": peaks[f"mb_{many}"] / peaks[f"mb_{few}"]}


def gate(folder: Path, real: list[Path], other: Path | None, odd: Path) -> dict[str, object]:
    """Shares of real and odd images that gate and score stop, with Wilson intervals, and a ROC of both together."""
    bundle = open_model(folder)
    found: dict[str, object] = {}
    strangers = [] if other is None else sorted(path for path in other.rglob("*") if path.suffix.lower() in SUFFIXES)
    some = [strangers[i] for i in np.random.default_rng(1).permutation(len(strangers))[:300]]
    kinds = (
        {"real": real}
        | ({"other": some} if some else {})
        | {path.name: sorted(path.iterdir()) for path in sorted(odd.iterdir())}
    )
    hits, scores = {}, {}
    for kind, files in kinds.items():
        stopped, worst = [], []
        for batch in (files[i : i + 32] for i in range(0, len(files), 32)):
            seen = [bundle.look(path) for path in batch]
            outputs = bundle.network.run(np.stack([one.pixels for one in seen]))
            looks = np.stack([one.look for one in seen])
            distances = bundle.typical.distances(outputs.embedding) / bundle.record.oddness.limit
            gated = np.any(list(bundle.record.gate.stopped(looks).values()), axis=0)
            style = bundle.record.gate._values(looks)["unlike"] / bundle.record.gate.limits["unlike"]
            stopped += (gated | (distances > 1)).tolist()
            worst += np.where(gated & (style <= 1), 9.0, np.maximum(style, distances)).tolist()
        hits[kind], scores[kind] = np.array(stopped), np.array(worst)
        found[kind] = [float(np.mean(stopped)), *wilson_interval(int(np.sum(stopped)), len(stopped)), len(stopped)]
    odd_hits = np.concatenate([hits[kind] for kind in kinds if kind not in ("real", "other")])
    found["odd"] = [float(odd_hits.mean()), *wilson_interval(int(odd_hits.sum()), len(odd_hits)), len(odd_hits)]
    truth = np.concatenate([np.zeros(len(scores["real"]), bool), np.ones(len(odd_hits), bool)])
    curve = roc_curve(
        truth, np.concatenate([scores["real"], *(scores[k] for k in kinds if k not in ("real", "other"))])
    )
    found["roc"] = roc_points(curve)
    return found


def roc_points(curve: object) -> list[list[float]]:
    """Return odd images stopped where 0.5, 1, 2, 3, 5 and 10 % of real ones are."""
    fpr, tpr = np.asarray(curve.false_positive_rate), np.asarray(curve.sensitivity)  # type: ignore[attr-defined]
    return [[share, float(tpr[fpr <= share].max())] for share in (0.005, 0.01, 0.02, 0.03, 0.05, 0.1)]


def lentigo(*arguments: object) -> None:
    command = [sys.executable, "-m", "lentigo", "-q", *map(str, arguments)]
    subprocess.run(command, check=True, capture_output=True)


def timed(step) -> float:  # type: ignore[no-untyped-def]
    started = time.perf_counter()
    step()
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
