"""The photographs of an export: held-out validation images, reference cases, and phantoms on which parity is proven."""

import dataclasses
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from lentigo.data.manifest import Manifest
from lentigo.errors import CheckpointError, LentigoError, ModelError, name_offenders
from lentigo.images import Preprocess, stream_images
from lentigo.progress import Track
from lentigo.stages._calibrate import image_predictions
from lentigo.stages._run_folder import Run
from lentigo.wording import counted

if TYPE_CHECKING:  # torch is loaded when a run is exported, not before
    from lentigo.bundling import Cases, ExportOptions
    from lentigo.training import Classifier


PHANTOMS: Final = 16  # images beside the real ones that parity is proven on
NOISE: Final = 48  # the same
MOST_VALIDATION: Final = 1000
LEAST_HELD_OUT: Final = 30  # images to calibrate an ensemble on


def held_out_cases(members: Sequence[Run], track: Track) -> "Cases":
    """Return validation images of the first run, decoded and measured: in an ensemble those that no run trained on.

    With folds, one run alone has networks that trained on them; each image then comes with what the network said that
    had not.

    Raises:
        ModelError: the runs of an ensemble leave hardly any image that all of them held out.
    """
    first = members[0]
    manifest = first.manifest().subset("val")
    trained = _trained_on(members) if len(members) > 1 else set()
    is_kept = ~manifest.table["image_id"].isin(trained).to_numpy(dtype=bool)
    if is_kept.sum() < min(LEAST_HELD_OUT, len(manifest)):
        with_folds = [str(run.folder) for run in members if run.config().train.folds]
        why = f" Runs with folds train on all images but test: {name_offenders(with_folds)}." if with_folds else ""
        raise ModelError(
            f"only {counted(int(is_kept.sum()), 'validation image')} of {first.folder} were held out by all runs, too "
            f"few to calibrate an ensemble on.{why} Train the members on one split, without folds, with other seeds."
        )
    rows = np.flatnonzero(is_kept)
    if len(rows) > MOST_VALIDATION:
        rows = np.sort(np.random.default_rng(0).permutation(rows)[:MOST_VALIDATION])
    cases = decoded(manifest.select(rows), Preprocess(first.config().image), track)
    is_crossed = len(members) == 1 and first.config().train.folds
    return dataclasses.replace(cases, unseen=_out_of_fold(first, cases.image_id)) if is_crossed else cases


def _trained_on(members: Sequence[Run]) -> set[str]:
    """Return the images that networks of the runs have trained on; with folds, all that are not test."""
    trained: set[str] = set()
    for run in members:
        table = run.manifest().table
        learned = table["split"] != "test" if run.config().train.folds else table["split"] == "train"
        trained |= set(table.loc[learned, "image_id"])
    return trained


def _out_of_fold(run: Run, image_id: Sequence[str]) -> NDArray[np.float64]:
    """Return what the network that had not seen it said of each image: uncalibrated probabilities (N, K)."""
    said = image_predictions(run, "val")
    row_of = {image: row for row, image in enumerate(said.image.tolist())}
    return said.probabilities[[row_of[image] for image in image_id]]


def reference_cases(run: Run, classifier: "Classifier", options: "ExportOptions", track: Track) -> "Cases | None":
    if options.n_references == 0:
        return None
    manifest = run.manifest().subset("train")
    if len(manifest) > options.n_references:
        rows = np.random.default_rng(run.config().seed).permutation(len(manifest))[: options.n_references]
        manifest = manifest.select(np.sort(rows))
    return decoded(manifest, classifier.preprocess, track)


def decoded(manifest: Manifest, preprocess: Preprocess, track: Track, *, of: str = "the run") -> "Cases":
    """Return the images as a bundle would see them.

    Raises:
        CheckpointError: an image is gone or damaged.
    """
    from lentigo.bundling import Cases
    from lentigo.model import decode_image

    batches = track(
        stream_images(manifest.paths, lambda path: decode_image(path, preprocess), batch_size=64),
        "Reading images",
        len(manifest),
        unit=64,
    )
    outcomes = [outcome for batch in batches for outcome in batch]
    bad = [str(outcome) for outcome in outcomes if isinstance(outcome, LentigoError)]
    if bad:
        raise CheckpointError(
            f"{counted(len(bad), 'image')} of {of} cannot be read any more: {name_offenders(bad, limit=1)} An "
            "export needs the validation and training images, to prove that it answers the same."
        )
    seen = [outcome for outcome in outcomes if not isinstance(outcome, LentigoError)]
    return Cases(seen, tuple(manifest.table["image_id"].astype(str)), manifest.targets)


def phantom_pixels(preprocess: Preprocess) -> NDArray[np.uint8]:
    """Return fitted pixels of phantoms, and as many of noise: parity has to hold on what no run has seen, too."""
    from lentigo.phantoms import draw_phantom

    with tempfile.TemporaryDirectory() as folder:
        drawn = draw_phantom(Path(folder) / "phantom", n_images=PHANTOMS, size=128, seed=5)
        files = sorted(path for path in (drawn / "images").iterdir())
        pixels = [preprocess.pixels(path) for path in files]
    side = preprocess.settings.size
    noise = np.random.default_rng(5).integers(0, 256, (NOISE, side, side, 3)).astype(np.uint8)
    return np.concatenate([np.stack(pixels), noise])
