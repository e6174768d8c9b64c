"""Whether the audit finds every fault that a phantom set was drawn with, and none in a clean one.

    python benchmarks/audit_phantoms.py [N_SEEDS] [KIND ...]

For each seed and kind of fault a set of 400 images of 128 px (less counts as tiny) is drawn and audited. Printed: in
how many sets the fault was found, and which findings of level error or warning there were in all of them. Blur counts
as found when it is a warning and four of five of the images shown for it are truly blurred.
"""

import os
import sys
import tempfile
from collections import Counter
from pathlib import Path

from lentigo.phantoms import draw_phantom
from lentigo.stages import audit
from lentigo.storage import read_json
from lentigo.study.auditing import Audit

FAULTS = {
    "clean": {},
    "hidden leaks": {"leaks": 12, "leak_kinds": ("near", "exact"), "hide_ids": True},
    "leaks by id": {"leaks": 12, "leak_kinds": ("lesion",)},
    "ruler": {"shortcut": "ruler"},
    "file size": {"shortcut": "filesize"},
    "device": {"shortcut": "device"},
    "border": {"shortcut": "border"},
    "ink": {"shortcut": "ink"},
    "conflicts": {"conflicts": 8},
    "blur": {"blurred": 0.2},
}


def is_found(kind: str, result: Audit, truth: dict) -> bool:
    serious = {finding.code for finding in result.findings if finding.level != "note"}
    match kind:
        case "clean":
            return result.worst != "error"
        case "hidden leaks":
            wanted = {frozenset((pair["original"], pair["copy"])) for pair in truth["leaks"]["pairs"]}
            return wanted <= {frozenset((pair.first, pair.second)) for pair in result.pairs if pair.is_leak}
        case "leaks by id":
            return "leak.lesion" in serious
        case "conflicts":
            images = {image for f in result.findings if f.code == "conflict.lesion" for image in f.images}
            return set(truth["conflicts"]) <= images
        case "blur":
            shown = [f.images for f in result.findings if f.code.endswith("blurred") and f.level != "note"]
            return any(len(set(images) & set(truth["blurred"])) >= 0.8 * len(images) for images in shown)
        case "ruler" | "ink":
            return bool({f"shortcut.artefact.{kind}", "shortcut.artefacts"} & serious)
        case "device":
            return "shortcut.source" in serious
        case _:
            return {"file size": "shortcut.file", "border": "shortcut.border"}[kind] in serious


def main(n_seeds: int, kinds: list[str]) -> None:
    for kind in kinds or FAULTS:
        n_found, beside = 0, Counter()
        for seed in range(n_seeds):
            with tempfile.TemporaryDirectory() as folder:
                data = draw_phantom(
                    Path(folder) / "set", n_images=400, size=128, seed=seed, workers=os.cpu_count() or 1, **FAULTS[kind]
                )
                result = audit(data)
                n_found += is_found(kind, result, read_json(data / "phantom.json"))
                beside.update(f"{f.level} {f.code}" for f in result.findings if f.level != "note")
        others = ", ".join(f"{name} {n}" for name, n in beside.most_common())
        word = "without error" if kind == "clean" else "found"
        print(f"{kind}: {word} in {n_found} of {n_seeds} ({others})", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 20, sys.argv[2:])
