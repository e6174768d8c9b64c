"""`open_model`: the only place that knows which kinds of model there are, and by which names they go.

A kind is a folder with a file of its own, and a backend that opens such folders. Two come with lentigo; another package
adds one by an entry point of the group `lentigo.backends`.
"""

import importlib
import inspect
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol, cast

from lentigo.errors import BundleError, ConfigError, MissingExtraError, ModelError, suggest
from lentigo.extras import missing_extra
from lentigo.model._runtime import Model
from lentigo.model._versions import SHIPPED, is_shipped, shipped_folder, versions

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

GROUP: Final = "lentigo.backends"
# The file that marks each kind of folder, and the backend that opens it: as text, because torch's lies above this ring.
# They stand in pyproject.toml, too; this is for a lentigo that was not installed, and spares a search of all packages.
BUILT_IN: Final = {
    "bundle": ("bundle.json", "onnxruntime", "lentigo.model._bundle:BACKEND"),
    "run": ("config.toml", "torch", "lentigo.stages._torch_backend:BACKEND"),
}
BY_NAME: Final = {"openvino": "lentigo.model._openvino:BACKEND"}  # opens bundles, where it is asked for


class Backend(Protocol):
    """What opens one kind of model; `marker` is the file by which its folders are known."""

    @property
    def marker(self) -> str:
        """Name of a file that lies in every folder of this kind, and in no other."""
        ...

    def open(
        self, folder: Path, *, threads: int | None, spin: bool, views: int | None, precision: str | None = None
    ) -> Model:
        """Return the model in a folder that holds the marker; `precision` is given only where somebody asks for one.

        Raises:
            LentigoError: it is damaged, or cannot be run here.
        """
        ...


def open_model(
    model: str | Path,
    *,
    backend: str | None = None,
    threads: int | None = None,
    spin: bool = True,
    views: int | None = None,
    precision: str | None = None,
) -> Model:
    """Return a model that is ready to predict.

    Args:
        model: a run folder, a bundle folder, "lentigo" for the newest bundle that comes with the package, or
            "lentigo@1" for exactly that version.
        backend: what opens it and computes its network, by name ("onnxruntime" or "openvino" for a bundle, "torch" for
            a run); by default the one that knows such folders.
        threads: for the network; all cores this process may use by default.
        spin: let idle threads wait actively, which answers sooner on cores that have nothing else to do, and takes
            them from everybody else on those that have.
        views: of each picture that are averaged, 1 or 8; by default as many as the model has.
        precision: float32 (default), or with openvino bfloat16.

    Raises:
        ModelError: it is not a model, is damaged, or is a version that is not there.
        ConfigError: no backend has that name, or it does not open such a model, or not in that precision.

    Example:
        >>> open_model(bundle_folder).classes
        ('benign', 'malignant')
    """
    place = place_of(model)
    found = _backend_named(backend) if backend else _backend_for(place)
    if found is None:
        raise ModelError(_refusal(model, place))
    if backend is not None:
        _refuse_other_kind(model, place, backend)
    if precision is None:
        return found.open(place, threads=threads, spin=spin, views=views)
    if "precision" not in inspect.signature(found.open).parameters:
        raise ConfigError("the backend of this model has a fixed precision. Omit --precision.")
    return found.open(place, threads=threads, spin=spin, views=views, precision=precision)


def open_bundle(
    model: str | Path,
    *,
    backend: str | None = None,
    threads: int | None = None,
    spin: bool = True,
    precision: str | None = None,
) -> Model:
    """Return a bundle, for what only a bundle can do: arguments and errors as of `open_model`.

    Raises:
        BundleError: it is a run, which has to be exported first.
        ModelError: it predicts from embeddings.

    Example:
        >>> open_bundle(bundle_folder).record.classes
        ('benign', 'malignant')
    """
    if kind_of(model) == "run":
        raise BundleError(f"{model} is a run. Export it first: lentigo export {model} --out BUNDLE")
    found = open_model(model, backend=backend, threads=threads, spin=spin, precision=precision)
    found.refuse_photographs()  # all that only a bundle can do is done with photographs
    return found


def kind_of(model: str | Path) -> str | None:
    """Return the kind of a model, by its folder alone: "bundle", "run", or None for what is neither.

    Example:
        >>> kind_of(bundle_folder), kind_of(run), kind_of(folder)
        ('bundle', 'run', None)
    """
    place = place_of(model)
    return next((kind for kind, (marker, *_) in BUILT_IN.items() if (place / marker).is_file()), None)


def place_of(model: str | Path) -> Path:
    """Return the folder that a model's name or path stands for; a folder of that very name goes first.

    Raises:
        ModelError: it is a version of the shipped model that is not there.

    Example:
        >>> place_of("lentigo") == shipped_folder()
        True
    """
    path = Path(model)
    if is_shipped(str(model)) and not any((path / marker).is_file() for marker, *_ in BUILT_IN.values()):
        return shipped_folder(str(model))
    return path


def built_in_backends() -> dict[str, str]:
    """Return where each backend of lentigo's own lies, by its name.

    Example:
        >>> list(built_in_backends())
        ['onnxruntime', 'torch', 'openvino']
    """
    return {name: where for _, name, where in BUILT_IN.values()} | BY_NAME


def _refuse_other_kind(model: str | Path, place: Path, backend: str) -> None:
    """Raise where one of our own backends is asked to open what it does not.

    Raises:
        ModelError: it is not a model.
        ConfigError: it is another kind of model.
    """
    kind = kind_of(place)
    if backend not in built_in_backends():
        return
    if kind is None:
        raise ModelError(_refusal(model, place))
    if (kind == "run") != (backend == "torch"):
        remedy = f"Export it first: lentigo export {model} --out BUNDLE" if kind == "run" else "Omit --runtime."
        raise ConfigError(f"{model} is a {kind}, which {backend} cannot run. {remedy}")


def _backend_for(place: Path) -> Backend | None:
    kind = kind_of(place)
    if kind is not None:
        return _load(*BUILT_IN[kind][1:])
    others = (cast("Backend", point.load()) for point in _entry_points().values())
    return next((found for found in others if (place / found.marker).is_file()), None)


def _backend_named(wanted: str) -> Backend:
    built_in = built_in_backends()
    others = _entry_points()
    if wanted in built_in:
        return _load(wanted, built_in[wanted])
    if wanted in others:
        return cast("Backend", others[wanted].load())
    known = [*built_in, *others]
    raise ConfigError(f"unknown backend '{wanted}'.{suggest(wanted, known)} Installed are: {', '.join(known)}.")


def _entry_points() -> "dict[str, EntryPoint]":
    from importlib import metadata  # not for a bundle under onnxruntime

    built_in = built_in_backends()
    return {point.name: point for point in metadata.entry_points(group=GROUP) if point.name not in built_in}


def _load(name: str, where: str) -> Backend:
    module, _, attribute = where.partition(":")
    try:
        return cast("Backend", getattr(importlib.import_module(module), attribute))
    except (ModuleNotFoundError, MissingExtraError) as error:
        missing = error if isinstance(error, MissingExtraError) else missing_extra(error, purpose="")
        if missing is None:
            raise
        # the lab alone does not open a run: torch is needed next
        raise MissingExtraError(missing.package, extra="train", purpose=f"open this model with {name}") from error


def _refusal(model: str | Path, place: Path) -> str:
    remedy = f"Give a run folder, a bundle folder, or '{SHIPPED}'."
    if not place.exists():
        known = [SHIPPED, *(name for version in versions() for name in (version.name, version.folder.name))]
        return f"'{model}' does not exist.{suggest(str(model), known)} {remedy}"
    if not place.is_dir():
        return f"'{model}' is not a folder. {remedy}"
    markers = " nor ".join(marker for marker, *_ in BUILT_IN.values())
    return f"'{model}' is not a model: it has neither {markers}. {remedy}"
