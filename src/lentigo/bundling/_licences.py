"""What the weights may be used for: the licences of the images and of the weights they started from.

Nobody can license weights more freely than what they were made from allows; what is not known is said to be unknown,
never taken for free.
"""

import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

from lentigo.data.fetching import SOURCE_JSON
from lentigo.errors import LentigoError
from lentigo.model import RECORD, Licence, LicensedSource, is_shipped, shipped_folder
from lentigo.storage import read_json
from lentigo.training import IMAGENET_TAGS, LITE, LITE_LICENCE

LEVELS_UP: Final = 4  # from an image's folder to the folder of the set
_NON_COMMERCIAL: Final = re.compile(r"\bNC\b|non-?commercial|research only", re.IGNORECASE)
_FREE: Final = re.compile(r"^(apache|mit\b|bsd|cc0|cc[ -]by(?![ -](?:nc|nd|sa))|public domain)", re.IGNORECASE)
_SAYS: Final = {
    "yes": "Data and initial weights allow commercial use; keep their notices.",
    "no": "Not for commercial use: one of the sources forbids it.",
    "unknown": "Unknown: the licence of a source is not stated. Use it for research only until its owner agrees.",
}


def combine_licences(sources: Sequence[LicensedSource]) -> Licence:
    """Return the permitted use of weights made from these sources: that of the strictest source.

    Example:
        >>> made_from = LicensedSource("data", "CC0 1.0", "yes"), LicensedSource("weights", "CC BY-NC 4.0", "no")
        >>> combine_licences(made_from).is_commercial
        'no'
    """
    verdicts = [source.is_commercial for source in sources] or ["unknown"]
    verdict = next((word for word in ("no", "unknown") if word in verdicts), "yes")
    return Licence(f"{_SAYS[verdict]} Research use; not a medical device.", verdict, tuple(sources))


def data_sources(paths: Iterable[Path], *, stated: str = "") -> list[LicensedSource]:
    """Return the sources of the images, by what `lentigo fetch` has left beside them.

    Args:
        paths: the image files.
        stated: the licence as the user states it, for images that no source.json speaks of.
    """
    folders = {path.parent for path in paths}
    found: dict[str, LicensedSource] = {}
    for folder in sorted(folders):
        place = next((up for up in (folder, *folder.parents[:LEVELS_UP]) if (up / SOURCE_JSON).is_file()), None)
        if place is None:
            found["training images"] = stated_source("training images", stated)
            continue
        try:
            about = read_json(place / SOURCE_JSON)
        except LentigoError:
            about = {}
        title = str(about.get("title", "training images"))[:200]
        found[title] = stated_source(title, str(about.get("licence", "")))
    return list(found.values())


def weights_source(backbone: str, weights: str, *, stated: str = "") -> LicensedSource | None:
    """Return the source of the initial weights; None for random ones.

    Args:
        backbone: its name in timm.
        weights: imagenet, lentigo or one of its versions, none, efficientnet-lite0 to 2, or a file.
        stated: the licence as the user states it, for a file.
    """
    if weights == "none":
        return None
    if weights == "imagenet":
        import timm  # after lentigo.training, which puts off what timm would import

        about = timm.get_pretrained_cfg(IMAGENET_TAGS.get(backbone, backbone))
        licence = (about.license if about is not None else "") or ""
        return stated_source(f"ImageNet weights of {backbone} (timm; ImageNet's own terms are for research)", licence)
    if is_shipped(weights):
        return _of_shipped(weights)
    if weights in LITE:
        return stated_source(f"ImageNet weights of {weights} (ImageNet's own terms are for research)", LITE_LICENCE)
    path = Path(weights)
    return stated_source(f"initial weights {path.name}", stated or _licence_beside(path))


def _of_shipped(weights: str) -> LicensedSource:
    """Return a shipped model as the source of initial weights: it is bound by all that it was made from."""
    folder = shipped_folder(weights)
    about = read_json(folder / RECORD)["licence"]
    licences = "; ".join(dict.fromkeys(str(source["licence"]) for source in about["sources"]))
    return LicensedSource(f"the model that lentigo ships ({folder.name})", licences[:400], str(about["is_commercial"]))


def _licence_beside(path: Path) -> str:
    """Return the licence that the name of a LICENSE file beside the weights tells; empty when there is none."""
    folder = path if path.is_dir() else path.parent
    if not folder.is_dir():
        return ""
    for file in sorted(folder.iterdir()):
        if file.is_file() and re.match(r"licen[cs]e", file.name, re.IGNORECASE):
            told = re.search(r"CC-?(?:0|BY)[A-Z0-9.-]*|Apache-2\.0|MIT|BSD-\d-Clause", file.stem, re.IGNORECASE)
            if told:
                return told.group(0).replace("CC-BY", "CC BY")
    return ""


def stated_source(what: str, licence: str) -> LicensedSource:
    """Return a source with its licence as it is stated; unknown where it is not.

    Example:
        >>> stated_source("embeddings", "CC BY-NC 4.0").is_commercial
        'no'
    """
    if not licence:
        return LicensedSource(what, "not stated", "unknown")
    verdict = "no" if _NON_COMMERCIAL.search(licence) else "yes" if _FREE.match(licence) else "unknown"
    return LicensedSource(what, licence[:400], verdict)
