"""Which of two columns of diagnoses is the truth: what the pathologist found, not what the clinician expected.

Names are told in English, German, French, Spanish, Portuguese and Italian, by the stems that these share.
"""

import logging
import re
import unicodedata
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import pandas as pd

from lentigo.data.manifest import Column, as_text
from lentigo.data.sources._side_words import BY_CONTEXT
from lentigo.errors import DataError, clip, name_offenders
from lentigo.taxonomy import Taxonomy, is_undiagnosed
from lentigo.wording import counted

logger = logging.getLogger(__name__)

# Stems of words, without accents. "pre" stands before a biopsy or an operation: "pre-biopsy diagnosis" is a guess.
_CLINICAL: Final = re.compile(
    r"\bclini(?!copath)|\bklini|suspe[ck]|suspic|suspei|sospe|soupcon|verdacht|\bpre ?o[pb]|\bpra ?op|\bprae ?op|"
    r"\bpre ?bio|\bpre ?exc|\bpreint|\bbefore\b|referr|uberweis|zuweis|einweis|provision|provisor|presum|"
    r"presun|presom|working|arbeits|hypothe|hipote|ipotes|impression|initial|differential|dermo?scop|dermat?oscop|"
    r"\bdd\b|\bguess"
)
_PATHOLOGICAL: Final = re.compile(
    r"histo|istolog|pathol|patol|\bbiop|\banapath|\banatomopath|\bap\b|\bhp\b|befund|\bpath (?:dx|diag|result|report)"
)
# "Pathology no", "biopsy date", "pathologist": about the examination, not what it found.
_ABOUT: Final = re.compile(
    r"\b(?:date|datum|data|fecha|no|nr|num|number|nummer|numero|n|id|code|lab|labor|laboratory|laboratorio|done|taken|"
    r"performed|time|site|type|method|comment|comments|remark|remarks|notes?|image|file|side|patholog(?:ist|e|en|ue)|"
    r"patologo|patologista|centre|center|hospital|status|available|by|slide|specimen|sample|accession)\b"
)
_WORD: Final = re.compile(r"[^\W\d_]{4,}")
_ANSWERS: Final = frozenset((*BY_CONTEXT, "done", "performed", "available", "none", "nein", "keine"))
_LEAST_KNOWN: Final = 1 / 3  # as where a column of diagnoses is found by its values


def speaks_of_clinic(name: str) -> bool:
    """Return whether a column's name is that of a diagnosis which nobody has proved: clinical, suspected, referral.

    Example:
        >>> [speaks_of_clinic(name) for name in ("Diagnóstico clínico", "Verdachtsdiagnose", "Diagnosis", "Histology")]
        [True, True, False, False]
    """
    return bool(_CLINICAL.search(_plain(name)))


def speaks_of_pathology(name: str) -> bool:
    """Return whether a column's name is that of what a pathologist found.

    Example:
        >>> names = ("Anatomia patológica", "Histologischer Befund", "Biopsy date", "Pre-biopsy diagnosis")
        >>> [speaks_of_pathology(name) for name in names]
        [True, True, False, False]
    """
    plain = _plain(name)
    return bool(_PATHOLOGICAL.search(plain)) and not _CLINICAL.search(plain) and not _ABOUT.search(plain)


def pathology_before(
    raw: pd.DataFrame, chosen: str, others: Sequence[str], path: Path, taxonomy: Taxonomy
) -> str | None:
    """Return the column of pathology that is read instead of a clinical diagnosis, said in the log; None for none.

    Args:
        raw: the table, under its own names.
        chosen: the column that would be read as diagnosis.
        others: the other columns, but those that are something else.
        path: of the table, for messages.
        taxonomy: the meaning of diagnoses.

    Raises:
        DataError: several columns may be the pathology, or one that cannot be read.
    """
    if not speaks_of_clinic(chosen):
        return None
    texts = {name: as_text(raw[name]).dropna() for name in others if speaks_of_pathology(name)}
    readable = [name for name, column in texts.items() if _is_readable(column, taxonomy)]
    texts = {name: column for name, column in texts.items() if name in readable or _is_prose(column)}
    if len(readable) == 1:
        found = readable[0]
        logger.warning(
            "%s: '%s' is read as diagnosis and not '%s', because it speaks of pathology (filled in for %s of %s); "
            "the other: --set 'data.columns.diagnosis=%s'",
            path, clip(found), clip(chosen), f"{len(texts[found]):,}", counted(len(raw), "row"), chosen,
        )  # fmt: skip
        return found
    if texts:
        named = name_offenders(map(repr, readable or texts))
        what = "several speak of pathology" if len(readable or texts) > 1 else "another speaks of pathology"
        raise DataError(
            f"{path}: column '{clip(chosen)}' is a clinical diagnosis by its name, and {what}: {named}. Choose one: "
            f"--set 'data.columns.diagnosis={next(iter(readable or texts))}' (or ={chosen})."
        )
    return None


def _plain(name: str) -> str:
    """Return a name in lower case, without accents, its words apart: "ClinicalDx" is "clinical dx"."""
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)
    letters = unicodedata.normalize("NFKD", spaced.casefold())
    return " ".join(re.findall(r"[a-z0-9]+", "".join(one for one in letters if not unicodedata.combining(one))))


def _is_prose(texts: Column) -> bool:
    """Return whether a column holds words, and more than answers to yes or no."""
    distinct = [str(text) for text in texts.unique()]
    words = [text for text in distinct if _WORD.search(text) and text.casefold() not in _ANSWERS]
    return len(words) > 1 and 2 * len(words) >= len(distinct)


def _is_readable(texts: Column, taxonomy: Taxonomy) -> bool:
    counts = texts.value_counts()
    known = [text for text in map(str, counts.index) if taxonomy.has_target(text) and not is_undiagnosed(text)]
    return bool(known) and sum(int(counts[text]) for text in known) >= _LEAST_KNOWN * len(texts)
