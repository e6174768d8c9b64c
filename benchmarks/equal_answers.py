"""Whether two versions of lentigo answer equally: `predict`, `score`, HTTP and DICOM about the same photographs.

    python benchmarks/equal_answers.py OLD/src src FOLDER --images 2000 [--bundle BUNDLE]

Each version answers in processes of its own, on one core, with the shipped bundle or another that both read. Prints,
for each way of asking, the largest difference of a probability and how many decisions differ; exits 1 above 1e-7 or
with any. Words may have been mended: of reasons and errors the number is compared, of DICOM objects not the text.
"""

import argparse
import contextlib
import csv
import json
import os
import re
import subprocess
import sys
import tempfile
import time
import urllib.request
import uuid
from collections.abc import Iterator
from pathlib import Path

MOST = 1e-7
SUFFIXES = {".jpg", ".jpeg", ".png"}
# Runs in either version: an explanation, and the report of it, of photographs as DICOM objects.
DICOM = """
import io, json, sys, datetime as dt
import numpy as np
from PIL import Image
from pydicom.dataset import Dataset, FileMetaDataset
try:
    from lentigo import open_model
    from lentigo.service.dicom import Model, asker
    from lentigo.service.dicom._answering import answer_objects
    from lentigo.service.dicom._source import read_source
except ImportError:  # before the ring
    from lentigo import Bundle
    from lentigo.dicom import Model, asker
    from lentigo.dicom.answering import answer_objects
    from lentigo.dicom.source import read_source
    open_model = Bundle.load
model = open_model(sys.argv[1], threads=1)

def packed(path):
    pixels = np.asarray(Image.open(path).convert("RGB"))
    made = Dataset()
    made.SOPClassUID, made.SOPInstanceUID = "1.2.840.10008.5.1.4.1.1.77.1.4", "1.2.3.4"
    made.StudyInstanceUID, made.SeriesInstanceUID, made.Modality = "1.2.3", "1.2.3.1", "XC"
    made.PatientID, made.PatientName, made.StudyDate = "1", "A", "20260101"
    made.Rows, made.Columns = pixels.shape[:2]
    made.SamplesPerPixel, made.PhotometricInterpretation, made.PlanarConfiguration = 3, "RGB", 0
    made.BitsAllocated = made.BitsStored = 8
    made.HighBit, made.PixelRepresentation, made.PixelData = 7, 0, pixels.tobytes() + b"\\0" * (pixels.size % 2)
    made.file_meta = FileMetaDataset()
    made.file_meta.TransferSyntaxUID = "1.2.840.10008.1.2.1"
    made.file_meta.MediaStorageSOPClassUID, made.file_meta.MediaStorageSOPInstanceUID = made.SOPClassUID, "1.2.3.4"
    stream = io.BytesIO()
    made.save_as(stream, enforce_file_format=True)
    return stream.getvalue()

answers = []
for path in sys.argv[2:]:
    content = packed(path)
    why = asker(model)(content)
    objects = answer_objects(content, read_source(content), why, Model.of(model), now=dt.datetime(2026, 1, 1))
    answers.append({**why.json(), "objects": [(kind, len(file) * (kind == "overlay")) for kind, _, file in objects]})
print(json.dumps(answers))
"""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("old", type=Path)
    parser.add_argument("new", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--images", type=int, default=2000)
    parser.add_argument("--bundle", default="lentigo", help="a path, or the shipped bundle")
    parser.add_argument("--http", type=int, default=200, help="photographs sent by HTTP")
    parser.add_argument("--dicom", type=int, default=5)
    options = parser.parse_args()
    files = sorted(path for path in options.folder.rglob("*") if path.suffix.lower() in SUFFIXES)
    files = files[:: max(1, len(files) // options.images)][: options.images]
    with tempfile.TemporaryDirectory() as place:
        listed = Path(place) / "list.txt"
        listed.write_text("".join(f"{path.resolve()}\n" for path in files))
        ways = {
            "predict": lambda source: predicted(source, options.bundle, listed, Path(place)),
            "score": lambda source: scored(source, options.bundle, listed, Path(place)),
            "http": lambda source: by_http(source, options.bundle, files[: options.http], Path(place)),
            "dicom": lambda source: by_dicom(source, options.bundle, files[: options.dicom]),
        }
        differing = [compared(way, ask(options.old), ask(options.new)) for way, ask in ways.items()]
    return int(any(differing))


def compared(way: str, old: list[dict], new: list[dict]) -> bool:
    gaps = [0.0]
    for before, after in zip(old, new, strict=True):
        gaps += [abs(before["probabilities"][name] - value) for name, value in after["probabilities"].items()]
    decided = sum(one["decision"] != two["decision"] for one, two in zip(old, new, strict=True))
    others = sum({**one, "probabilities": 0} != {**two, "probabilities": 0} for one, two in zip(old, new, strict=True))
    print(
        f"{way:8} {len(old):5} photographs: probabilities within {max(gaps):.1e}, {decided} other decisions, "
        f"{others} other answers",
        flush=True,
    )
    return max(gaps) > MOST or others > 0


def run(source: Path, *arguments: object) -> str:
    environment = {**os.environ, "PYTHONPATH": str(source.resolve())}
    command = ["taskset", "-c", "0", sys.executable, "-W", "ignore", *map(str, arguments)]
    return subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout


def predicted(source: Path, bundle: str, listed: Path, place: Path) -> list[dict]:
    out = place / f"{uuid.uuid4().hex}.csv"
    run(source, "-m", "lentigo", "-q", "predict", bundle, listed, "--out", out)
    return rows_of(out)


def scored(source: Path, bundle: str, listed: Path, place: Path) -> list[dict]:
    out = place / uuid.uuid4().hex
    run(source, "-m", "lentigo", "-q", "score", bundle, listed, "--out", out, "--workers", 1)
    return [row for part in sorted(out.glob("part-*.csv")) for row in rows_of(part)]


def rows_of(path: Path) -> list[dict]:
    with path.open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    words = ("image", "threshold", "decision", "reasons", "error")
    return [
        {"image": row["image"], "threshold": row["threshold"], "decision": row["decision"],
         "reasons": len(row["reasons"].split(";")), "error": bool(row["error"]),
         "probabilities": {key: float(value) for key, value in row.items() if key not in (*words, "target") and value}}
        for row in rows
    ]  # fmt: skip


def by_http(source: Path, bundle: str, files: list[Path], place: Path) -> list[dict]:
    answers = []
    with served(bundle, place, PYTHONPATH=str(source.resolve())) as address:
        for start in range(0, len(files), 8):
            answers += posted(f"{address}/v1/predict?prevalence=0.07", files[start : start + 8])["answers"]
    return [
        {"image": one["image"], "decision": one["decision"], "reasons": len(one["reasons"]),
         "error": bool(one["error"]),
         "probabilities": one["probabilities"]}
        for one in answers
    ]  # fmt: skip


@contextlib.contextmanager
def served(bundle: str, place: Path, **environment: str) -> Iterator[str]:
    """Yield the address of `lentigo serve` on one core, which ends with the block."""
    log = place / uuid.uuid4().hex
    command = ["taskset", "-c", "0", sys.executable, "-m", "lentigo", "serve", bundle, "--port", "0", "--workers", "1"]
    with log.open("w") as stream:
        service = subprocess.Popen(command, env={**os.environ, **environment}, stdout=stream, stderr=stream)
    try:
        while not (found := re.search(r"answers at (\S+)", log.read_text())):
            time.sleep(0.2)
        yield found[1]
    finally:
        service.terminate()
        service.wait(60)


def posted(address: str, files: list[Path]) -> dict:
    edge = uuid.uuid4().hex
    parts = [
        f'--{edge}\r\nContent-Disposition: form-data; name="images"; filename="{path.name}"\r\n'
        f"Content-Type: application/octet-stream\r\n\r\n".encode()
        + path.read_bytes()
        + b"\r\n"
        for path in files
    ]
    body = b"".join([*parts, f"--{edge}--\r\n".encode()])
    request = urllib.request.Request(address, body, {"Content-Type": f"multipart/form-data; boundary={edge}"})
    with urllib.request.urlopen(request, timeout=120) as reply:
        return json.load(reply)


def by_dicom(source: Path, bundle: str, files: list[Path]) -> list[dict]:
    answers = json.loads(run(source, "-c", DICOM, bundle, *files))
    kept = ("decision", "explained_class", "method", "objects", "probabilities")
    return [{"reasons": len(one["reasons"]), **{name: one[name] for name in kept}} for one in answers]


if __name__ == "__main__":
    sys.exit(main())
