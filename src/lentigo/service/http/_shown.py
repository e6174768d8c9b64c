"""What the page needs to say the truth about its service: what is kept, where it begins, and a photograph as judged."""

import base64
import io
from typing import Any, Final

from PIL import Image

from lentigo.model import DecodedImage, content_box
from lentigo.service.http._settings import ServiceSettings

CLINIC: Final = 0.07  # a referral clinic, as the page says; validation sets hold far more

_AUDIT: Final = (
    "For every answer the service keeps its time, its probabilities and a fingerprint (SHA-256) of the photograph: no "
    "photograph can be made from it, but whoever has the same file can recognise it."
)
_DRIFT: Final = (
    "For every answer the service keeps its time, a score, the decision and its reasons, and any outcome that is "
    "reported later."
)
_NOTHING: Final = "The service keeps nothing of photographs or answers."
_NEVER: Final = "No photograph, file name or metadata is kept."


def keeps_in_words(settings: ServiceSettings) -> str:
    """Return what a service keeps of what it is asked.

    Example:
        >>> keeps_in_words(ServiceSettings())
        'The service keeps nothing of photographs or answers.'
    """
    kept = [words for path, words in ((settings.audit_log, _AUDIT), (settings.drift_log, _DRIFT)) if path is not None]
    return " ".join([*kept, _NEVER]) if kept else _NOTHING


def about_service(settings: ServiceSettings) -> dict[str, Any]:
    """Return what the page asks of the service itself, as JSON types."""
    return {
        "keeps": keeps_in_words(settings),
        "audit_log": settings.audit_log is not None,
        "drift_log": settings.drift_log is not None,
        "prevalence": settings.prevalence or CLINIC,
        "is_prevalence_given": settings.prevalence is not None,
    }


def preview(seen: DecodedImage, fit: str) -> dict[str, Any]:
    """Return a photograph as it was judged: the pixels that the network gets, without padding, as JSON types.

    Args:
        seen: decoded and fitted.
        fit: how: pad, squeeze or crop.
    """
    width, height = seen.size
    pixels = seen.pixels[content_box(width, height, len(seen.pixels), fit)]
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, "PNG")
    short = min(width, height)
    wide, high = (short / width, short / height) if fit == "crop" else (1.0, 1.0)
    return {
        "png": f"data:image/png;base64,{base64.b64encode(stream.getvalue()).decode()}",
        "box": [(1 - wide) / 2, (1 - high) / 2, wide, high],
        "ratio": width / height,
    }
