"""`lentigo fuse`: columns of the data, and the patient's other photographs, beside the image of a trained run.

The network has not learned from validation images (with folds, from none that it is asked about), so that its scores of
them are out of fold, and columns are fitted on these. Whatever is not shown to add is left out: the interval of the
gain, in nested folds by patient, has to lie above 0. Thresholds and calibration are then chosen on out-of-fold scores
of image and columns. Test images decide nothing here.
"""

import dataclasses
import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd

from lentigo.config import Config
from lentigo.data.manifest import Manifest
from lentigo.errors import ConfigError, DataError
from lentigo.locks import lock_beside, locked
from lentigo.model.decision import Columns, Estimate, Fusion, log_odds, log_probabilities
from lentigo.numbers.columns import Block, column_block, context_blocks, fit_fusion, fused
from lentigo.numbers.evaluation import Ablation, NestedScores, column_of
from lentigo.numbers.predictions import Predictions
from lentigo.progress import Track, silent
from lentigo.stages._calibrate import calibrate_run, groups_of, image_predictions
from lentigo.stages._context import CONTEXT_NAME, context_of, refuse_without_patients
from lentigo.stages._evaluate import evaluate_run
from lentigo.stages._report import report_run
from lentigo.stages._run_folder import Run
from lentigo.storage import write_json

logger = logging.getLogger(__name__)

SCHEMA_VERSION: Final = 1
ANYWAY: Final = (
    "used although no gain is shown (--use-anyway): nothing shows that the model with them is better than "
    "the image alone, and its answers depend on them"
)


@dataclass(frozen=True, slots=True)
class Fused:
    """What became of columns beside the image of a run.

    Args:
        asked: columns that were tried.
        used: those that the run now uses.
        sentences: what was found of them, for people.
        ablations: image alone, columns alone and both, of each group of columns that could be measured.
        fusion: how they are joined with the image; None where the image is used alone.

    Example:
        >>> Fused(("age",), (), ("age adds nothing.",), (), None).is_used
        False
    """

    asked: tuple[str, ...]
    used: tuple[str, ...]
    sentences: tuple[str, ...]
    ablations: tuple[Ablation, ...]
    fusion: Fusion | None

    @property
    def is_used(self) -> bool:
        """Whether the run uses any column."""
        return self.fusion is not None

    def json(self) -> dict[str, Any]:
        """Return it as JSON types."""
        return {
            "schema_version": SCHEMA_VERSION,
            "asked": list(self.asked),
            "used": list(self.used),
            "sentences": list(self.sentences),
            "ablations": [one.json() for one in self.ablations],
            "fusion": self.fusion and self.fusion.json(),
        }


def fuse(
    run: str | Path,
    columns: Sequence[str],
    *,
    anyway: bool = False,
    with_pictures: bool = True,
    track: Track = silent,
) -> Fused:
    """Return what columns add to a finished run, which uses them from now on if they improve it.

    Calibration, figures, report and card are made again, which looks at the test images. Nothing is trained.

    Args:
        run: a finished run folder; what an earlier `fuse` did to it is undone first.
        columns: numbers and categories of its manifest, or "patient_context": what a photograph is among the others of
            its patient. Without any, the run uses the image alone again.
        anyway: use them although the interval of their gain includes 0.
        with_pictures: whether the report holds images of the data.
        track: draws progress.

    Raises:
        ConfigError: a column is not there, is empty, or is the answer itself.
        CheckpointError: it is not a finished run.

    Example:
        >>> fuse(run, ["target"])  # doctest: +ELLIPSIS
        Traceback (most recent call last):
            ...
        lentigo.errors.ConfigError: 'target' is the id or the diagnosis of an image, which is not a column to try. ...
    """
    opened = Run.open(run)
    opened.refuse_unfinished()
    with locked(lock_beside(opened.folder), doing=f"changing the columns of {opened.folder}"):
        refuse_columns(opened.manifest(), opened.config().changed({"fuse.columns": list(columns)}))
        found = fuse_run(opened, columns, anyway=anyway, track=track)
        calibrate_run(opened)
        evaluate_run(opened, verb="fuse")
        report_run(opened, with_pictures=with_pictures)
    return found


def refuse_columns(manifest: Manifest, config: Config) -> None:
    """Raise where columns cannot be used, before anything is trained.

    Raises:
        ConfigError: one is not there, is empty, is the answer itself, or does not go with other settings.
    """
    for name in config.fuse.columns:
        if name == CONTEXT_NAME:
            refuse_without_patients(manifest)
        else:
            column_of(manifest, name)
    if config.fuse.columns and config.calibrate.threshold_from == "held_out_sources":
        raise ConfigError(
            "networks for held-out sources know no columns, so that no threshold for image and columns can rest on "
            "them. Leave --use or calibrate.threshold_from=held_out_sources out."
        )


def forget_fusion(run: Run) -> None:
    """Remove what an earlier fusion left, once the network has predicted anew."""
    for split in ("val", "test"):
        (run.folder / "predictions" / f"{split}-image.csv").unlink(missing_ok=True)
    run.fusion_path.unlink(missing_ok=True)


def fuse_run(run: Run, columns: Sequence[str], *, anyway: bool, track: Track = silent) -> Fused:
    """Return what columns add; write `fusion.json` and, where they are used, the predictions of image and columns.

    Args:
        run: with predictions on val and test.
        columns: as of `fuse`.
        anyway: as of `fuse`.
        track: draws progress.
    """
    said = {split: image_predictions(run, split) for split in ("val", "test")}
    asked = tuple(dict.fromkeys(columns))
    if not asked:
        for split, one in said.items():
            one.write(run.predictions_path(split))
        forget_fusion(run)
        return Fused((), (), ("The run uses the image alone.",), (), None)
    manifest, config = run.manifest(), run.config()
    malignant = run.taxonomy().malignant(said["val"].classes)
    groups = list(_groups(run, asked, manifest, said["val"], malignant, track))
    found, rows = _compared(said["val"], manifest, groups, asked, malignant, config, anyway=anyway)
    for sentence in found.sentences:
        logger.info("%s", sentence)
    for split, one in said.items():  # first the copies: a kill leaves the image alone, or both
        one.write(run.folder / "predictions" / f"{split}-image.csv")
    joined = said
    if found.fusion is not None and rows is not None:
        known = columns_of(run, manifest, said["test"], found.fusion, malignant, track)
        logits = log_probabilities(said["test"].probabilities)
        side = np.isin(said["test"].classes, list(malignant))
        odds = log_odds(found.fusion.fuse(logits, side, known)[0], side)
        joined = {
            "val": fused(said["val"], malignant, np.log(rows[:, 1] / rows[:, 0])),
            "test": fused(said["test"], malignant, odds),
        }
    for split, one in joined.items():
        one.write(run.predictions_path(split))
    write_json(run.fusion_path, found.json())
    return found


def columns_of(
    run: Run, manifest: Manifest, said: Predictions, fusion: Fusion, malignant: Sequence[str], track: Track = silent
) -> list[Columns]:
    """Return what the manifest of a run knows of each image beside it, for a fusion.

    Args:
        run: whose images they are.
        manifest: that has them all.
        said: by the image alone.
        fusion: whose columns are wanted.
        malignant: the malignant classes.
        track: draws progress.
    """
    table = aligned(manifest, said).table
    values = {name: table[name].tolist() if name in table else [None] * len(table) for name in fusion.asked}
    if fusion.has_context:
        context = context_of(run, aligned(manifest, said), said, malignant, track)
        values |= {name: numbers.tolist() for name, numbers in context.items()}
    return [{name: column[row] for name, column in values.items()} for row in range(len(table))]


def aligned(manifest: Manifest, said: Predictions) -> Manifest:
    """Return the predicted images of a manifest, in the order of the predictions."""
    place = pd.Index(manifest.table["image_id"].astype(str)).get_indexer(pd.Index(said.image))
    return manifest.select(place.astype(np.int64))


def _groups(
    run: Run, asked: Sequence[str], manifest: Manifest, said: Predictions, malignant: Sequence[str], track: Track
) -> Iterator[tuple[tuple[str, ...], list[Block]]]:
    """Yield the columns, and after them the patient's other photographs: each is judged beside what came before."""
    there = aligned(manifest, said)
    plain = tuple(name for name in asked if name != CONTEXT_NAME)
    if plain:
        yield plain, [column_block(name, column_of(there, name).tolist()) for name in plain]
    if CONTEXT_NAME in asked:
        yield (CONTEXT_NAME,), context_blocks(context_of(run, there, said, malignant, track))


def _compared(
    said: Predictions,
    manifest: Manifest,
    groups: Sequence[tuple[tuple[str, ...], list[Block]]],
    asked: tuple[str, ...],
    malignant: Sequence[str],
    config: Config,
    *,
    anyway: bool,
) -> tuple[Fused, np.ndarray[Any, np.dtype[np.float64]] | None]:
    """Return what was found, and probabilities (N, 2) of image and used columns out of fold; None for no column.

    Raises:
        ConfigError: columns are to be used anyway, and cannot be fitted.
    """
    there = aligned(manifest, said)
    names, unit = groups_of(manifest, said)
    try:
        nested = NestedScores.of(said, malignant, there, np.asarray(names, dtype=np.str_), unit=unit, seed=config.seed)
    except DataError as error:
        if anyway:
            raise ConfigError(f"the validation images are too few to fit columns on: {error}") from error
        sentence = f"Undecided: too few validation images to tell what columns add ({error}) They are left out."
        return Fused(asked, (), (sentence,), (), None), None
    ablations: list[Ablation] = []
    sentences: list[str] = []
    used: list[Block] = []
    kept: list[str] = []
    notes: list[str] = []
    for words, blocks in groups:
        if not blocks:
            sentences.append(f"Undecided: {', '.join(words)} has no value for any validation image. It is left out.")
            continue
        found = nested.ablate(
            blocks, words, beside=used, n_resamples=config.evaluate.n_resamples, confidence=config.evaluate.confidence
        )
        n_missing = {name: int(there.table[name].isna().sum()) for name in words if name in there.table}
        ablations.append(dataclasses.replace(found, n_missing=n_missing))
        is_shown = found.verdict == "add"
        if is_shown or anyway:
            used, kept = [*used, *blocks], [*kept, *words]
            notes += [] if is_shown else [f"{', '.join(words)}: {ANYWAY}"]
        end = "They are used." if is_shown else f"They are {ANYWAY}." if anyway else "They are left out."
        sentences.append(f"{found.sentence} {end}")
    if not used:
        return Fused(asked, (), tuple(sentences), tuple(ablations), None), None
    gain = nested.ablate(used, kept, n_resamples=config.evaluate.n_resamples).gain if len(groups) > 1 else (
        ablations[0].gain if ablations else Estimate.undefined("not measured")
    )  # fmt: skip
    fusion = fit_fusion(nested.score, used, nested.truth, nested.inner, gain=gain, note="; ".join(notes)[:500])
    rows = nested.rows(used)
    return Fused(asked, tuple(kept), tuple(sentences), tuple(ablations), fusion), rows
