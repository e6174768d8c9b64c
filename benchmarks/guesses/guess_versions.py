"""Answers K1 and K2 of docs/guesses.md: one run, read and asked with other versions of timm and torch.

python benchmarks/guesses/guess_versions.py RUN OUT.npy                 # in each environment
python benchmarks/guesses/guess_versions.py --compare ONE.npy OTHER.npy
"""

import sys
from pathlib import Path

import numpy as np
from asking import versions


def logits(run: str) -> np.ndarray:
    from lentigo.model import open_model

    model = open_model(run, threads=1)
    side = model.preprocess.settings.size if hasattr(model.preprocess, "settings") else 192
    pixels = np.random.default_rng(0).integers(0, 255, (8, side, side, 3)).astype(np.uint8)
    return np.asarray(model.network.run(pixels).logits)


if __name__ == "__main__":
    if sys.argv[1] == "--compare":
        one, other = (np.load(Path(name)) for name in sys.argv[2:4])
        print(f"logits at most {np.abs(one - other).max():.2g} apart, equal: {np.array_equal(one, other)}")
    else:
        print(versions("torch torchvision timm"))
        np.save(sys.argv[2], logits(sys.argv[1]))
