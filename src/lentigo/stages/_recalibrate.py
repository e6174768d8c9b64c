"""`lentigo calibrate BUNDLE --data HERE`: a finished bundle fitted to another clinic's labelled images; never torch."""

import dataclasses
import datetime as dt
import logging
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from lentigo.bundling import loosen_oddness, score_validation, write_bundle
from lentigo.config import Config
from lentigo.data.manifest import Manifest
from lentigo.data.sources import read_data
from lentigo.errors import ConfigError, DataError, ImageError
from lentigo.images import stream_images
from lentigo.model import (
    CALIBRATED_ON,
    CARD,
    KNOWN_FILES,
    MARKS,
    RECORD,
    BundleRecord,
    KnownAnswer,
    Model,
    Outputs,
    file_of_marks,
    known_picture,
    loosen_gate,
    marks_in,
    marks_of,
    open_bundle,
    read_bundle_folder,
    refuse_inside_bundle,
    with_context,
)
from lentigo.model.decision import Columns, DecisionRule, softmax
from lentigo.numbers.calibration import Calibration, calibrate_locally, range_of_sensitivity
from lentigo.numbers.evaluation import to_sides, with_truth
from lentigo.numbers.predictions import Predictions
from lentigo.progress import Track, silent
from lentigo.stages._calibrate import groups_of
from lentigo.stages._manifest_columns import columns_of_manifest
from lentigo.stages._model_settings import taxonomy_of_model
from lentigo.stages._run_folder import choices_of
from lentigo.storage import refuse_foreign
from lentigo.taxonomy import Taxonomy
from lentigo.wording import counted, figure_text, units_in_words

if TYPE_CHECKING:
    from lentigo.model import DecodedImage

MOST_STRANGE: Final = 0.5  # of the images may be ones that the bundle could not assess
STRANGE: Final = 0.1  # ... from which on it is told
TOO_FAR: Final = 0.05  # below the wanted sensitivity, from which on the expected one is a warning

logger = logging.getLogger(__name__)


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class _NetworkOutputs:
    """What a bundle's network said of the images that can be read."""

    image: NDArray[np.str_]
    outputs: Outputs
    statistics: list[NDArray[np.float32]]
    columns: list[Columns] | None = None
    patients: list[str] | None = None


def recalibrate(
    model: str | Path,
    data: str | Path,
    out: str | Path,
    *,
    config: Config | None = None,
    force: bool = False,
    track: Track = silent,
) -> Calibration:
    """Return the recalibration of a bundle to other labelled images; write the recalibrated bundle to `out`.

    The network stays as it is. Probabilities, operating points and low-confidence band are fitted to these images (see
    `calibrate_locally`); input gate and out-of-distribution score are loosened where they stop more than one in a
    hundred of them. The figures on test and a rule that calls a class are dropped, as
    they were another calibration's.

    Args:
        model: a bundle's folder, or "lentigo" for the one that is shipped.
        data: as `read_data` takes it, labelled with diagnoses or with benign and malignant. Where it has a test split,
            that is kept out, for `lentigo evaluate --data`.
        out: the folder to make.
        config: operating points, band, intervals, aliases of diagnoses, the side of AK and AKIEC where the bundle lacks
            them; the defaults when left out.
        force: overwrite a bundle at `out`.
        track: draws progress.

    Raises:
        BundleError: the bundle is damaged, or no bundle.
        ConfigError: thresholds are wanted that only a run can have.
        DataError: the data cannot be read, or no image of theirs, or most are ones that the bundle cannot assess.
        MetricError: they hold no malignant or no benign image.

    Example:
        >>> recalibrate(bundle_folder, phantom, folder / "ours").malignant_classes
        ('malignant',)
    """
    config, place, name = config or Config(), Path(out), Path(data).resolve().name
    if config.calibrate.threshold_from != "validation":
        raise ConfigError(
            f"calibrate.threshold_from={config.calibrate.threshold_from} is for the validation images of a run; a "
            "bundle is calibrated to all images of DATA together. Set calibrate.threshold_from=validation."
        )
    refuse_inside_bundle(place)
    refuse_foreign(place, kind="bundle", is_ours={*KNOWN_FILES, RECORD}.__contains__, force=force, mark=RECORD)
    bundle = open_bundle(model)
    taxonomy = taxonomy_of_model(bundle, config)
    manifest = _not_test(read_data(data, taxonomy=taxonomy, choices=choices_of(config)))
    asked, sides = _with_sides(_run_network(bundle, manifest, track), bundle, manifest, taxonomy)
    _refuse_strange(bundle, asked, name)
    groups, unit = groups_of(manifest, sides)
    is_malignant = sides.target == 1
    calibration = calibrate_locally(
        _raw(asked, bundle),
        is_malignant,
        malignant=bundle.record.malignant_classes,
        before=bundle.decision.probability_map,
        settings=config.calibrate,
        groups=None if unit == "image" else groups,
        unit=unit,
        n_resamples=config.evaluate.n_resamples,
        confidence=config.evaluate.confidence,
        seed=config.seed,
    )
    if bundle.decision.class_rule is not None:
        logger.info(
            "The rule that calls a class (%s) was fitted to the old probabilities; the new bundle has none.",
            bundle.decision.class_rule.words,
        )
    _say_what_to_expect(calibration, len(np.unique(groups[is_malignant])), unit)
    today = dt.datetime.now(dt.UTC).date().isoformat()
    told = f"{counted(len(sides), 'image')} of {name[:100]} ({int(is_malignant.sum())} malignant), {today}"
    record = _refitted(bundle, calibration.rule, asked, is_malignant, told)
    contents = read_bundle_folder(bundle.folder)[1]
    del contents[CARD]
    used = manifest.select(manifest.table["image_id"].astype(str).isin(asked.image).to_numpy())
    marks = np.union1d(marks_of(used.paths), marks_in(bundle.folder))
    write_bundle(place, record, contents | {MARKS: file_of_marks(marks)}, force=force)
    return calibration


def _not_test(manifest: Manifest) -> Manifest:
    """Return the images that may decide something.

    Raises:
        DataError: all of them are test images.
    """
    is_test = (manifest.table["split"] == "test").to_numpy(dtype=bool) if manifest.has_split else np.array([False])
    if not is_test.any():
        return manifest
    if is_test.all():
        raise DataError(f"all images of {manifest.origin} are test images. Calibrate on others, and evaluate on these.")
    logger.info("Excluded from calibration: %s of %s.", counted(int(is_test.sum()), "test image"), manifest.origin)
    return manifest.select(np.flatnonzero(~is_test))


def _run_network(bundle: Model, manifest: Manifest, track: Track) -> _NetworkOutputs:
    """Return what the network says of every image that can be read.

    Raises:
        DataError: no image can be read.
    """
    names = iter(manifest.table["image_id"].astype(str).tolist())
    image: list[str] = []
    statistics: list[NDArray[np.float32]] = []
    parts: list[tuple[NDArray[np.float32], NDArray[np.float32]]] = []
    batches = stream_images(manifest.paths, bundle.look, batch_size=bundle.batch_size)
    for batch in track(batches, "Predicting", len(manifest), unit=bundle.batch_size):
        seen: list[DecodedImage] = []
        for one, name in zip(batch, [next(names) for _ in batch], strict=True):
            if isinstance(one, ImageError):
                logger.warning("excluded: %s: %s", name, one)
                continue
            seen.append(one)
            image.append(name)
        if seen:
            outputs = bundle.network.run(np.stack([one.pixels for one in seen]))
            parts.append((outputs.logits, outputs.embedding))
            statistics.extend(one.statistics for one in seen)
    if not image:
        raise DataError(
            f"none of the {counted(len(manifest), 'image')} of {manifest.origin} can be read. The log gives the reason "
            "for each image."
        )
    logits, embedding = (np.concatenate(column) for column in zip(*parts, strict=True))
    place = pd.Index(manifest.table["image_id"].astype(str)).get_indexer(pd.Index(image))
    known = columns_of_manifest(bundle.decision.fusion, manifest.select(place))
    return _NetworkOutputs(np.array(image), Outputs(logits, None, embedding), statistics, *known)


def _raw(asked: _NetworkOutputs, bundle: Model) -> Predictions:
    rule, outputs = bundle.decision, asked.outputs
    logits = outputs.logits
    if rule.fusion is not None:
        known = with_context(rule, outputs, asked.columns, asked.patients)
        logits = rule.fusion.fuse(logits, rule.is_malignant, known)[0]
    shares = softmax(logits)
    return Predictions(asked.image, np.full(len(asked.image), -1), shares, bundle.classes)


def _with_sides(
    asked: _NetworkOutputs, bundle: Model, manifest: Manifest, taxonomy: Taxonomy
) -> tuple[_NetworkOutputs, Predictions]:
    """Return what was said of the images that are benign or malignant, and by side, with the truth.

    Raises:
        PredictionsError: none is.
    """
    truth_of = dict(zip(manifest.table["image_id"].astype(str), manifest.table["target"], strict=True))
    truth = [truth_of[image] for image in asked.image.tolist()]
    malignant = bundle.record.malignant_classes
    judged, _ = with_truth(_raw(asked, bundle), truth, malignant=malignant, taxonomy=taxonomy)
    sides = judged if judged.classes != bundle.classes else to_sides(judged, malignant)
    rows = np.flatnonzero(np.isin(asked.image, sides.image))
    outputs = Outputs(asked.outputs.logits[rows], None, asked.outputs.embedding[rows])
    columns = asked.columns and [asked.columns[row] for row in rows]
    patients = asked.patients and [asked.patients[row] for row in rows]
    return _NetworkOutputs(
        asked.image[rows], outputs, [asked.statistics[row] for row in rows], columns, patients
    ), sides


def _refuse_strange(bundle: Model, asked: _NetworkOutputs, name: str) -> None:
    """Tell how many of the images the bundle could not assess as it was.

    Raises:
        DataError: most of them. Thresholds can be fitted to anything; what they say then is nothing.
    """
    record = bundle.record
    is_stopped = np.any(list(record.gate.stopped(np.stack(asked.statistics)).values()), axis=0)
    if bundle.typical is not None and record.oddness is not None:
        is_stopped = is_stopped | (bundle.typical.distances(asked.outputs.embedding) > record.oddness.limit)
    said = f"{is_stopped.sum()} of the {counted(len(is_stopped), 'image')} of {name} cannot be assessed by this bundle"
    if is_stopped.mean() > MOST_STRANGE:
        raise DataError(
            f"{said}: too different from its training images. 'lentigo predict' gives the reason for each image; train "
            "on such images instead."
        )
    if is_stopped.mean() > STRANGE:
        logger.warning(
            "%s. After recalibration most such images will be accepted; review its predictions on them.", said
        )


def _say_what_to_expect(calibration: Calibration, n_malignant: int, unit: str) -> None:
    """Tell how far the sensitivity of the threshold that decides may be from the wanted one on new images."""
    wanted = calibration.operating_points[0].target_sensitivity
    if not np.isfinite(wanted):
        return
    low, high = range_of_sensitivity(wanted, n_malignant)
    how = logger.warning if low < wanted - TOO_FAR else logger.info
    how(
        "%s the threshold: on new ones from there its sensitivity lies between %s and %s, nine times in ten.",
        counted(
            n_malignant,
            f"{unit} with a malignant image decides",
            f"{units_in_words(unit)} with a malignant image decide",
        ),
        figure_text(low, 2), figure_text(high, 2),
    )  # fmt: skip


def _refitted(
    bundle: Model, decision: DecisionRule, asked: _NetworkOutputs, is_malignant: NDArray[np.bool_], told: str
) -> BundleRecord:
    """Return the record of a bundle that decides as the images from there ask for."""
    record, oddness = bundle.record, bundle.record.oddness
    decision = dataclasses.replace(decision, fusion=bundle.decision.fusion)
    if bundle.typical is not None and oddness is not None:
        oddness = loosen_oddness(oddness, bundle.typical.distances(asked.outputs.embedding))
    record = dataclasses.replace(
        record,
        name=record.name if CALIBRATED_ON in record.data else f"{record.name} (calibrated locally)"[:200],
        decision=decision,
        gate=loosen_gate(record.gate, np.stack(asked.statistics)),
        oddness=oddness,
        known_answer=KnownAnswer.of_network(bundle.network, decision.probability_map, known_picture(record.image.size)),
        parity=dataclasses.replace(record.parity, sensitivity_lost=None, decisions_changed=None),
        data=record.data | {CALIBRATED_ON: told},
        metrics={},
        measured=(),
        scores=None,
        lesion=None,  # its calibration was the old one's
    )
    fitted = bundle.with_record(record)
    scores = score_validation(
        fitted, asked.outputs, asked.statistics, is_malignant, columns=asked.columns, patients=asked.patients
    )
    return dataclasses.replace(record, scores=scores)
