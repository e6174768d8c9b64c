"""`lentigo embed`: one row of numbers per image, from any run, bundle, backbone of timm, or ONNX file."""

import dataclasses
import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from lentigo.config import Config, ImageConfig
from lentigo.data.sources import read_data
from lentigo.errors import ConfigError, DataError, LentigoError, ModelError, name_offenders
from lentigo.images import Preprocess, refuse_unreadable, stream_images, strip_suffix, walk_images
from lentigo.model import (
    Embeddings,
    decode_image,
    kind_of,
    open_model,
    refuse_suffix,
    silence_onnxruntime,
    write_embeddings,
)
from lentigo.progress import Track, silent
from lentigo.stages._run_folder import Run, choices_of, taxonomy_of
from lentigo.storage import refuse_existing, sha256_of
from lentigo.wording import counted

logger = logging.getLogger(__name__)

BATCH: Final = 32
Pixels = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Embedded:
    """What `embed` has written.

    Args:
        path: of the file.
        n_images: rows.
        width: numbers per row.
        origin: what made them.
        licence: of that, as far as it is known.
        left_out: ids of images that could not be read.

    Example:
        >>> Embedded(Path("emb.parquet"), 3, 512, "resnet18", "", ()).width
        512
    """

    path: Path
    n_images: int
    width: int
    origin: str
    licence: str
    left_out: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class _Source:
    """What makes embeddings of fitted pixels (N, S, S, 3)."""

    run: Callable[[Pixels], NDArray[np.float32]]
    preprocess: Preprocess
    origin: str
    licence: str = ""


def embed(
    model: str | Path,
    data: str | Path,
    out: str | Path,
    *,
    config: Config | None = None,
    output: str = "",
    licence: str = "",
    force: bool = False,
    track: Track = silent,
) -> Embedded:
    """Return what was written: one row per image, with origin and licence, for `lentigo train --features`.

    Args:
        model: a run, a bundle, "lentigo", the name of a backbone of timm (with `config.model.weights`), or an ONNX
            file that takes pictures.
        data: as `read_data` takes it, or a folder of images without labels.
        out: the file to make: .parquet, .npz or .csv.
        config: image settings and weights of a backbone or ONNX file, columns of the data, unreadable images.
        output: of an ONNX file, the name of the output to keep; its only one, or "embedding", by default.
        licence: of the model, where it does not state one itself.
        force: overwrite a file at `out`.
        track: draws progress.

    Raises:
        DataError: there are no images, or some cannot be read.
        ModelError: it is not a model, or gives no vectors.

    Example:
        >>> embed(bundle_folder, phantom, folder / "emb.npz").n_images
        120
    """
    config, path = config or Config(), Path(out)
    refuse_suffix(path)
    refuse_existing(path, force=force)
    source = _source_of(model, config, output)
    ids, paths = _images_of(data, config)
    values: list[NDArray[np.float32]] = []
    kept: list[str] = []
    problems: dict[int, str] = {}
    batches = stream_images(paths, lambda one: decode_image(one, source.preprocess), batch_size=BATCH)
    row = 0
    for batch in track(batches, "Embedding images", len(paths), unit=BATCH):
        seen = []
        for outcome in batch:
            if isinstance(outcome, LentigoError):
                problems[row] = str(outcome)
            else:
                seen.append(outcome.pixels)
                kept.append(ids[row])
            row += 1
        if seen:
            values.append(_vectors(source.run(np.stack(seen)), source.origin))
    if config.data.unreadable == "error" or not values:
        refuse_unreadable(problems)
    elif problems:
        shown = name_offenders(problems.values(), limit=1)
        logger.warning("Excluded %s: %s", counted(len(problems), "unreadable image"), shown)
    stated = {"origin": source.origin, "licence": licence or source.licence}
    made = Embeddings(tuple(kept), np.concatenate(values), {key: text for key, text in stated.items() if text})
    write_embeddings(path, made)
    left_out = tuple(ids[row] for row in problems)
    return Embedded(path, len(kept), made.width, source.origin, stated["licence"], left_out)


def _vectors(values: NDArray[Any], origin: str) -> NDArray[np.float32]:
    """Return one vector per image; places and tokens are averaged.

    Raises:
        ModelError: the values are not finite numbers.
    """
    found = np.asarray(values, dtype=np.float32)
    if found.ndim == 4:
        found = found.mean(axis=(2, 3))
    elif found.ndim == 3:
        found = found.mean(axis=1)
    if found.ndim != 2 or not np.isfinite(found).all():
        raise ModelError(f"{origin} gives an output of shape {found.shape}, or NaN. Name a vector with --output.")
    return found


def _images_of(data: str | Path, config: Config) -> tuple[list[str], list[Path]]:
    """Return ids and paths: those of a manifest, or of all images of a folder that has no labels.

    Raises:
        DataError: neither can be read.
    """
    try:
        manifest = read_data(data, taxonomy=taxonomy_of(config), choices=choices_of(config))
    except DataError as error:
        paths = walk_images(Path(data)).images if Path(data).is_dir() else []
        ids = [strip_suffix(path.name) for path in paths]
        if not paths or len(set(ids)) < len(ids):
            raise
        logger.warning("%s has no labels (%s); images are named by their files.", data, str(error).splitlines()[0])
        return ids, list(paths)
    return manifest.table["image_id"].astype(str).tolist(), manifest.paths


def _source_of(model: str | Path, config: Config, output: str) -> _Source:
    kind = kind_of(model)
    if kind == "run":
        return _of_run(Run.open(model))
    if kind == "bundle":
        opened = open_model(model)
        opened.refuse_photographs()
        sources = opened.record.licence.sources
        licences = [f"{one.what}: {one.licence}" if sources[1:] else one.licence for one in sources]
        about = f"lentigo bundle {opened.name} (bundle.json {str(opened.provenance['bundle_sha256'])[:12]})"
        return _Source(lambda pixels: opened.outputs(pixels).embedding, opened.preprocess, about, "; ".join(licences))
    if Path(model).is_file() and Path(model).suffix.lower() == ".onnx":
        return _of_onnx(Path(model), config.image, output)
    return _of_backbone(str(model), config)


def _of_run(run: Run) -> _Source:
    from lentigo.bundling import embedder
    from lentigo.training import Classifier

    run.refuse_unfinished()
    config = run.config()
    if config.train.method == "features":
        raise ModelError(f"{run.folder} was trained on embeddings and has no network that makes them.")
    members = [Classifier.load(path, device="cpu", views=config.predict.views) for path in run.checkpoints()]
    networks = [member.network for member in members]
    ask = embedder(networks, config.image, views=config.predict.views)
    return _Source(ask, members[0].preprocess, f"lentigo run {run.folder.resolve().name} ({config.network})")


def _of_backbone(name: str, config: Config) -> _Source:
    from lentigo.bundling import embedder, weights_source
    from lentigo.training import starting_network

    config = config.changed({"model.backbone": name})
    network = starting_network(config, 2).eval()
    ask = embedder([network], config.image, views=1)
    weights = weights_source(name, config.model.weights)
    started = Path(config.model.weights).name
    licence = weights.licence if weights is not None else ""
    return _Source(ask, Preprocess(config.image), f"{name} from {started}, {config.image.size} px", licence)


def _of_onnx(path: Path, image: ImageConfig, output: str) -> _Source:
    """Return an ONNX file asked with pictures: float32 (N, 3, S, S), normalised, or uint8 (N, S, S, 3).

    Raises:
        ModelError: onnxruntime cannot read it, or it takes something else.
        ConfigError: it has several outputs, or none of that name.
    """
    silence_onnxruntime()
    import onnxruntime

    try:
        session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    except Exception as error:
        reason = str(error).splitlines()[0][:200].rstrip(".")
        raise ModelError(f"{path} cannot be read by onnxruntime: {reason}. Export it again.") from error
    asked, outputs = session.get_inputs(), [one.name for one in session.get_outputs()]
    shape = asked[0].shape
    is_bytes = asked[0].type == "tensor(uint8)"
    if len(asked) != 1 or len(shape) != 4 or (asked[0].type != "tensor(float)" and not is_bytes):
        raise ModelError(f"{path} does not take one batch of pictures, but {[one.name for one in asked]} {shape}.")
    name = output or ("embedding" if "embedding" in outputs else outputs[0] if len(outputs) == 1 else "")
    if name not in outputs:
        raise ConfigError(f"{path} has the outputs {name_offenders(outputs)}. Choose one with --output.")
    side = shape[1 if is_bytes else 2]
    settings = dataclasses.replace(image, size=side) if isinstance(side, int) else image
    preprocess = Preprocess(settings)

    def ask(pixels: Pixels) -> NDArray[np.float32]:
        batch = pixels if is_bytes else np.ascontiguousarray(preprocess.normalize(pixels))
        n_at_once = shape[0] if isinstance(shape[0], int) else len(batch)
        parts = []
        for start in range(0, len(batch), n_at_once):
            part = batch[start : start + n_at_once]
            n_missing = n_at_once - len(part)  # a file for a fixed number of pictures gets the last one again
            filled = np.concatenate([part, np.repeat(part[-1:], n_missing, axis=0)]) if n_missing else part
            parts.append(session.run([name], {asked[0].name: filled})[0][: len(part)])
        return np.concatenate(parts)

    return _Source(ask, preprocess, f"{path.name} (sha256 {sha256_of(path)[:12]}), {settings.size} px")
