"""Which extra of lentigo brings which package: so that a missing one is named by the line that installs it."""

from typing import Final

from lentigo.errors import MissingExtraError

__all__ = ["extras", "missing_extra", "packages_of"]

# The base install answers (predict, explain, info); everything else is an extra. As in pyproject.toml, by import name.
_BROUGHT_BY: Final = {
    "lab": ("pandas", "scipy", "sklearn", "matplotlib", "jinja2", "cleanlab", "usearch", "requests"),
    "train": ("torch", "torchvision", "timm", "safetensors", "onnx", "onnxscript", "tqdm"),
    "serve": ("fastapi", "uvicorn", "starlette", "pydantic", "python_multipart", "prometheus_client"),
    "dicom": ("pydicom", "highdicom", "pynetdicom", "pylibjpeg", "openjpeg", "jpeg_ls"),
    "ray": ("ray",),
    "openvino": ("openvino",),
    "fast": ("numba",),
    "parquet": ("pyarrow",),
    "excel": ("openpyxl",),
    "hdf5": ("h5py",),
    "heic": ("pillow_heif",),
    "tensorboard": ("tensorboard",),
    "mlflow": ("mlflow",),
    "hub": ("huggingface_hub",),
    "croissant": ("mlcroissant",),
    "isic": ("isic_cli", "isic_metadata"),
    "docs": ("mkdocs", "material"),
}


def missing_extra(error: ImportError, *, purpose: str) -> MissingExtraError | None:
    """Return the error that names the extra a failed import asks for; None where no extra brings that package.

    Args:
        error: of the import.
        purpose: what it is needed for, to finish the sentence "... is needed to".

    Example:
        >>> missing_extra(ModuleNotFoundError(name="pandas"), purpose="audit").extra
        'lab'
    """
    package = (error.name or "").partition(".")[0]
    extra = next((extra for extra, packages in _BROUGHT_BY.items() if package in packages), None)
    return None if extra is None else MissingExtraError(package, extra=extra, purpose=purpose)


def extras() -> tuple[str, ...]:
    """Return the names of the extras.

    Example:
        >>> extras()[0]
        'lab'
    """
    return tuple(_BROUGHT_BY)


def packages_of(extra: str) -> tuple[str, ...]:
    """Return the packages that an extra brings, by import name.

    Example:
        >>> packages_of("ray")
        ('ray',)
    """
    return _BROUGHT_BY[extra]
