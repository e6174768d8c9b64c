"""Makes the shipped bundle of a finished run, with what `--weights lentigo` needs beside it.

    python benchmarks/ship.py RUN

Writes src/lentigo/shipped/lentigo-resnet18/ (float16) and lentigo-resnet18.normalisations.safetensors.
"""

import sys

from lentigo.model import shipped_folder
from lentigo.stages import Run, export
from lentigo.training import Classifier, normalisations, write_normalisations

MOST_BYTES = 25_000_000
DATA_LICENCE = "CC BY-NC 4.0 (HAM10000), CC0 (ISIC 2017)"
WEIGHTS_LICENCE = "CC BY-NC 4.0"


def main(folder: str) -> None:
    run = Run.open(folder)
    licences = {"data_licence": DATA_LICENCE, "weights_licence": WEIGHTS_LICENCE}
    bundle = export(run.folder, shipped_folder(), storage="float16", n_references=1000, force=True, **licences)
    write_normalisations(Classifier.load(run.checkpoints(), device="cpu").network, normalisations())
    n_bytes = sum(path.stat().st_size for path in shipped_folder().iterdir())
    print(f"{bundle.record.name}: {n_bytes:,} bytes of {MOST_BYTES:,}")
    if n_bytes > MOST_BYTES:
        sys.exit("too large to be shipped: keep fewer reference cases.")


if __name__ == "__main__":
    main(sys.argv[1])
