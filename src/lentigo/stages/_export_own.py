"""`lentigo export MODEL.onnx|.safetensors`: a finished model of one's own into a bundle.

Calibration, thresholds, parity, input gate, reference cases and card come from the code that exports a run; what that
code reads from a run is here measured on labelled validation images, or said to be missing.
"""

import dataclasses
import logging
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

import numpy as np
from numpy.typing import NDArray

from lentigo.config import Config, ImageConfig
from lentigo.data.manifest import Manifest
from lentigo.data.sources import read_data
from lentigo.errors import ConfigError, DataError, ModelError, name_offenders
from lentigo.images import Preprocess
from lentigo.numbers.predictions import Predictions
from lentigo.progress import Track, silent
from lentigo.stages._calibrate import fit_calibration
from lentigo.stages._export_cases import decoded, phantom_pixels
from lentigo.stages._own_model import OwnModel, read_normalisation
from lentigo.stages._run_folder import choices_of, taxonomy_of
from lentigo.storage import refuse_foreign, sha256_of
from lentigo.wording import counted

if TYPE_CHECKING:  # torch is loaded when a model is exported, not before
    from lentigo.bundling import Cases, ExportFacts, OwnOnnx
    from lentigo.model import Model
    from lentigo.training import Classifier

logger = logging.getLogger(__name__)
MOST_IMAGES: Final = 4000  # to calibrate on; decoded at once, 600 MB at 224 px


def export_own(
    own: OwnModel,
    val: str | Path,
    out: str | Path,
    *,
    config: Config | None = None,
    storage: str = "float32",
    n_references: int = 1000,
    pictures_licence: str = "",
    data_licence: str = "",
    force: bool = False,
    track: Track = silent,
) -> "Model":
    """Return the bundle made of a finished model; it is written only if its predictions match the model's.

    Args:
        own: the file, its classes and normalisation.
        val: labelled images that the model has not learned from, as `read_data` takes them. Where the data have splits,
            those of val are used, and those of train as reference cases.
        out: the folder to make.
        config: image size and fit, aliases, calibration; the defaults when left out.
        storage: of the weights: float32, float16 or int8.
        n_references: reference cases to keep.
        pictures_licence: under which small pictures of them may be shown.
        data_licence: of the images that the model has learned from.
        force: replace a bundle that stands at `out`.
        track: draws progress.

    Raises:
        LentigoError: file, classes, normalisation, size or data do not fit each other; the message says which.
    """
    from lentigo.bundling import ExportOptions, build_bundle, build_from_network, own_network
    from lentigo.model import KNOWN_FILES, RECORD

    place, options = Path(out), ExportOptions(storage, n_references, pictures_licence)
    refuse_foreign(place, kind="bundle", is_ours={*KNOWN_FILES, RECORD}.__contains__, force=force, mark=RECORD)
    config = config or Config()
    own = dataclasses.replace(own, classes=tuple(map(taxonomy_of(config).target, own.classes)))  # words to codes
    config, model = _opened(own, config)
    manifest, train = _images(val, own, config)
    cases = decoded(manifest, Preprocess(config.image), track, of="the data")
    logits = _logits(own, model, cases, config.image)
    facts = _facts(own, manifest, cases, logits, config, data_licence=data_licence)
    references = None
    if train is not None and n_references and _has_embedding(model):
        rows = np.random.default_rng(config.seed).permutation(len(train))[:n_references]
        references = decoded(train.select(np.sort(rows)), Preprocess(config.image), track, of="the data")
    _say_what_is_missing(model, has_train=train is not None)
    further = phantom_pixels(Preprocess(config.image))
    if isinstance(model, list):
        return build_bundle(
            place, model, facts, val=cases, references=references, further=further, options=options, force=force,
            track=track,
        )  # fmt: skip
    network = own_network(model, facts, config.image, cases, further=further, storage=storage, track=track)
    return build_from_network(
        place, network, facts, config.image, val=cases, references=references, options=options, force=force, track=track
    )


def _opened(own: OwnModel, config: Config) -> "tuple[Config, OwnOnnx | list[Classifier]]":
    """Return the settings that the model needs, and the model: of an ONNX file, or of weights in their network.

    Raises:
        ConfigError: the normalisation is not one, or the ONNX file takes another size.
        ModelError: the file is of other classes.
    """
    from lentigo.bundling import OwnOnnx
    from lentigo.training import Classifier, choose_device, finished_network, with_source

    if own.normalisation:
        mean, std = read_normalisation(own.normalisation)
        config = config.changed({"image.mean": mean, "image.std": std})
    if not own.is_onnx:
        config = config.changed({"model.backbone": own.backbone, "model.weights": str(own.path)})
        sourced = with_source(config)
        stated = {"image.mean": config.image.mean, "image.std": config.image.std} if own.normalisation else {}
        config = sourced.changed(stated)
        network = finished_network(config, len(own.classes))
        return config, [Classifier(network, own.classes, Preprocess(config.image), choose_device("cpu"), 1)]
    file = OwnOnnx.read(own.path)
    if file.n_classes != len(own.classes):
        raise ModelError(
            f"{own.path} has {file.n_classes} outputs per image, and "
            f"{counted(len(own.classes), 'class is', 'classes are')} named: "
            f"{name_offenders(own.classes)}. Name one class per output, in their order, with --classes."
        )
    default = ImageConfig().size
    if file.size is not None and config.image.size not in {file.size, default}:
        raise ConfigError(
            f"{own.path} takes images of {file.size} px, but image.size is {config.image.size}. Omit image.size."
        )
    return config.changed({"image.size": file.size or config.image.size}), file


def _images(val: str | Path, own: OwnModel, config: Config) -> tuple[Manifest, Manifest | None]:
    """Return the validation images and, where the data have them, training images, their classes those of the model.

    Raises:
        DataError: there is no validation image, or one of a class that the model does not have.
    """
    taxonomy = taxonomy_of(config)
    task: Literal["binary", "diagnosis"] = "binary" if set(own.classes) == {"benign", "malignant"} else "diagnosis"
    whole = _with_classes(read_data(val, taxonomy=taxonomy, task=task, choices=choices_of(config)), own)
    if not whole.has_split:
        return _at_most(whole), None
    train, chosen = whole.subset("train"), whole.subset("val")
    if len(chosen) == 0:
        raise DataError(
            f"{val} has splits but no val images, on which thresholds are chosen. "
            "Add some, or give other images with --val."
        )
    return _at_most(chosen), train if len(train) else None


def _with_classes(manifest: Manifest, own: OwnModel) -> Manifest:
    """Return the images with the model's classes in the model's order.

    Raises:
        DataError: an image is of another class.
    """
    unknown = [name for name in manifest.classes if name not in own.classes]
    if unknown:
        raise DataError(
            f"{manifest.origin} has images of {name_offenders(unknown)}, which --classes does not name: "
            f"{name_offenders(own.classes)}. Remove these images, or map your words with --set data.aliases.WORD=CODE."
        )
    return dataclasses.replace(manifest, classes=own.classes)


def _at_most(manifest: Manifest) -> Manifest:
    if len(manifest) <= MOST_IMAGES:
        return manifest
    logger.info("Drawn for calibration: %d of %s.", MOST_IMAGES, counted(len(manifest), "image"))
    return manifest.select(np.sort(np.random.default_rng(0).permutation(len(manifest))[:MOST_IMAGES]))


def _logits(
    own: OwnModel, model: "OwnOnnx | list[Classifier]", cases: "Cases", image: ImageConfig
) -> NDArray[np.float32]:
    """Return what the model says of the validation images.

    Raises:
        ModelError: it says NaN or infinite values.
    """
    from lentigo.bundling import mean_logits

    pixels = cases.pixels
    said = mean_logits(model, pixels, batch_size=32) if isinstance(model, list) else model.original(pixels, image)
    is_bad = ~np.isfinite(said).all(axis=1)
    if is_bad.any():
        raise ModelError(
            f"{own.path} returns NaN or infinite values on {int(is_bad.sum())} of {counted(len(said), 'image')}. Check "
            "its normalisation, or export it again as float32."
        )
    return np.asarray(said, dtype=np.float32)


def _facts(
    own: OwnModel,
    manifest: Manifest,
    cases: "Cases",
    logits: NDArray[np.float32],
    config: Config,
    *,
    data_licence: str,
) -> "ExportFacts":
    """Return what the bundle says of itself: calibrated here, nothing measured on test, sources as the user states."""
    from lentigo.bundling import ExportFacts, combine_licences, stated_source
    from lentigo.model.decision import softmax

    said = Predictions(np.array(cases.image_id), cases.target, softmax(logits), own.classes)
    calibration = fit_calibration(said, manifest, config)
    return ExportFacts(
        name=own.path.stem[:100],
        backbone=own.backbone or f"ONNX file {own.path.name}"[:200],
        decision=calibration.rule,
        data={
            "model file": f"{own.path.name[:100]}, sha256 {sha256_of(own.path)}",
            "images": f"val {len(cases.image_id)}; training images unknown to lentigo",
            "sides": taxonomy_of(config).describe(names_diagnoses=manifest.names_diagnoses)[:200],
        },
        metrics={},
        licence=combine_licences(
            [stated_source("images that the model learned from", data_licence), stated_source("the model", own.licence)]
        ),
    )


def _has_embedding(model: "OwnOnnx | list[Classifier]") -> bool:
    return isinstance(model, list) or bool(model.embedding)


def _say_what_is_missing(model: "OwnOnnx | list[Classifier]", *, has_train: bool) -> None:
    if not _has_embedding(model):
        logger.warning(
            "The ONNX file has no linear layer at its end, so no embedding is found: the bundle has the input gate, "
            "and neither reference cases nor an out-of-distribution score."
        )
    elif not has_train:
        logger.warning(
            "The data have no images of train: the bundle has the input gate, and neither reference cases nor an "
            "out-of-distribution score."
        )
    if not isinstance(model, list):
        logger.warning("An ONNX file gives no class-activation map: 'explain' of the bundle uses occlusion.")
