"""Answers A1 to A3 of docs/guesses.md: what a machine answers, to be compared with another's.

    python benchmarks/guesses/guess_arm64.py OUT.json BUNDLE [PHOTOGRAPH ...]       # on each machine
    python benchmarks/guesses/guess_arm64.py --compare ONE.json OTHER.json

Opening a bundle checks its known answer. docs/guesses.md says how an arm64 Python was run by emulation.
"""

import hashlib
import json
import platform
import sys
from pathlib import Path

import numpy as np
from asking import versions


def answered(bundle: str, paths: list[str]) -> dict[str, object]:
    import lentigo
    from lentigo.images import open_image
    from lentigo.model import open_model

    model = open_model(bundle, threads=1)
    rows = {}
    for path, answer in zip(paths, model.predict(paths), strict=True):
        pixels = np.asarray(open_image(path))
        rows[Path(path).name] = {
            "pixels": hashlib.sha256(pixels.tobytes()).hexdigest(),
            "probabilities": list(answer.probabilities.values()),
            "decision": str(answer.decision),
        }
    found = versions("numpy pillow onnxruntime")
    return {
        "machine": platform.machine(),
        "lentigo": lentigo.__version__,
        "versions": found,
        "bundle": bundle,
        "rows": rows,
    }


def compare(one: dict, other: dict) -> str:
    pairs = [(row, other["rows"][name]) for name, row in one["rows"].items()]
    gaps = [np.abs(np.subtract(a["probabilities"], b["probabilities"])).max() for a, b in pairs]
    same = {key: sum(a[key] == b[key] for a, b in pairs) for key in ("pixels", "decision")}
    return (
        f"{one['machine']} against {other['machine']}, {len(pairs)} photographs: probabilities at most "
        f"{max(gaps):.2g} apart, {same['pixels']} with equal pixels, {same['decision']} with equal decisions"
    )


if __name__ == "__main__":
    if sys.argv[1] == "--compare":
        print(compare(*(json.loads(Path(name).read_text()) for name in sys.argv[2:4])))
    else:
        Path(sys.argv[1]).write_text(json.dumps(answered(sys.argv[2], sys.argv[3:])))
