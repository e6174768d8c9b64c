"""Makes a shipped bundle of a finished run, with what training from its weights needs beside it.

    python benchmarks/ship.py RUN [VERSION] [--data-licence TEXT] [--weights-licence TEXT]

Writes the folder of that version in src/lentigo/shipped (float16; the table is `lentigo.model._versions`), and beside
it the normalisations, where the backbone is a ResNet. VERSION is the newest of the table when omitted. A new one never
overwrites an old one: add a line to the table first.
"""

import argparse
import sys

from lentigo.errors import LentigoError
from lentigo.model import ShippedVersion, all_versions
from lentigo.stages import Run, export
from lentigo.training import Classifier, write_normalisations

MOST_BYTES = 25_000_000
DATA_LICENCE = "CC BY-NC 4.0 (HAM10000), CC0 (ISIC 2017)"
WEIGHTS_LICENCE = "CC BY-NC 4.0"


def main(given: list[str]) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("run")
    parser.add_argument("version", nargs="?", type=int, default=all_versions()[-1].number)
    parser.add_argument("--data-licence", default=DATA_LICENCE)
    parser.add_argument("--weights-licence", default=WEIGHTS_LICENCE)
    said = parser.parse_args(given)
    run, version = Run.open(said.run), _of_table(said.version)
    licences = {"data_licence": said.data_licence, "weights_licence": said.weights_licence}
    bundle = export(run.folder, version.folder, storage="float16", n_references=1000, force=True, **licences)
    if bundle.record.network.backbone.startswith(
        "resnet"
    ):  # whose folded normalisations `--weights lentigo` can unfold
        write_normalisations(Classifier.load(run.checkpoints(), device="cpu").network, version.normalisations)
    n_bytes = sum(path.stat().st_size for path in version.folder.iterdir())
    print(f"{version.name} ({bundle.record.name}): {n_bytes:,} bytes of {MOST_BYTES:,}")
    if n_bytes > MOST_BYTES:
        sys.exit("too large to be shipped: keep fewer reference cases.")


def _of_table(number: int) -> ShippedVersion:
    found = [version for version in all_versions() if version.number == number]
    if not found:
        raise LentigoError(f"there is no version {number} in the table of lentigo.model._versions. Add it there first.")
    return found[0]


if __name__ == "__main__":
    main(sys.argv[1:])
