"""Images of the ISIC archive that answer a query, with their metadata, attributions and licences.

isic-cli's library asks and downloads. Its own command is not used: it exits 0 when images are missing, and asks
questions when the network is down.
"""

import csv
import logging
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import requests

from lentigo.data.fetching._catalogue import PublicSet
from lentigo.data.fetching._download import Meter, digests_of, no_meter
from lentigo.data.fetching._fetched import LOCK, SOURCE_JSON, FetchedFile, FetchedSet, write_record
from lentigo.data.fetching._transfer import why
from lentigo.errors import DataError, LentigoError, MissingExtraError, name_offenders
from lentigo.locks import locked
from lentigo.storage import new_file, read_json, write_json, write_text
from lentigo.wording import counted

if TYPE_CHECKING:
    from isic_cli.session import IsicCliSession

logger = logging.getLogger(__name__)

API: Final = "https://api.isic-archive.com/api/v2/"
N_AT_ONCE: Final = 10  # as isic-cli does
JOURNAL: Final = ".fetching.json"  # which images are ours, until all are there
TABLE: Final = "metadata.csv"
ABOUT: Final = PublicSet(
    name="isic-archive",
    title="ISIC archive: images that answer a query",
    images=0,
    classes="the archive's hierarchy of diagnoses",
    splits="none",
    licence="CC0, CC BY or CC BY-NC, image by image",
    licence_url="see the column copyright_license of metadata.csv and the folder licenses",
    homepage="https://www.isic-archive.com",
    citation=("The International Skin Imaging Collaboration (ISIC) Archive, https://www.isic-archive.com",),
    cautions=(
        "Give credit as in attribution.txt.",
        "Classes that come from different collections differ in device and clinic: audit before training.",
    ),
    bases=(API,),
    files=(),
)


class _Counter:
    """What isic-cli tells its progress to."""

    def update(self, task: object, *, advance: int) -> None:
        """Take note of nothing: images are counted where their success is known."""


def fetch_archive(
    query: str,
    out: str | Path,
    *,
    collection: str = "",
    about: PublicSet = ABOUT,
    limit: int = 0,
    force: bool = False,
    mirror: str = "",
    meter: Meter = no_meter,
    patience: int = 3,
) -> FetchedSet:
    """Return the images that answer a query, complete on disk and ready for `read_data`.

    Images that are there already in the right size are kept, so that a fetch that was cut goes on when called again.

    Args:
        query: in the archive's language: `diagnosis_3:"Melanoma Invasive" AND age_approx:[20 TO 40]`; empty for all.
        out: the folder: `images/`, metadata.csv, attribution.txt, licenses/.
        collection: the number of a collection of the archive, or several with commas between; empty for all.
        about: title, terms and citation to write down; a known set has its own.
        limit: at most so many images; 0 for all.
        force: ask again although the folder holds the answer to another query, or to this one.
        mirror: the address of the archive's interface, if not the official one.
        meter: hears of the progress, in images.
        patience: how often a request is tried again.

    Raises:
        MissingExtraError: isic-cli is not installed.
        DataError: the query is not understood, finds nothing, or the folder holds something else.
        LentigoError: the archive cannot be reached, or images failed.

    Example:
        >>> fetch_archive("sex:male", folder / "male", mirror="http://127.0.0.1:9/", patience=0)
        Traceback (most recent call last):
        ...
        lentigo.errors.LentigoError: the ISIC archive cannot be reached (connection refused). ...
    """
    folder = Path(out).expanduser()
    asked = {"query": query, "limit": limit, "collection": collection}
    if (folder / SOURCE_JSON).is_file() and not force:
        return _earlier(folder, about, asked)
    _refuse_strangers(folder, force=force)
    try:
        with locked(folder / LOCK, doing=f"fetching into {folder}"):
            return _fetch(folder, about, asked, mirror or API, meter, patience)
    except requests.HTTPError as error:
        if error.response is not None and error.response.status_code == 400:
            raise DataError(
                f"the ISIC archive does not understand the query {query!r}. Fields and values: "
                'https://www.isic-archive.com/data-dictionary. Example: diagnosis_3:"Nevus" AND sex:female'
            ) from error
        raise LentigoError(f"the ISIC archive has failed: {error}. Try again later.") from error
    except requests.RequestException as error:
        raise LentigoError(
            f"the ISIC archive cannot be reached ({why(error)}). Check the network, set HTTPS_PROXY if a proxy is "
            "needed, and run the command again; what was downloaded is kept."
        ) from error


def _earlier(folder: Path, about: PublicSet, asked: dict[str, Any]) -> FetchedSet:
    """Return what an earlier call left.

    Raises:
        DataError: it was another query.
    """
    kept = {"collection": "", **read_json(folder / SOURCE_JSON)}  # absent before collections could be named
    if {name: kept.get(name) for name in asked} != asked or kept.get("name") != about.name:
        raise DataError(
            f"{folder} holds the result of another query ({kept.get('name')}: {kept.get('query')!r}, limit "
            f"{kept.get('limit')}, collection {kept['collection'] or 'any'}). "
            "Choose another place with --out, or overwrite it with --force."
        )
    files = tuple(FetchedFile(**entry) for entry in kept["files"])
    return FetchedSet(about.name, folder, files, is_new=False)


def _fetch(
    folder: Path, about: PublicSet, asked: dict[str, Any], address: str, meter: Meter, patience: int
) -> FetchedSet:
    session = _session(address, patience)
    images = _find(session, **asked)
    place = folder / "images"
    place.mkdir(parents=True, exist_ok=True)
    before = _own_images(folder)
    wanted = {str(image["isic_id"]) for image in images}
    from_elsewhere = {path.stem for path in place.iterdir()} - before
    write_json(folder / JOURNAL, {"images": sorted((before | wanted) - from_elsewhere)})
    (folder / SOURCE_JSON).unlink(missing_ok=True)  # no longer complete
    _download(images, place, meter)
    _remove_others(before - wanted, place)
    _write_table(images, folder / TABLE)
    credits_due = Counter(str(image["attribution"]) for image in images)
    write_text(folder / "attribution.txt", "\n\n".join(name for name, _ in credits_due.most_common()) + "\n")
    for licence in sorted({str(image["copyright_license"]) for image in images}):
        write_text(folder / "licenses" / f"{licence}.txt", _licence(session, licence))
    (sha256,) = digests_of(folder / TABLE, "sha256")
    files = (FetchedFile(TABLE, TABLE, (folder / TABLE).stat().st_size, sha256, ""),)
    write_record(folder, about, files, **asked, images=len(images))
    (folder / JOURNAL).unlink(missing_ok=True)
    return FetchedSet(about.name, folder, files, is_new=True)


def _session(address: str, patience: int) -> "IsicCliSession":
    try:
        from isic_cli.session import IsicCliSession
    except ImportError as error:
        raise MissingExtraError("isic-cli", extra="isic", purpose="search the ISIC archive") from error
    from urllib3.util import Retry

    busy = (429, 500, 502, 503, 504)
    retry = Retry(patience, status_forcelist=busy, backoff_factor=1, redirect=False, raise_on_status=False)
    return IsicCliSession(address, retry_strategy=retry)


def _find(session: "IsicCliSession", query: str, limit: int, collection: str) -> list[dict[str, Any]]:
    """Return what the archive knows of the images that answer a query.

    Raises:
        DataError: nothing does.
    """
    from isic_cli.io.http import get_images

    found = get_images(session, query, collection)
    images = list(islice(found, limit) if limit else found)
    if not images:
        of = f" in collection {collection}" if collection else ""
        raise DataError(f"no ISIC Archive image matches the query {query!r}{of}. Use a broader query.")
    return images


def _download(images: Sequence[dict[str, Any]], place: Path, meter: Meter) -> None:
    """Download the images, ten at once.

    Raises:
        LentigoError: some of them failed; the others are kept.
    """
    from isic_cli.io.http import download_image

    failed: dict[str, BaseException] = {}
    with ThreadPoolExecutor(N_AT_ONCE) as pool:
        running = {pool.submit(download_image, image, place, _Counter(), None): image["isic_id"] for image in images}
        for done, finished in enumerate(as_completed(running), 1):
            problem = finished.exception()
            if problem is not None:
                failed[running[finished]] = problem
            meter("images", done, len(images))
    for left_over in place.glob(".isic-partial.*"):
        left_over.unlink(missing_ok=True)
    if failed:
        first = next(iter(failed.values()))
        reason = first if isinstance(first, requests.HTTPError) else why(first)
        raise LentigoError(
            f"{len(failed)} of {counted(len(images), 'image')} could not be downloaded ({reason}): "
            f"{name_offenders(sorted(failed))}. Run the command again; downloaded images are kept."
        )


def _refuse_strangers(folder: Path, *, force: bool) -> None:
    """Raise where files stand in the way that this did not put there.

    Raises:
        DataError: they do.
    """
    if force or (folder / SOURCE_JSON).is_file() or (folder / JOURNAL).is_file():
        return
    ours = (TABLE, "attribution.txt", "images", "licenses")
    if in_the_way := [name for name in ours if (folder / name).exists()]:
        raise DataError(
            f"{folder} has {name_offenders(in_the_way)} already, which lentigo did not write. Choose another "
            "place with --out, or overwrite them with --force."
        )


def _own_images(folder: Path) -> set[str]:
    """Return the ids of the images that an earlier call put there; nothing else is ever removed."""
    if (folder / JOURNAL).is_file():
        return set(read_json(folder / JOURNAL)["images"])
    if not (folder / SOURCE_JSON).is_file() or "query" not in read_json(folder / SOURCE_JSON):
        return set()
    if not (folder / TABLE).is_file():
        return set()
    with (folder / TABLE).open(encoding="utf-8", newline="") as stream:
        return {row["isic_id"] for row in csv.DictReader(stream)}


def _remove_others(unwanted: set[str], place: Path) -> None:
    """Remove images of an earlier query, which the new table would not know."""
    others = [path for path in place.iterdir() if path.stem in unwanted]
    for path in others:
        path.unlink()
    if others:
        logger.info("removed %s of an earlier query", counted(len(others), "image"))


def _write_table(images: Sequence[dict[str, Any]], path: Path) -> None:
    """Write what the archive knows of the images, in the columns and the order of its own downloads."""
    named = ("isic_id", "attribution", "copyright_license")
    known = [{**image["metadata"]["acquisition"], **image["metadata"]["clinical"]} for image in images]
    columns = sorted({name for row in known for name in row})
    with new_file(path) as partial, partial.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, [*named, *columns], lineterminator="\n")
        writer.writeheader()
        for image, row in zip(images, known, strict=True):
            writer.writerow({**{name: image[name] for name in named}, **row})


def _licence(session: "IsicCliSession", licence: str) -> str:
    from isic_cli.io.http import get_license

    text: str = get_license(session, licence)
    return text
