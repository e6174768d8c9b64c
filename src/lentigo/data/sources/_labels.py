"""From a table's label columns, in whichever form, to a code and a side for each row."""

import json
import logging
from collections import defaultdict
from collections.abc import Iterable
from typing import Final

import pandas as pd

from lentigo.data.manifest import SIDES, Column, Problems, as_text, either
from lentigo.data.sources._aliases import HIERARCHY
from lentigo.data.sources._one_hot import OneHot, find_one_hot
from lentigo.data.sources._side_words import UNDECIDED, all_sides, side_of, sides_of
from lentigo.errors import DataError, clip, name_offenders
from lentigo.images import ALIASES
from lentigo.taxonomy import (
    CODES,
    Taxonomy,
    is_undiagnosed,
    known_codes,
    nearest_name,
    spelling_key,
    unknown_name,
)
from lentigo.wording import counted

logger = logging.getLogger(__name__)

MANY_UNKNOWN: Final = 3  # names: from here on a list to fill in is shorter than an option for each
LONGEST_ALIAS: Final = 400  # letters; a message does not hold somebody's whole report

TEXT: Final = "diagnosis_text"
"""Column of a manifest that keeps the diagnoses as they were written, where some were read by their words."""
SAID: Final = "_said"
"""Column of labelled rows with the text of a diagnosis in quotes, for messages; it is not part of a manifest.

The quotes keep "N/A", which is read as empty, apart from a cell that is empty.
"""
_MOST_NAMES: Final = 12  # of texts that were read by their words: a screen's worth


def add_labels(table: pd.DataFrame, problems: Problems, *, taxonomy: Taxonomy) -> pd.DataFrame:
    """Return the table with what its rows show, in columns that `add_target` uses up.

    `diagnosis` is a code, `stated` a target written in the data, `side` benign or malignant where something else than
    the diagnosis says so, `undiagnosed` whether a text means no diagnosis was made (or an alias makes it UNK), and
    `_said` the text in quotes. Where a diagnosis was read by its words, `diagnosis_text` keeps what is written, and the
    log lists it once.

    Args:
        table: columns under the contract's names, as `rename_columns` returns them; one of `diagnosis`, `label`,
            `target`, `side`, one-hot columns, or the archive's `diagnosis_1` to `diagnosis_5` is needed.
        problems: where values that are not known are noted.
        taxonomy: the meaning of the names; its aliases count in every one of these columns.
    """
    table = _place_label(table, taxonomy)
    nothing = pd.Series([None] * len(table), index=table.index, dtype=object)
    texts = {name: as_text(table[name]) if name in table else nothing for name in ("diagnosis", "target", "side")}
    written = table.get("diagnosis", nothing)
    side = _sides(texts["side"], taxonomy, problems)
    one_hot = OneHot((), nothing)
    if "diagnosis" not in table:
        one_hot = find_one_hot(table, problems, taxonomy=taxonomy, is_labelled=_is_labelled(table), side=side)
        texts["diagnosis"] = one_hot.marked
    codes, said = _classes(texts["diagnosis"], taxonomy, problems)
    _check_same_side(said, side, problems)
    side = either(side, said)
    stated = _targets(texts["target"], taxonomy, problems)
    levels = [name for name in HIERARCHY if name in table]
    if levels:
        codes = either(codes, _deepest(table[levels].apply(as_text), taxonomy))
        shallowest = as_text(table[levels[-1]])
        side = either(side, shallowest.map(lambda text: side_of(text, taxonomy), na_action="ignore"))
    if not (problems.sentences or codes.notna().any() or stated.notna().any() or side.notna().any()):
        problems.note(
            f"{problems.origin} has no labels: there are no values in a column 'diagnosis' (or dx, "
            "label, class), 'target', 'benign_malignant', 'diagnosis_1' or in one-hot columns of codes. Name the "
            "column with --set data.columns.diagnosis=COLUMN (or data.columns.target=COLUMN). Further columns are: "
            f"{name_offenders([str(name) for name in table.columns if name not in ALIASES], limit=12)}."
        )
    is_code = stated.notna() & ~stated.isin(SIDES)
    _report_gathered(texts["diagnosis"], codes, taxonomy)
    if report_worded(texts["diagnosis"], taxonomy, problems.origin, kept_in=TEXT) and TEXT not in table:
        table = table.assign(**{TEXT: texts["diagnosis"]})
    return table.drop(columns=list(one_hot.columns)).assign(
        diagnosis=either(codes, stated.where(is_code)),
        stated=stated,
        side=side,
        undiagnosed=texts["diagnosis"].isin(_without_diagnosis(texts["diagnosis"], taxonomy)),
        **{SAID: _in_quotes(either(texts["diagnosis"], written))},
    )


def _without_diagnosis(texts: Column, taxonomy: Taxonomy) -> list[str]:
    """Return the texts that mean no diagnosis was made, by their words or by an alias of UNK."""
    return [
        text
        for text in map(str, texts.dropna().unique())
        if (is_undiagnosed(text) or taxonomy.has_alias(text)) and taxonomy.has_target(text)
        and taxonomy.target(text) == "UNK"
    ]  # fmt: skip


def _in_quotes(values: Column) -> Column:
    """Return each text that is not blank in quotes; None for the rest."""
    shown = {value: f"'{value.strip()}'" for value in values.unique() if isinstance(value, str) and value.strip()}
    quoted = values.map(shown).astype(object)
    return quoted.where(quoted.notna(), None)


def one_spelling(texts: Column) -> Column:
    """Return each text as it is spelt first: texts that differ by case or punctuation alone are one name.

    Example:
        >>> one_spelling(pd.Series(["Not biopsied", "NOT BIOPSIED", None])).tolist()
        ['Not biopsied', 'Not biopsied', None]
    """
    first: dict[str, str] = {}
    spelt = {text: first.setdefault(spelling_key(text), text) for text in map(str, texts.dropna().unique())}
    found = texts.map(spelt).astype(object)
    return found.where(found.notna(), None)


def report_worded(texts: Column, taxonomy: Taxonomy, origin: str, *, kept_in: str = "") -> bool:
    """Return whether texts were read by their words alone; log which, and as what.

    Args:
        texts: of diagnoses, as they are written.
        taxonomy: their meaning.
        origin: the file or folder.
        kept_in: the column of the manifest where they can all be checked.
    """
    distinct = map(str, texts.dropna().unique())
    by_words = [
        text
        for text in distinct
        if taxonomy.has_target(text) and not taxonomy.has_name(text) and not is_undiagnosed(text)
    ]
    counts = one_spelling(texts[texts.isin(by_words)]).value_counts()
    read: defaultdict[str, list[str]] = defaultdict(list)
    for text in map(str, counts.index):
        read[taxonomy.target(text)].append(text)
    if not read:
        return False
    n_shown, parts = max(2, _MOST_NAMES // len(read)), []
    for code in sorted(read, key=lambda code: -sum(int(counts[text]) for text in read[code])):
        names = [f"'{clip(text)}' ({int(counts[text]):,})" for text in read[code][:n_shown]]
        n_more = len(read[code]) - len(names)
        parts.append(f"{code}: {', '.join(names)}{f' and {n_more} more' * bool(n_more)}")
    where = f". All are in column '{kept_in}' of the manifest" if kept_in else ""
    logger.info("%s: diagnosis, read by its words: %s%s.", origin, "; ".join(parts), where)
    return True


def _is_labelled(table: pd.DataFrame) -> bool:
    return any(name in table and table[name].notna().any() for name in ("target", "side", *HIERARCHY))


def _place_label(table: pd.DataFrame, taxonomy: Taxonomy) -> pd.DataFrame:
    """Return the table with `label` moved to where its values belong; a diagnosis of sides only becomes the target."""
    for name in ("diagnosis", "label"):
        if name not in table:
            continue
        place = "target" if all_sides(as_text(table[name]), taxonomy) else "diagnosis"
        if name != place and place not in table:
            table = table.rename(columns={name: place})
    return table


def _classes(texts: Column, taxonomy: Taxonomy, problems: Problems) -> tuple[Column, Column]:
    """Return the code and the side that each text names, one of them missing; every unknown text is noted."""
    meanings = _meanings(texts, taxonomy, problems)
    found = texts.map(meanings).astype(object)
    return found.where(found.isin(CODES), None), found.where(found.isin(SIDES), None)


def _meanings(texts: Column, taxonomy: Taxonomy, problems: Problems) -> dict[str, str | None]:
    meanings: dict[str, str | None] = {}
    for text in dict.fromkeys(texts.dropna()):
        meanings[text] = taxonomy.target(text) if taxonomy.has_target(text) else None
    unknown = [text for text, meaning in meanings.items() if meaning is None]
    spellings: dict[str, list[str]] = {}  # an alias holds for all spellings of a name, so each name is told once
    for text in unknown:
        spellings.setdefault(spelling_key(text), []).append(text)
    rows = texts[texts.isin(unknown)].groupby(texts).groups if unknown else {}
    names = [same[0] for same in spellings.values() if len(same[0]) <= LONGEST_ALIAS]
    has_lines = len(names) >= MANY_UNKNOWN or any(clip(name) != name for name in names)
    for same in spellings.values():
        places = sorted(row for text in same for row in rows[text])
        problems.note(f"{problems.place(places)}: {unknown_name(same[0], lists_codes=not has_lines)}")
    if has_lines:
        problems.advice.append(_ready_aliases(names))
    if n_longer := len(spellings) - len(names):
        what = counted(n_longer, "diagnosis is", "diagnoses are")
        problems.advice.append(f"{what} longer than {LONGEST_ALIAS} letters: a whole report. Shorten it in the table.")
    return meanings


def _ready_aliases(names: Iterable[str]) -> str:
    """Return the part of a recipe that maps many names at once, to be filled in; long ones stand there whole."""
    near = {text: nearest_name(text) for text in names}
    lines = [f'{_in_toml(text)} = "{found[1] if found else "CODE"}"' for text, found in near.items()]
    return (
        "For all of them at once, save these lines as aliases.toml, write a code for each CODE, and add "
        f"--recipe aliases.toml (UNK where there is no diagnosis). {known_codes()}\n"
        + "\n".join(["[data.aliases]", *lines])
    )


def _in_toml(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")  # JSON's escapes are TOML's but for this


def _targets(texts: Column, taxonomy: Taxonomy, problems: Problems) -> Column:
    """Return the side or the code of each text of a target column, where 0 is benign and 1 malignant."""
    if texts.isna().all():
        return texts
    said = texts.map(sides_of(texts, taxonomy)).astype(object)
    others = texts.where(said.isna(), None)
    return either(said, others.map(_meanings(others, taxonomy, problems)).astype(object))


def _sides(texts: Column, taxonomy: Taxonomy, problems: Problems) -> Column:
    if texts.isna().all():
        return texts
    sides: Column = texts.map(sides_of(texts, taxonomy)).astype(object)
    is_unknown = texts.notna() & sides.isna() & ~texts.str.casefold().isin(list(UNDECIDED))
    remedy = "Write benign or malignant, leave it empty, or map it with --set data.aliases.NAME=benign (or =malignant)."
    problems.add(is_unknown, "neither benign nor malignant", values=texts, remedy=remedy)
    return sides


def _check_same_side(said: Column, side: Column, problems: Problems) -> None:
    if said.isna().all() or side.isna().all():
        return
    is_wrong = said.notna() & side.notna() & (said != side)
    pairs = said.astype(str) + " labelled " + side.astype(str)
    problems.add(is_wrong, "label contradicts the diagnosis", values=pairs, remedy="Correct the rows.")


def _deepest(levels: pd.DataFrame, taxonomy: Taxonomy) -> Column:
    """Return the code of the deepest level that has one, for each row of the ISIC archive's hierarchy.

    The archive's vocabulary is closed, so a name without a code (a lipoma) is UNK and no mistake; its side still
    counts. A row that only says "Benign" has no diagnosis.
    """
    meanings: dict[str, str | None] = {}
    for text in pd.unique(levels.to_numpy(dtype=object).ravel()):
        if text is not None:
            try:
                found = taxonomy.target(text)
            except DataError:
                found = "UNK"
            is_side = found in SIDES or text.casefold() in UNDECIDED
            meanings[text] = None if is_side else found
    known = named = pd.Series([None] * len(levels), index=levels.index, dtype=object)
    gathered = named
    for name in levels.columns:
        codes = levels[name].map(meanings).astype(object)
        gathered = either(gathered, levels[name].where(codes == "UNK", None))
        named = either(named, codes)
        known = either(known, codes.where(codes != "UNK"))
    codes = either(known, named)
    _report_gathered(gathered, codes, taxonomy)
    return codes


def _report_gathered(texts: Column, codes: Column, taxonomy: Taxonomy) -> None:
    """Log which unlike names became UNK: one class of several diagnoses never appears in silence.

    Names that an alias makes UNK are no news to whoever wrote it.
    """
    counts = one_spelling(texts[(codes == "UNK") & texts.notna()]).value_counts()
    names = {
        str(text): int(n)
        for text, n in counts.items()
        if not is_undiagnosed(str(text)) and not taxonomy.has_alias(str(text))
    }
    if names:
        listed = name_offenders(f"{clip(text)} ({n:,})" for text, n in names.items())
        logger.warning(
            "Counted as UNK, neither benign nor malignant: %s of a diagnosis without a code of its own: %s. "
            "Map a name with --set data.aliases.NAME=CODE (or =benign, =malignant).",
            counted(sum(names.values()), "image"),
            listed,
        )
