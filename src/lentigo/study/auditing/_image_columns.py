"""What photographs alone say that an evaluation makes subgroups of: estimated skin tone, and size; nothing else."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd

from lentigo.config import ImageConfig
from lentigo.errors import ImageError
from lentigo.images import open_image, stream_images
from lentigo.progress import Track, silent
from lentigo.study.auditing._image_traits import file_traits
from lentigo.study.auditing._looking import DRAFT_SIDE, read_content
from lentigo.study.auditing._overlap import BATCH
from lentigo.study.auditing.quality import measure_tone, tone_classes


def image_columns(paths: Sequence[Path], *, image: ImageConfig | None = None, track: Track = silent) -> pd.DataFrame:
    """Return `skin_tone`, `width` and `height` of each photograph, as an audit finds them; missing where unreadable.

    It takes a quarter of the time of a survey, which looks for rulers, hair, ink and copies too.

    Args:
        paths: N files.
        image: limits of images.
        track: draws progress.

    Example:
        >>> image_columns([photo])["width"].tolist()
        [48.0]
    """
    look = partial(_look, limits=image or ImageConfig())
    seen = (one for batch in stream_images(paths, look, batch_size=BATCH) for one in batch)
    rows: list[dict[str, Any]] = [
        {} if isinstance(one, ImageError) else one for one in track(seen, "Looking at skin tone", len(paths))
    ]
    names = ("ita", "ita_low", "ita_high", "width", "height")
    table = pd.DataFrame(rows, columns=list(names), index=range(len(rows)), dtype=float)
    tones = pd.Series(tone_classes(table), dtype=object).where(table["width"].notna(), None)
    return pd.DataFrame({"skin_tone": tones, "width": table["width"], "height": table["height"]})


def _look(path: Path, limits: ImageConfig) -> dict[str, float]:
    content = read_content(path, limits)
    tone = measure_tone(open_image(content, limits=limits, draft_side=DRAFT_SIDE))
    traits = file_traits(content)
    return tone | {"width": float(traits["file_width"]), "height": float(traits["file_height"])}
