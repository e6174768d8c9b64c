"""Which diagnosis code a written name means: the many spellings of each, and what to do about a name that is not known.

Public sets name the same lesion in a dozen ways. Everything inside lentigo uses the ISIC challenge codes; this module
is the only place that translates.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Final

from lentigo.errors import clip, name_offenders

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
# PAD-UFES-20, derm7pt and PH2 write them, singular and without punctuation (see `spelling_key`).
SPELLINGS: Final[Mapping[str, str]] = {
    "MEL": """melanoma; malignant melanoma; melanoma in situ; melanoma invasive; melanoma nos; melanoma metastasis;
        lentigo maligna; lentigo maligna melanoma; nodular melanoma; superficial spreading melanoma;
        acral lentiginous melanoma; amelanotic melanoma; malignant melanocytic proliferation melanoma;
        melanoma less than 0.76 mm; melanoma 0.76 to 1.5 mm; melanoma more than 1.5 mm;
        invasive melanoma; ssm; melanom; malignes melanom; superfiziell spreitendes melanom; noduläres melanom;
        lentigo maligna melanom; melanoma maligno; melanoma invasor; mélanome; mélanome malin""",
    "NV": """nevus; nev; melanocytic nevus; common nevus; atypical nevus; dysplastic nevus; clark nevus; blue nevus;
        spitz nevus; reed nevus; reed or spitz nevus; dermal nevus; combined nevus; congenital nevus; recurrent nevus;
        compound nevus; junctional nevus; halo nevus; nevus spilus; nevus nos; mole; benign nevus;
        nevuszellnevus; nevuszellnevus vom compoundtyp; nevuszellnevus vom junktionstyp; melanozytärer nevus;
        dysplastischer nevus; blauer nevus; dermaler nevus; compoundnevus; junktionsnevus; nevus melanocítico;
        nevus displásico; nevus azul; nevus mélanocytaire; nevus melanocitico""",
    "BCC": """basal cell carcinoma; basalioma; basal cell ca; basal cell cancer; basalzellkarzinom; basaliom;
        carcinoma basocelular; carcinoma de células basales; carcinome basocellulaire; carcinoma basocellulare""",
    "AK": """ack; actinic keratosis; solar keratosis; solar or actinic keratosis; aktinische keratose; solare keratose;
        queratosis actínica; kératose actinique; cheratosi attinica""",
    "AKIEC": """actinic keratosis intraepithelial carcinoma; actinic keratosis or intraepithelial carcinoma;
        actinic keratosis and intraepithelial carcinoma; actinic keratosis bowen disease; intraepithelial carcinoma;
        actinic keratosis and intraepithelial carcinoma bowen disease""",
    "BKL": """benign keratosis; benign keratosis like lesion; pigmented benign keratosis; seborrheic keratosis; sek; sk;
        seb keratosis; seb. keratosis; seborrheic wart;
        solar lentigo; lichenoid keratosis; lichen planus like keratosis; lplk; lentigo; seborrhoische keratose;
        seborrhoische warze; alterswarze; lichenoide keratose; queratosis seborreica; lentigo solaris;
        kératose séborrhéique; cheratosi seborroica""",
    "DF": "dermatofibroma; fibrous histiocytoma; dermatofibrom; dermatofibrome",
    "VASC": """vascular lesion; vascular; angioma; hemangioma; cherry angioma; angiokeratoma; pyogenic granuloma;
        lymphangioma; benign soft tissue proliferation vascular; hämangiom; haemangiom; angiom; angiokeratom;
        granuloma piógeno; hémangiome; angiome""",
    "SCC": """squamous cell carcinoma; squamous cell carcinoma in situ; squamous cell carcinoma invasive; sccka;
        squamous cell carcinoma nos; bowen disease; keratoacanthoma; invasive squamous cell carcinoma;
        squamous cell ca; squamous cell cancer; plattenepithelkarzinom; spinaliom; morbus bowen; m. bowen;
        keratoakanthom;
        carcinoma espinocelular; carcinoma epidermoide; carcinoma de células escamosas; enfermedad de bowen;
        queratoacantoma; carcinome épidermoïde; carcinome spinocellulaire; maladie de bowen;
        carcinoma spinocellulare""",
    "BEN_OTH": "ben oth",
    "MAL_OTH": "mal oth",
    "INF": "inf",
    "UNK": """unknown; other; miscellaneous; undetermined; indeterminate; no diagnosis;
        not excised; not biopsied; no biopsy; no histology; not available; pending; ausstehend; nicht exzidiert;
        keine histologie; unbekannt; pendiente; sin biopsia; desconocido; en attente; inconnu;
        atypical melanocytic proliferation; atypical melanocytic neoplasm;
        atypical intraepithelial melanocytic proliferation; aimp; lentigo nos;
        lentigo simplex; lentiginous melanocytic proliferation; melanosis; cafe au lait macule; acrochordon;
        fibroepithelial polyp; adnexal tumor; angiofibroma; angiofibroma or fibrous papule; scar; verruca; wart;
        clear cell acanthoma; neurofibroma; lipoma; cyst; sebaceous hyperplasia; sebaceous adenoma; nevus sebaceus;
        epidermal nevus""",
}

# Names of the ISIC archive's closed vocabulary that hold words which `_diagnosis_words` does not read.
ARCHIVE_SPELLINGS: Final[Mapping[str, str]] = {
    "MEL": """Melanoma Invasive, Acral or Acral-lentiginous; Melanoma Invasive, Arising in a congenital nevus;
        Melanoma Invasive, Associated with a nevus; Melanoma Invasive, Blue nevus-like; Melanoma Invasive,
        Heavily pigmented; Melanoma Invasive, Heavily pigmented, resembling epithelioid blue nevus or
        melanoma developing in animals; Melanoma Invasive, Neurotropic; Melanoma Invasive, On chronically
        sun-exposed skin or lentigo maligna melanoma; Melanoma Invasive, Pigmented spindle cell nevus like;
        Melanoma Invasive, Recurrent or persistent; Melanoma Invasive, originating from blue nevus; Melanoma
        Invasive, resembling blue nevus; Melanoma in situ, Acral or acral-lentiginous; Melanoma in situ,
        Recurrent or persistent; Melanoma in situ, associated with a nevus""",
    "NV": """Blue nevus, Plaque type; Blue nevus, Sclerosing; Nevus, Atypical, Dysplastic, or Clark; Nevus, BAP-1
        deficient; Nevus, Balloon cell; Nevus, Congenital, by histopathological pattern; Nevus, Congenital,
        by history; Nevus, Congenital, by history and histopathological pattern; Nevus, Deep penetrating;
        Nevus, Of special anatomic site; Nevus, Recurrent or persistent""",
    "BCC": """Basal cell carcinoma, Combined subtypes; Basal cell carcinoma, Fibroeipthelial; Basal cell
        carcinoma, Sclerosing or morpheaform""",
    "DF": """Dermatofibroma, Atypical""",
    "UNK": """Angiofibroma, Facial; Angiofibroma, Penile; Angiofibroma, Periungual; Lipoma, Pleomorphic; Lipoma,
        Spindle cell; Scar, Hypertrophic; Scar, Keloid""",
}

# British to American, plural to singular; applied word by word, so that one spelling of each name is enough above.
WORDS: Final[Mapping[str, str]] = {
    "naevus": "nevus",
    "nävus": "nevus",
    "nævus": "nevus",
    "nevo": "nevus",
    "nevos": "nevus",
    "naevuszellnaevus": "nevuszellnevus",
    "nävuszellnävus": "nevuszellnevus",
    "seborrhoeische": "seborrhoische",
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


# Clinics code diagnoses by ICD-10, the American edition with a site and a kind behind the point.
_ICD10: Final[Mapping[str, str]] = {
    "C43": "MEL", "D03": "MEL", "D22": "NV", "L82": "BKL", "D04": "SCC", "L570": "AK", "D180": "VASC",
    "C44": "MAL_OTH", "D23": "BEN_OTH",
}  # fmt: skip
_SKIN_CANCER_KIND: Final[Mapping[str, str]] = {"1": "BCC", "2": "SCC"}  # C44.31: basal cell carcinoma of the face

LEAST_LETTERS: Final = 6  # of a name that may be proposed for another that is spelt alike
NEARLY: Final = 0.9  # "melanomma" is 0.94 of "melanoma"; "dermatofibrosarcoma" is 0.85 of "dermatofibroma"
# How tables and folders say the side in words that can mean nothing else.
SIDE_WORDS: Final[Mapping[str, str]] = {
    **dict.fromkeys((BENIGN, "benigne", "benigno", "benigna", "benin", "gutartig"), BENIGN),
    **dict.fromkeys(("non cancer", "noncancer", "no cancer", "not cancer", "non cancerous", "noncancerous"), BENIGN),
    **dict.fromkeys(("non malignant", "nonmalignant", "not malignant"), BENIGN),
    **dict.fromkeys((MALIGNANT, "malign", "maligne", "maligno", "maligna", "malin", "bösartig"), MALIGNANT),
    **dict.fromkeys(("cancer", "cancerous", "skin cancer", "malignancy"), MALIGNANT),
}


def spelling_key(text: str) -> str:
    """Return the spelling under which a name is looked up: lower case, singular, American, words only.

    A question mark is a word: "melanoma?" is not melanoma, nor is "melanoma (-)". What has no letters or digits at all
    keeps its signs, so that two such names stay two.
    """
    words = re.findall(
        r"(?:[^\W_]|\.)+|[?¿]+|(?<=\()[-–−](?=\))", text.casefold().replace("'s", "s").replace("’s", "s")
    )
    return " ".join(WORDS.get(word, word) for word in words) or text.strip().casefold()


def _lookup_table() -> dict[str, str]:
    table = {spelling_key(code): code for code in CODES}
    for code, spellings in (*SPELLINGS.items(), *ARCHIVE_SPELLINGS.items()):
        table.update({spelling_key(spelling): code for spelling in spellings.split(";")})
    table.update({spelling_key(name): code for code, name in NAMES.items()})
    return table


_CODE_OF: Final[Mapping[str, str]] = _lookup_table()


def side_word(text: str) -> str | None:
    """Return "benign" or "malignant" where a text says a side in words; else None."""
    return SIDE_WORDS.get(spelling_key(text))


def spelt_code(text: str) -> str | None:
    """Return the code that a text means as it is spelt; None where no such name is known."""
    return next((_CODE_OF[key] for key in _candidates(text) if key in _CODE_OF), None) or _code_of_icd10(text)


def _code_of_icd10(text: str) -> str | None:
    """Return the code of an ICD-10 category of the skin: "C43.5" is a melanoma; C44 does not say of which kind."""
    found = re.fullmatch(r"([A-Z]\d\d)[.\-]?(\d{0,4})[A-Z!*+-]?", text.strip().upper())
    if found is None:
        return None
    category, rest = found.groups()
    if category == "C44" and rest[1:2] in _SKIN_CANCER_KIND:
        return _SKIN_CANCER_KIND[rest[1:2]]
    return _ICD10.get(category) or _ICD10.get(category + rest[:1])


def _candidates(text: str) -> Iterator[str]:
    """Yield the keys to try: the whole text, then the parts of a path of the ISIC archive from its end."""
    yield spelling_key(text)
    first, *deeper = text.split(":")
    if deeper and spelling_key(first) in {BENIGN, MALIGNANT, "indeterminate"}:
        yield from map(spelling_key, reversed([first, *deeper]))


def nearest_name(text: str) -> tuple[str, str] | None:
    """Return the known name that a name is nearly, and its code: "melanomma"; None where there is none.

    Codes of two or three letters that are spelt alike may mean anything ("bc" is a blue nevus in one clinic), and
    "angiosarcoma" is not an angioma. For a doubt ("melanoma?") no name is proposed.
    """
    import difflib  # not needed where every name is known

    from lentigo._diagnosis_words import speaks_of_doubt

    if speaks_of_doubt(text):
        return None
    key = spelling_key(text)
    known = [name for name in _CODE_OF if len(name) >= LEAST_LETTERS] if len(key) >= LEAST_LETTERS else []
    close = difflib.get_close_matches(key, known, n=1, cutoff=NEARLY)
    return (close[0], _CODE_OF[close[0]]) if close else None


def known_codes() -> str:
    """Return all codes and sides in a sentence, for a message about names that are not known."""
    return f"Known codes: {name_offenders(sorted(CODES), limit=len(CODES))}; or benign, malignant."


def unknown_name(text: str, *, lists_codes: bool = True) -> str:
    """Return what to do about a name that is not known; a name that is nearly a known one is proposed as a command.

    Args:
        text: the name.
        lists_codes: whether all codes follow; of many names, a message lists them once.
    """
    import shlex  # not needed where every name is known

    shown, close = clip(text), nearest_name(text)
    hint = f" Did you mean '{close[0]}' ({close[1]})?" if close else ""
    meaning = close[1] if close else "CODE"
    remedy = f"Map it with --set {shlex.quote(f'data.aliases.{text}={meaning}')}"
    if shown != text:
        remedy = "Map it under [data.aliases] of a recipe, or shorten it in the table."
    codes = f" {known_codes()}" * lists_codes
    return f"unknown diagnosis '{shown}'.{hint}{codes} {remedy}"
