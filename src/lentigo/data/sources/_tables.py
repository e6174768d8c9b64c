"""A file with a row per image: columns, labels, files."""

import logging
import os
from pathlib import Path, PurePosixPath

import pandas as pd

from lentigo.data.manifest import Column, Manifest, Problems, as_text, note_problems, tidy
from lentigo.data.sources._aliases import rename_columns
from lentigo.data.sources._by_content import completed
from lentigo.data.sources._choices import NOBODY, Choices
from lentigo.data.sources._folders import SPLIT_NAMES
from lentigo.data.sources._isic_schema import has_schema, is_archive_table, metadata_problems
from lentigo.data.sources._labels import add_labels
from lentigo.data.sources._lesions import settle_lesions
from lentigo.data.sources._lookup import look_up, plain_ids
from lentigo.data.sources._published import image_root, read_published
from lentigo.data.sources._roles import report_roles
from lentigo.data.sources._sexes import plain_sex
from lentigo.data.sources._sites import SITE_TEXT, plain_site
from lentigo.data.sources._targets import Task, note_also_undiagnosed, to_manifest
from lentigo.errors import DataError
from lentigo.images import strip_suffix
from lentigo.taxonomy import Taxonomy
from lentigo.wording import counted

logger = logging.getLogger(__name__)

ROMAN = {
    f"{number}{end}": text for number, text in enumerate(("I", "II", "III", "IV", "V", "VI"), 1) for end in ("", ".0")
}
NOT_SAID = ("unknown", "not specified", "n/a", "unspecified")


def read_image_table(path: Path, *, taxonomy: Taxonomy, task: Task, choices: Choices = NOBODY) -> Manifest:
    """Return the manifest of a table, with the files found beside or below it.

    Args:
        path: CSV, Excel, Parquet or JSON Lines; its columns may have any name in `lentigo.images.ALIASES`.
        taxonomy: the meaning of the diagnoses.
        task: see `read_data`.
        choices: what the user says about columns and rows.

    Raises:
        DataError: anything in the table that cannot be used; every problem is named with its line.
    """
    table = image_rows(path, root=path.absolute().parent, taxonomy=taxonomy, choices=choices)
    return to_manifest(table, str(path), taxonomy=taxonomy, task=task, choices=choices)


def image_rows(
    path: Path, *, root: Path, companions: tuple[Path, ...] = (), taxonomy: Taxonomy, choices: Choices = NOBODY
) -> pd.DataFrame:
    """Return the rows of a table with files found and labels understood: all but the target.

    Args:
        path: CSV, Excel, Parquet or JSON Lines.
        root: images without a path are looked for anywhere below this folder.
        companions: further tables, whose columns are added where they know the same images.
        taxonomy: the meaning of the diagnoses.
        choices: what the user says about columns.

    Raises:
        DataError: anything in the table that cannot be used; every problem is named with its line.
    """
    raw = read_published(path)
    own = image_root(path, [str(name) for name in raw.columns])
    root = own if own != path.absolute().parent else root
    return finish_rows(raw, path, root=root, companions=companions, taxonomy=taxonomy, choices=choices)


def finish_rows(
    raw: pd.DataFrame,
    path: Path,
    *,
    root: Path,
    companions: tuple[Path, ...] = (),
    taxonomy: Taxonomy,
    choices: Choices = NOBODY,
) -> pd.DataFrame:
    """Return the rows that a layout's own reader made, with files found and labels understood: all but the target.

    Args:
        raw: columns under any name that is understood; labelled by row number.
        path: the table (or the folder) they come from, for messages and for relative paths.
        root: images without a path are looked for anywhere below this folder.
        companions: further tables, whose columns are added where they know the same images.
        taxonomy: the meaning of the diagnoses.
        choices: what the user says about columns.

    Raises:
        DataError: anything in the rows that cannot be used; every problem is named with its line.
    """
    origin = str(path)
    _warn_of_schema(raw, origin)
    sources = [raw]
    choices = completed(raw, path, root, choices, taxonomy)
    table = rename_columns(raw, origin, choices)
    for companion in companions:
        further = read_published(companion)
        sources.append(further)
        table = _join(table, rename_columns(further, str(companion), choices))
    columns = list(dict.fromkeys(str(name) for source in sources for name in source.columns))
    choices.check(columns, origin)
    problems = Problems(origin)
    table = _add_files(table, path, root, problems, needs_images=choices.needs_images)
    table = settle_lesions(table, origin)
    labelled = add_labels(table, problems, taxonomy=taxonomy)
    report_roles(origin, columns, table, labelled, choices)
    cleaned = clean(labelled)
    note_problems(cleaned, problems)
    note_also_undiagnosed(cleaned, taxonomy, choices, problems)
    problems.raise_any(DataError)
    return cleaned


def _somewhere(table: pd.DataFrame, root: Path) -> Column:
    """Return the paths, for images that are not there the place where they would lie."""
    absolute = str(root.absolute())
    places = table["image_id"].map(lambda name: os.path.join(absolute, str(name)), na_action="ignore")  # noqa: PTH118
    return table["path"].where(table["path"].notna(), places).astype(object)


def _warn_of_schema(raw: pd.DataFrame, origin: str) -> None:
    if is_archive_table([str(name) for name in raw.columns]) and has_schema():
        found = metadata_problems(raw)
        if found:
            listed = "".join(f"\n- {sentence}" for sentence in found)
            logger.warning("%s does not keep to the ISIC archive's schema:%s", origin, listed)


def _join(table: pd.DataFrame, further: pd.DataFrame) -> pd.DataFrame:
    """Return the table with the columns of `further` that it lacks, matched by image_id; row labels stay."""
    if "image_id" not in table or "image_id" not in further or not table["image_id"].isin(further["image_id"]).any():
        return table
    new = further.drop_duplicates("image_id").set_index("image_id")
    new = new[[name for name in new.columns if name not in table]]
    return table.join(new, on="image_id")


def _add_files(
    table: pd.DataFrame, source: Path, root: Path, problems: Problems, *, needs_images: bool = True
) -> pd.DataFrame:
    """Return the table with `image_id` and the absolute `path` of every image.

    Where images need not be there, that of a missing one is the place where it would lie.
    """
    if not needs_images:
        missing = Problems(str(source))  # that files are missing is not told
        found = _add_files(table, source, root, missing)
        if "path" in table:
            _refuse_outside(as_text(table["path"]), problems)
        return found.assign(path=_somewhere(found, root))
    if "path" in table:
        folder = source.absolute().parent
        texts = as_text(table["path"])
        problems.add(texts.isna(), "no path", remedy="Fill it in, or remove the row.")
        paths = _resolve(texts, folder, problems)
        ids = as_text(table["image_id"]) if "image_id" in table else _stems(texts)
        return table.assign(image_id=ids.map(strip_suffix, na_action="ignore"), path=paths)
    ids = as_text(table["image_id"])
    return table.assign(path=look_up(ids, root.absolute(), problems), image_id=plain_ids(ids))


def _resolve(texts: Column, folder: Path, problems: Problems) -> Column:
    plain = texts.map(lambda text: text.replace("\\", "/"), na_action="ignore")
    is_outside = _refuse_outside(texts, problems)
    paths = plain.map(lambda text: os.path.join(folder, text), na_action="ignore")  # noqa: PTH118
    is_missing = paths.notna() & ~is_outside & ~paths.map(os.path.isfile, na_action="ignore").eq(True)  # noqa: FBT003
    remedy = f"Paths are relative to {folder}. Correct them, or remove these rows."
    problems.add(
        is_missing,
        f"{counted(int(is_missing.sum()), 'image file does not', 'image files do not')} exist",
        values=texts,
        remedy=remedy,
    )
    return paths.astype(object)


def _refuse_outside(texts: Column, problems: Problems) -> Column:
    """Return which paths lead outside the table's folder, noted as a problem."""
    plain = texts.map(lambda text: text.replace("\\", "/"), na_action="ignore")
    is_absolute = plain.map(os.path.isabs, na_action="ignore") == True  # noqa: E712 - missing is not absolute
    is_outside = plain.map(lambda text: ".." in PurePosixPath(os.path.normpath(text)).parts, na_action="ignore")
    is_outside = (is_outside == True) & ~is_absolute  # noqa: E712
    remedy = "Paths are relative to the table's folder and stay below it; write an absolute path for another place."
    problems.add(is_outside, "path leads outside the table's folder", values=texts, remedy=remedy)
    return is_outside


def _stems(paths: Column) -> Column:
    stems = paths.map(lambda text: strip_suffix(PurePosixPath(text.replace("\\", "/")).name), na_action="ignore")
    if not stems.dropna().duplicated().any():
        return stems
    return paths.map(
        lambda text: strip_suffix(text).replace("\\", "/").strip("/").replace("/", "-"), na_action="ignore"
    )


def clean(table: pd.DataFrame) -> pd.DataFrame:
    """Return the table with split names of the contract, plain sex, and sites as the ISIC archive has them.

    Where a site was read by its words, `site_text` keeps what is written.

    Example:
        >>> clean(pd.DataFrame({"split": ["valid"], "sex": ["F"]}))[["split", "sex"]].values.tolist()
        [['val', 'female']]
    """
    table = tidy(table, has_types=False)
    split = table["split"]
    cleaned = {"split": split.map(lambda name: SPLIT_NAMES.get(name.casefold(), name), na_action="ignore")}
    for name in ("sex", "site", "image_type", "dx_type"):
        if name in table and table[name].notna().any():
            words = table[name].str.casefold()
            cleaned[name] = words.where(~words.isin(NOT_SAID), None)
    if "sex" in cleaned:
        cleaned["sex"] = plain_sex(cleaned["sex"])
    if "site" in cleaned:
        words, cleaned["site"] = cleaned["site"], plain_site(cleaned["site"])
        if SITE_TEXT not in table and not cleaned["site"].equals(words):
            cleaned[SITE_TEXT] = table["site"]
    if "skin_type" in table:
        cleaned["skin_type"] = table["skin_type"].replace(ROMAN)
    if "age" in table:
        age = as_text(table["age"])
        age = age.where(~age.str.casefold().isin(NOT_SAID), None) if age.notna().any() else age
        cleaned["age"] = age
    return table.assign(**cleaned)
