"""Makes a shipped bundle of a finished run, with what training from its weights needs beside it.

    python benchmarks/ship.py RUN [VERSION] [--data-licence TEXT] [--weights-licence TEXT]
    python benchmarks/ship.py RUN VERSION --held-out

Writes the folder of that version in src/lentigo/shipped (float16; the table is `lentigo.model._versions`), and beside
it the normalisations, where the backbone is a ResNet. VERSION is the newest of the table when omitted. A new one never
overwrites an old one: add a line to the table first.

With --held-out the bundle keeps its network, thresholds and figures, and only what is known of sources that were held
out (`train.held_out_sources` of RUN, which may be unfinished) is written into bundle.json and the card.
"""

import argparse
import dataclasses
import sys

from lentigo.bundling import write_bundle
from lentigo.errors import LentigoError
from lentigo.model import CARD, ShippedVersion, all_versions, open_model, read_bundle_folder
from lentigo.numbers.evaluation import how_held_out, measured_elsewhere
from lentigo.stages import Run, export
from lentigo.stages._held_out_figures import figures_of_sources
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
    parser.add_argument("--held-out", action="store_true", help="only add the figures of held-out sources")
    said = parser.parse_args(given)
    run, version = Run.open(said.run), _of_table(said.version)
    if said.held_out:
        _add_held_out(run, version)
        return
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


def _add_held_out(run: Run, version: ShippedVersion) -> None:
    record = open_model(version.folder).record
    entries = figures_of_sources(run, run.config())
    own = tuple(one for one in record.measured if not one.is_left_out)
    record = dataclasses.replace(
        record,
        measured=(*own, *measured_elsewhere(entries)),
        data={**record.data, "held-out sources": how_held_out(entries)},
    )
    contents = {name: content for name, content in read_bundle_folder(version.folder)[1].items() if name != CARD}
    write_bundle(version.folder, record, contents, force=True)
    print(record.headline().text)


def _of_table(number: int) -> ShippedVersion:
    found = [version for version in all_versions() if version.number == number]
    if not found:
        raise LentigoError(f"there is no version {number} in the table of lentigo.model._versions. Add it there first.")
    return found[0]


if __name__ == "__main__":
    main(sys.argv[1:])
