"""Which extra of lentigo brings which package: so that a missing one is named by the line that installs it."""

from typing import Final

from lentigo.errors import MissingExtraError

__all__ = ["missing_extra"]

# The base install answers (predict, explain, info); everything else is an extra. As in pyproject.toml, by import name.
_BROUGHT_BY: Final = {
    "lab": ("pandas", "scipy", "sklearn", "matplotlib", "jinja2", "cleanlab", "usearch", "requests"),
    "train": ("torch", "torchvision", "timm", "safetensors", "onnx", "onnxscript", "tqdm"),
    "serve": ("fastapi", "uvicorn", "starlette", "pydantic", "python_multipart", "prometheus_client"),
    "dicom": ("pydicom", "highdicom", "pynetdicom", "pylibjpeg", "openjpeg", "jpeg_ls"),
    "ray": ("ray",),
    "parquet": ("pyarrow",),
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
