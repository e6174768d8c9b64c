"""Whether two versions of lentigo survey photographs equally: every trait, measure, flag, thumbnail and digest.

    python benchmarks/equal_surveys.py OLD/src src FOLDER [FOLDER ...] --images 100

Every n-th image below each folder is surveyed by each version in a process of its own; where numba is installed, the
new one measures by compiled loops. Prints, for each folder, the largest difference of a measure and of a trait, and how
many flags differ; exits 1 above 1e-9 or with any other difference.
"""

import argparse
import json
import math
import os
import subprocess
import sys
from pathlib import Path

MOST = 1e-9
SUFFIXES = {".jpg", ".jpeg", ".png"}
# Runs in either version.
SURVEY = """
import hashlib, json, os, sys, tempfile
from pathlib import Path
os.environ["LENTIGO_CACHE"] = tempfile.mkdtemp()
from lentigo.config import ImageConfig
try:
    from lentigo.study.auditing._looking import survey_image
    look = lambda path: survey_image(path, limits=ImageConfig(), is_compiled=True)
    from lentigo.study.auditing.quality import flags
except ImportError:
    try:
        from lentigo.study.auditing._survey import _survey_image
        from lentigo.study.auditing.quality import flags
        look = lambda path: _survey_image(path, limits=ImageConfig())
    except ImportError:  # before the ring
        from lentigo.audit.quality import flags
        from lentigo.audit.survey import _look
        look = lambda path: _look(path, limits=ImageConfig())
import pandas as pd
seen = []
for path in map(Path, sys.stdin.read().splitlines()):
    found = look(path)
    raised = flags(pd.DataFrame([found.quality])).iloc[0]
    seen.append({"digests": [found.digest, found.pixel_digest, hashlib.sha256(found.thumb.tobytes()).hexdigest()],
                 "traits": found.traits, "quality": found.quality, "flags": raised[raised].index.tolist()})
print(json.dumps(seen))
"""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("old", type=Path)
    parser.add_argument("new", type=Path)
    parser.add_argument("folders", type=Path, nargs="+")
    parser.add_argument("--images", type=int, default=100, help="photographs of each folder")
    options = parser.parse_args()
    differing = [compared(folder, options) for folder in options.folders]
    return int(any(differing))


def compared(folder: Path, options: argparse.Namespace) -> bool:
    """Return whether two versions see a folder's photographs differently."""
    files = sorted(path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES)
    files = files[:: max(1, len(files) // options.images)][: options.images]
    old, new = (surveyed(source, files) for source in (options.old, options.new))
    pairs = list(zip(old, new, strict=True))
    gaps = {part: [gap(one[part], other[part]) for one, other in pairs] for part in ("quality", "traits")}
    n_equal = sum(not any(found) for found in zip(*gaps.values(), strict=True))
    n_flags = sum(one["flags"] != other["flags"] for one, other in pairs)
    n_others = sum(one["digests"] != other["digests"] for one, other in pairs)
    print(
        f"{folder.name}: {len(files)} photographs, {n_equal} equal to the last digit, measures within "
        f"{max(gaps['quality']):.1e}, traits within {max(gaps['traits']):.1e}, {n_flags} with other flags, "
        f"{n_others} with other digests or thumbnails",
        flush=True,
    )
    return max(map(max, gaps.values())) > MOST or n_flags > 0 or n_others > 0


def surveyed(source: Path, files: list[Path]) -> list[dict]:
    environment = {**os.environ, "PYTHONPATH": str(source.resolve()), "OMP_NUM_THREADS": "1"}
    listed = "\n".join(str(path.resolve()) for path in files)
    command = [sys.executable, "-W", "ignore", "-c", SURVEY]
    done = subprocess.run(command, env=environment, input=listed, check=True, stdout=subprocess.PIPE, text=True)
    return json.loads(done.stdout)


def gap(old: dict, new: dict) -> float:
    """Return the largest difference of two records' numbers; infinity for other names, texts or undefined numbers."""
    if list(old) != list(new):
        return math.inf
    return max(distance(value, new[name]) for name, value in old.items())


def distance(one: object, other: object) -> float:
    if isinstance(one, str) or isinstance(other, str):
        return 0.0 if one == other else math.inf
    if math.isnan(one) or math.isnan(other):
        return 0.0 if math.isnan(one) and math.isnan(other) else math.inf
    return abs(one - other)


if __name__ == "__main__":
    sys.exit(main())
