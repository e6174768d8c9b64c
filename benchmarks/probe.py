"""How long the probe takes, as a multiple of the bare forward passes over the same images.

    python benchmarks/probe.py DATA WEIGHTS

Both are measured on one machine, one after the other: first `lentigo train --recipe probe` in a process of its own
with an empty cache (imports, decoding, head, calibration, evaluation and report included), then the forward passes of
the same network over the same decoded images, nothing else.
"""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path


def main(data: str, weights: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        os.environ["LENTIGO_CACHE"] = folder
        run = Path(folder) / "run"
        command = [sys.executable, "-m", "lentigo", "train", data, "--out", str(run), "--recipe", "probe"]
        started = time.perf_counter()
        subprocess.run([*command, "--weights", weights], check=True)
        whole = time.perf_counter() - started
        forward, n_images = bare_forward(run)
    print(f"probe, whole process: {whole:.1f} s")
    print(f"bare forward passes of {n_images} images: {forward:.1f} s ({n_images / forward:.1f} images/s)")
    print(f"ratio: {whole / forward:.2f}")


def bare_forward(run: Path) -> tuple[float, int]:
    import torch

    from lentigo.images import cached_pixels
    from lentigo.stages import Run
    from lentigo.training import Classifier
    from lentigo.training._classifier import to_input

    classifier = Classifier.load(Run.open(run).best_checkpoint())
    pixels = cached_pixels(Run.open(run).manifest().paths, classifier.preprocess).array
    settings, device = classifier.preprocess.settings, classifier.device
    with torch.inference_mode():
        classifier.network(to_input(torch.from_numpy(pixels[:64].copy()), settings, device))  # warm-up
        started = time.perf_counter()
        for start in range(0, len(pixels), 64):
            classifier.network(to_input(torch.from_numpy(pixels[start : start + 64].copy()), settings, device))
    return time.perf_counter() - started, len(pixels)


if __name__ == "__main__":
    main(*sys.argv[1:3])
