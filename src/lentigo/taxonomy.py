"""Diagnosis codes and the side (benign or malignant) each stands on.

Actinic keratosis is pre-malignant and HAM10000 mixes it with carcinoma in situ, so the side of AK and AKIEC is a stated
choice and never a habit of the code. How a written name becomes a code: `_spellings`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, get_args

from lentigo._diagnosis_words import is_undiagnosed, worded_code
from lentigo._spellings import (
    BENIGN,
    CODES,
    GATHERED,
    MALIGNANT,
    NAMES,
    known_codes,
    nearest_name,
    side_word,
    spelling_key,
    spelt_code,
    unknown_name,
)
from lentigo.errors import ConfigError, DataError, clip, suggest

__all__ = [
    "BENIGN",
    "CODES",
    "GATHERED",
    "MALIGNANT",
    "NAMES",
    "Side",
    "Taxonomy",
    "is_undiagnosed",
    "known_codes",
    "nearest_name",
    "spelling_key",
    "unknown_name",
]

Side = Literal["benign", "malignant"]


def _code_of(text: str) -> str | None:
    return spelt_code(text) or worded_code(text)


@dataclass(frozen=True, slots=True)
class Taxonomy:
    """Which diagnosis code a name means, and whether a code is benign or malignant.

    Args:
        ak: the class of actinic keratosis (AK): pre-malignant, by default benign.
        akiec: the class of AKIEC, which joins actinic keratosis and carcinoma in situ.
        aliases: further spellings, which take precedence over the built-in ones: `{"melanomma": "MEL"}`. A value is a
            diagnosis in any known spelling, "benign" or "malignant".

    Raises:
        ConfigError: a side or the value of an alias is not known.

    Example:
        >>> taxonomy = Taxonomy(aliases={"melanomma": "MEL"})
        >>> taxonomy.code("melanomma"), taxonomy.code("Seborrhoeic keratoses"), taxonomy.side("AK")
        ('MEL', 'BKL', 'benign')
    """

    ak: Side = BENIGN
    akiec: Side = MALIGNANT
    aliases: Mapping[str, str] = field(default_factory=dict, hash=False)

    def __post_init__(self) -> None:
        for name, side in (("ak", self.ak), ("akiec", self.akiec)):
            if side not in get_args(Side):
                raise ConfigError(f"data.{name} is '{side}'. It must be 'benign' or 'malignant'.")
        for alias, meaning in self.aliases.items():
            if side_word(meaning) is None and _code_of(meaning) is None:
                raise ConfigError(
                    f"data.aliases.{alias} is '{meaning}', which is not a diagnosis."
                    f"{suggest(meaning, CODES)} Known codes: {', '.join(CODES)}; or 'benign', 'malignant'."
                )

    def code(self, text: str) -> str:
        """Return the diagnosis code that `text` means: one of `CODES`.

        Args:
            text: a code, or a name as any public set writes it; case, plural, punctuation and British or American
                spelling do not matter. ISIC paths with colons are understood, and a text of which every word is known
                and one names a lesion ("Compound nevus, mild atypia"); a word of doubt makes it unknown.

        Raises:
            DataError: the name is not known.

        Example:
            >>> Taxonomy().code("Benign:Benign melanocytic proliferations:Nevus")
            'NV'
            >>> Taxonomy().code("Melanoma in situ, Lentigo maligna type")
            'MEL'
        """
        target = self.target(text)
        if target not in CODES:
            raise DataError(
                f"'{clip(text)}' is not a diagnosis but a class of diagnoses. Known codes: {', '.join(CODES)}."
            )
        return target

    def target(self, text: str) -> str:
        """Return the class that `text` names: "benign", "malignant" or a diagnosis code.

        Raises:
            DataError: the name is not known.

        Example:
            >>> Taxonomy().target("Malignant"), Taxonomy().target("mel")
            ('malignant', 'MEL')
        """
        aliases = {spelling_key(alias): meaning for alias, meaning in self.aliases.items()}
        meaning = aliases.get(spelling_key(text), text)
        found = side_word(meaning) or _code_of(meaning)
        if found is None:
            raise DataError(unknown_name(text))
        return found

    def has_name(self, text: str) -> bool:
        """Return whether `text` is a name of a class as it is spelt, not only by its words.

        Example:
            >>> Taxonomy().has_name("Spitz nevus"), Taxonomy().has_name("Spitz nevus, pigmented")
            (True, False)
        """
        return self.has_alias(text) or side_word(text) is not None or spelt_code(text) is not None

    def has_alias(self, text: str) -> bool:
        """Return whether one of the aliases gives the meaning of `text`.

        Example:
            >>> Taxonomy(aliases={"blob": "NV"}).has_alias("Blob"), Taxonomy().has_alias("nevus")
            (True, False)
        """
        key = spelling_key(text)
        return any(spelling_key(alias) == key for alias in self.aliases)

    def has_target(self, text: str) -> bool:
        """Return whether `text` names a class.

        Example:
            >>> Taxonomy().has_target("mel"), Taxonomy().has_target("left arm")
            (True, False)
        """
        try:
            self.target(text)
        except DataError:
            return False
        return True

    def side(self, code: str) -> Side | None:
        """Return the side of a diagnosis code, of "benign" or of "malignant"; None for UNK.

        Raises:
            DataError: `code` is not one of `CODES`.

        Example:
            >>> Taxonomy().side("MEL"), Taxonomy(akiec="benign").side("AKIEC"), Taxonomy().side("UNK")
            ('malignant', 'benign', None)
        """
        sides: dict[str, Side | None] = {
            "AK": self.ak,
            "AKIEC": self.akiec,
            "UNK": None,
            **dict.fromkeys(("MEL", "BCC", "SCC", "MAL_OTH", MALIGNANT), MALIGNANT),
            **dict.fromkeys(("NV", "BKL", "DF", "VASC", "BEN_OTH", "INF", BENIGN), BENIGN),
        }
        if code not in sides:
            raise DataError(f"unknown diagnosis code '{code}'.{suggest(code, CODES)} Known codes: {', '.join(CODES)}.")
        return sides[code]

    def malignant(self, classes: Sequence[str]) -> tuple[str, ...]:
        """Return those of the class names (codes, sides, or any spelling of them) that are malignant, in their order.

        Raises:
            DataError: a class is neither a code nor a side.

        Example:
            >>> Taxonomy().malignant(("MEL", "NV", "AKIEC", "SCCKA"))
            ('MEL', 'AKIEC', 'SCCKA')
        """
        known = {*CODES, BENIGN, MALIGNANT}
        return tuple(name for name in classes if self.side(name if name in known else self.target(name)) == MALIGNANT)

    def name(self, code: str) -> str:
        """Return the full English name of a code, for people; "benign" and "malignant" are returned as they are.

        Raises:
            DataError: `code` is not one of `CODES`.

        Example:
            >>> Taxonomy().name("BKL")
            'benign keratosis'
        """
        self.side(code)
        return NAMES.get(code, code)

    def describe(self, *, names_diagnoses: bool = True) -> str:
        """Return one sentence that names the malignant codes and the side of AK and AKIEC, for reports.

        Args:
            names_diagnoses: whether the data name diagnoses; otherwise nobody knows what their malignant means.

        Example:
            >>> Taxonomy().describe()  # doctest: +NORMALIZE_WHITESPACE
            'Malignant means MEL, BCC, AKIEC, SCC: actinic keratosis alone (AK) is counted as benign, and AKIEC (actinic
            keratosis or intraepithelial carcinoma) as malignant.'
        """
        if not names_diagnoses:
            return "Benign or malignant as the data say; which diagnoses these are is not recorded."
        single = [code for code in CODES if code not in GATHERED]
        return (
            f"Malignant means {', '.join(self.malignant(single))}: actinic keratosis alone (AK) is counted as "
            f"{self.ak}, and AKIEC ({NAMES['AKIEC']}) as {self.akiec}."
        )
