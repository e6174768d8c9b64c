"""Whether the values of a column are those of an id of patients, whatever the column is called.

The number of a record is a code of digits of one length, stands on a few images each, and has one sex. Ages, years,
dates, measurements, initials, places and remarks lack one of these.
"""

import re
import unicodedata
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

if TYPE_CHECKING:
    from lentigo.data.manifest._columns import Column

LEAST_VALUES: Final = 20
MOST_ON_ONE: Final = 50  # images of one patient
MOST_ON_AVERAGE: Final = 8  # images of a value; a ward, a device or a physician has more
LEAST_SHARED: Final = 0.1  # of the images: two measurements are the same by chance now and then
LEAST_CODES: Final = 0.95  # of the values: a number may be mistyped
LEAST_DIGITS: Final = 4  # "1024" may be a record, "62" is an age
ONE_SEX: Final = 0.95  # of the values on several images; a sex may be mistyped
MOST_ROUND: Final = 0.4  # of ids a tenth ends with 0, of what somebody measured or estimated many do
_CODE: Final = re.compile(r"[A-Za-z]{0,4}[-/ ]?\d[\d/-]*[-/]?[A-Za-z]?")
_DATE: Final = re.compile(r"\d{1,4}[-/]\d{1,2}[-/]\d{1,4}")


def are_ids(codes: npt.NDArray[np.int64], distinct: pd.Index, sex: "Column | None") -> bool:
    """Return whether the values are those of an id of patients.

    Args:
        codes: the value of each image as a number, -1 where missing.
        distinct: the values.
        sex: of each image, if it is known.

    Example:
        >>> numbers = [481_794 + 37 * (k // 2) for k in range(60)]
        >>> are_ids(*pd.factorize(pd.Series(numbers)), None), are_ids(*pd.factorize(pd.Series([62, 70] * 30)), None)
        (True, False)
    """
    known = codes >= 0
    counts = np.bincount(codes[known])
    if len(counts) < LEAST_VALUES or counts.max() > MOST_ON_ONE or counts.mean() > MOST_ON_AVERAGE:
        return False
    if counts[counts > 1].sum() < LEAST_SHARED * known.sum():
        return False
    return _are_codes([_text(value) for value in distinct]) and _have_one_sex(codes, sex)


def unaccented(text: str) -> str:
    """Return a text without accents.

    Example:
        >>> unaccented("Diâmetro")
        'Diametro'
    """
    return "".join(letter for letter in unicodedata.normalize("NFKD", text) if not unicodedata.combining(letter))


def _text(value: object) -> str:
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value).strip()


def _are_codes(texts: list[str]) -> bool:
    """Return whether texts are codes of digits, mostly of one length, and neither dates, years nor round numbers."""
    least = LEAST_CODES * len(texts)
    digits = [re.sub(r"\D", "", text) for text in texts if _CODE.fullmatch(text) and not _DATE.fullmatch(text)]
    digits = [number for number in digits if len(number) >= LEAST_DIGITS]
    if len(digits) < least:
        return False
    lengths = np.bincount([len(number) for number in digits])
    if max(lengths[:-1] + lengths[1:], default=0) < least:  # 9999 and 10000 are neighbours
        return False
    if sum(len(number) == 4 and 1900 <= int(number) <= 2100 for number in digits) > len(digits) / 2:
        return False
    return sum(number.endswith("0") for number in digits) <= MOST_ROUND * len(digits)


def _have_one_sex(codes: npt.NDArray[np.int64], sex: "Column | None") -> bool:
    """Return whether the images of a value are of one sex; True where too few tell."""
    if sex is None:
        return True
    rows = pd.DataFrame({"value": codes, "sex": sex.to_numpy(dtype=object)})
    rows = rows[(rows["value"] >= 0) & rows["sex"].notna()]
    by_value = rows.groupby("value")["sex"].agg(["size", "nunique"])
    several = by_value[by_value["size"] > 1]
    if len(several) == 0 or rows["sex"].nunique() < 2:  # one sex in all says nothing
        return True
    return bool((several["nunique"] == 1).mean() >= ONE_SEX)
