"""Diagnosis codes, the many spellings of each, and the side (benign or malignant) each stands on.

Public sets name the same lesion in a dozen ways. Everything inside lentigo uses the ISIC challenge codes; this module
is the only place that translates. Actinic keratosis is pre-malignant and HAM10000 mixes it with carcinoma in situ, so
the side of AK and AKIEC is a stated choice and never a habit of the code.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal, get_args

from lentigo.errors import ConfigError, DataError, clip, name_offenders, suggest

__all__ = ["BENIGN", "CODES", "GATHERED", "MALIGNANT", "Side", "Taxonomy"]

Side = Literal["benign", "malignant"]
BENIGN: Final = "benign"
MALIGNANT: Final = "malignant"

NAMES: Final[Mapping[str, str]] = {
    "MEL": "melanoma",
    "NV": "melanocytic nevus",
    "BCC": "basal cell carcinoma",
    "AK": "actinic keratosis",
    "AKIEC": "actinic keratosis or intraepithelial carcinoma",
    "BKL": "benign keratosis",
    "DF": "dermatofibroma",
    "VASC": "vascular lesion",
    "SCC": "squamous cell carcinoma",
    "BEN_OTH": "other benign proliferation",
    "MAL_OTH": "other malignant proliferation",
    "INF": "inflammatory or infectious condition",
    "UNK": "other or unknown",
}
CODES: Final = tuple(NAMES)
# Classes of ISIC 2025 (MILK10k) that gather what has no class of its own; each lies on one side.
GATHERED: Final = ("BEN_OTH", "MAL_OTH", "INF")

# Names as HAM10000, the ISIC challenges 2016-2025, the ISIC archive (old `diagnosis`, new `diagnosis_1..5`),
# PAD-UFES-20, derm7pt and PH2 write them, singular and without punctuation (see `_key`).
SPELLINGS: Final[Mapping[str, str]] = {
    "MEL": """melanoma; malignant melanoma; melanoma in situ; melanoma invasive; melanoma nos; melanoma metastasis;
        lentigo maligna; lentigo maligna melanoma; nodular melanoma; superficial spreading melanoma;
        acral lentiginous melanoma; amelanotic melanoma; malignant melanocytic proliferation melanoma""",
    "NV": """nevus; nev; melanocytic nevus; common nevus; atypical nevus; dysplastic nevus; clark nevus; blue nevus;
        spitz nevus; reed nevus; reed or spitz nevus; dermal nevus; combined nevus; congenital nevus; recurrent nevus;
        compound nevus; junctional nevus; halo nevus; nevus spilus; nevus nos; mole""",
    "BCC": "basal cell carcinoma; basalioma",
    "AK": "ack; actinic keratosis; solar keratosis; solar or actinic keratosis",
    "AKIEC": """actinic keratosis intraepithelial carcinoma; actinic keratosis or intraepithelial carcinoma;
        actinic keratosis and intraepithelial carcinoma; actinic keratosis bowen disease; intraepithelial carcinoma;
        actinic keratosis and intraepithelial carcinoma bowen disease""",
    "BKL": """benign keratosis; benign keratosis like lesion; pigmented benign keratosis; seborrheic keratosis; sek; sk;
        solar lentigo; lichenoid keratosis; lichen planus like keratosis; lplk; lentigo""",
    "DF": "dermatofibroma; fibrous histiocytoma",
    "VASC": """vascular lesion; vascular; angioma; hemangioma; cherry angioma; angiokeratoma; pyogenic granuloma;
        lymphangioma; benign soft tissue proliferation vascular""",
    "SCC": """squamous cell carcinoma; squamous cell carcinoma in situ; squamous cell carcinoma invasive; sccka;
        squamous cell carcinoma nos; bowen disease; keratoacanthoma; invasive squamous cell carcinoma""",
    "BEN_OTH": "ben oth",
    "MAL_OTH": "mal oth",
    "INF": "inf",
    "UNK": """unknown; other; miscellaneous; undetermined; indeterminate; no diagnosis;
        atypical melanocytic proliferation; atypical melanocytic neoplasm;
        atypical intraepithelial melanocytic proliferation; aimp; lentigo nos;
        lentigo simplex; lentiginous melanocytic proliferation; melanosis; cafe au lait macule; acrochordon;
        fibroepithelial polyp; adnexal tumor; angiofibroma; angiofibroma or fibrous papule; scar; verruca; wart;
        clear cell acanthoma; neurofibroma; lipoma; cyst; sebaceous hyperplasia; sebaceous adenoma; nevus sebaceus;
        epidermal nevus""",
}

# British to American, plural to singular; applied word by word, so that one spelling of each name is enough above.
WORDS: Final[Mapping[str, str]] = {
    "naevus": "nevus",
    "naevi": "nevus",
    "nevi": "nevus",
    "keratoses": "keratosis",
    "carcinomas": "carcinoma",
    "melanomas": "melanoma",
    "dermatofibromas": "dermatofibroma",
    "angiomas": "angioma",
    "angiokeratomas": "angiokeratoma",
    "haemangioma": "hemangioma",
    "haemangiomas": "hemangioma",
    "hemangiomas": "hemangioma",
    "lesions": "lesion",
    "lentigines": "lentigo",
    "moles": "mole",
    "proliferations": "proliferation",
    "seborrhoeic": "seborrheic",
    "tumour": "tumor",
    "tumours": "tumor",
    "tumors": "tumor",
    "cysts": "cyst",
    "bowens": "bowen",
}


LEAST_LETTERS: Final = 6  # of a name that may be proposed for another that is spelt alike
NEARLY: Final = 0.9  # "melanom" is 0.93 of "melanoma"; "dermatofibrosarcoma" is 0.85 of "dermatofibroma"
# How tables and folders say the side in words that can mean nothing else.
SIDE_WORDS: Final[Mapping[str, str]] = {
    **dict.fromkeys((BENIGN, "benigne", "benigno", "benigna", "benin", "gutartig"), BENIGN),
    **dict.fromkeys(("non cancer", "noncancer", "no cancer", "not cancer", "non cancerous", "noncancerous"), BENIGN),
    **dict.fromkeys(("non malignant", "nonmalignant", "not malignant"), BENIGN),
    **dict.fromkeys((MALIGNANT, "malign", "maligne", "maligno", "maligna", "malin", "bösartig"), MALIGNANT),
    **dict.fromkeys(("cancer", "cancerous", "skin cancer", "malignancy"), MALIGNANT),
}


def _key(text: str) -> str:
    """Return the spelling under which a name is looked up: lower case, singular, American, words only.

    What has no letters or digits at all ("?") keeps its signs, so that two such names stay two.
    """
    words = re.findall(r"(?:[^\W_]|\.)+", text.casefold().replace("'s", "s").replace("’s", "s"))
    return " ".join(WORDS.get(word, word) for word in words) or text.strip().casefold()


def _lookup_table() -> dict[str, str]:
    table = {_key(code): code for code in CODES}
    for code, spellings in SPELLINGS.items():
        table.update({_key(spelling): code for spelling in spellings.split(";")})
    table.update({_key(name): code for code, name in NAMES.items()})
    return table


_CODE_OF: Final[Mapping[str, str]] = _lookup_table()


@dataclass(frozen=True, slots=True)
class Taxonomy:
    """Which diagnosis code a name means, and whether a code is benign or malignant.

    Args:
        ak: the side of actinic keratosis (AK): pre-malignant, benign unless said otherwise.
        akiec: the side of AKIEC, where actinic keratosis and carcinoma in situ cannot be told apart.
        aliases: further spellings, which take precedence over the built-in ones: `{"melanom": "MEL"}`. A value is a
            diagnosis in any known spelling, "benign" or "malignant".

    Raises:
        ConfigError: a side or the value of an alias is not known.

    Example:
        >>> taxonomy = Taxonomy(aliases={"melanom": "MEL"})
        >>> taxonomy.code("melanom"), taxonomy.code("Seborrhoeic keratoses"), taxonomy.side("AK")
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
            if _side_word(meaning) is None and _known_code(meaning) is None:
                raise ConfigError(
                    f"data.aliases.{alias} is '{meaning}', which is not a diagnosis."
                    f"{suggest(meaning, CODES)} Known codes: {', '.join(CODES)}; or 'benign', 'malignant'."
                )

    def code(self, text: str) -> str:
        """Return the diagnosis code that `text` means: one of `CODES`.

        Args:
            text: a code, or a name as any public set writes it; case, plural, punctuation and British or American
                spelling do not matter. Refinements after a comma and ISIC paths with colons are understood.

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
            raise DataError(f"'{clip(text)}' is a side and not a diagnosis. Known codes: {', '.join(CODES)}.")
        return target

    def target(self, text: str) -> str:
        """Return the class that `text` names: "benign", "malignant" or a diagnosis code.

        Raises:
            DataError: the name is not known.

        Example:
            >>> Taxonomy().target("Malignant"), Taxonomy().target("mel")
            ('malignant', 'MEL')
        """
        aliases = {_key(alias): meaning for alias, meaning in self.aliases.items()}
        meaning = aliases.get(_key(text), text)
        found = _side_word(meaning) or _known_code(meaning)
        if found is None:
            raise DataError(_unknown(text))
        return found

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
        """Return those of the class names (codes, or "benign" and "malignant") that are malignant, in their order.

        Raises:
            DataError: a class is neither a code nor a side.

        Example:
            >>> Taxonomy().malignant(("MEL", "NV", "AKIEC"))
            ('MEL', 'AKIEC')
        """
        return tuple(name for name in classes if self.side(name) == MALIGNANT)

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

    def describe(self) -> str:
        """Return one sentence that names the malignant codes and the side of AK and AKIEC, for reports.

        Example:
            >>> Taxonomy().describe()  # doctest: +NORMALIZE_WHITESPACE
            'Malignant means MEL, BCC, AKIEC, SCC: actinic keratosis alone (AK) is counted as benign, and AKIEC (actinic
            keratosis or intraepithelial carcinoma) as malignant.'
        """
        single = [code for code in CODES if code not in GATHERED]
        return (
            f"Malignant means {', '.join(self.malignant(single))}: actinic keratosis alone (AK) is counted as "
            f"{self.ak}, and AKIEC ({NAMES['AKIEC']}) as {self.akiec}."
        )


def _side_word(text: str) -> str | None:
    return SIDE_WORDS.get(_key(text))


def _known_code(text: str) -> str | None:
    return next((_CODE_OF[key] for key in _candidates(text) if key in _CODE_OF), None)


def _candidates(text: str) -> Iterator[str]:
    """Yield the keys to try, most specific first: ISIC paths from their end, then without refinements."""
    for segment in reversed(text.split(":")):
        yield _key(segment)
        plain = re.sub(r"\([^)]*\)", " ", segment)  # derm7pt: "melanoma (0.76 to 1.5 mm)"
        parts = plain.split(",")
        for length in range(len(parts), 0, -1):  # ISIC archive: "Nevus, Atypical, Compound"
            yield _key(",".join(parts[:length]))


def _unknown(text: str) -> str:
    """Return what to do about a name that is not known.

    Only a name that is nearly a known one is proposed as a command: "melanom". Codes of two or three letters that are
    spelt alike may mean anything ("bc" is a blue nevus in one clinic), and "angiosarcoma" is not an angioma.
    """
    import difflib  # neither is needed where every name is known
    import shlex

    key, shown = _key(text), clip(text)
    known = [name for name in _CODE_OF if len(name) >= LEAST_LETTERS] if len(key) >= LEAST_LETTERS else []
    close = difflib.get_close_matches(key, known, n=1, cutoff=NEARLY)
    hint = f" Did you mean '{close[0]}' ({_CODE_OF[close[0]]})?" if close else ""
    meaning = _CODE_OF[close[0]] if close else "CODE"
    remedy = f"Map it with --set {shlex.quote(f'data.aliases.{text}={meaning}')}"
    if shown != text:
        remedy = "Map it under [data.aliases] of a recipe, or shorten it in the table."
    return (
        f"unknown diagnosis '{shown}'.{hint} Known codes: {name_offenders(sorted(CODES), limit=len(CODES))}; "
        f"or benign, malignant. {remedy}"
    )
