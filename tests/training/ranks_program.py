"""What each of two ranks runs in test_ranks.py: one epoch by the loop itself; its state is left for comparison."""

import sys
from pathlib import Path

import numpy as np
from safetensors.torch import save_file

from lentigo.config import Config
from lentigo.progress import silent
from lentigo.training._backbones import starting_network
from lentigo.training._examples import Examples
from lentigo.training._joining import joined
from lentigo.training._optimizer import optimizer_tensors
from lentigo.training._trainer import _Loop


def epoch(config, examples, folder, ranks, name):
    network = starting_network(config, 2)
    loop = _Loop(
        *examples, network=network, classes=("benign", "malignant"), malignant=("malignant",), config=config,
        folder=folder, ranks=ranks,
    )  # fmt: skip
    record = loop.run_epoch(silent)
    tables = {
        "network": network.state_dict(),
        "average": loop.average.state_dict(),
        "optimizer": optimizer_tensors(loop.optimizer),
    }
    for table, tensors in tables.items():
        save_file({key: value.contiguous() for key, value in tensors.items()}, folder / f"{name}-{table}.safetensors")
    return record


def examples_of(n_train):
    rng = np.random.default_rng(0)
    targets = (np.arange(n_train + 24) % 3 == 0).astype(np.int64)
    pixels = rng.integers(0, 255, (len(targets), 32, 32, 3)).astype(np.uint8)
    rows = np.arange(len(targets))
    return Examples(pixels, rows[:n_train], targets[:n_train]), Examples(pixels, rows[n_train:], targets[n_train:])


if __name__ == "__main__":
    place = Path(sys.argv[1])
    with joined() as started:
        ranks = started.on("cpu")
        for file in sorted(place.glob("*.toml")):
            n_train = int(file.stem.split("-")[1])
            record = epoch(Config.read(file), examples_of(n_train), place, ranks, f"{file.stem}-rank{ranks.rank}")
            (place / f"{file.stem}-rank{ranks.rank}.txt").write_text(f"{record['train_loss']!r} {record['val_loss']!r}")
