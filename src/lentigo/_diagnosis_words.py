"""Which diagnosis code a short text of a report means: only where every one of its words is known.

"Compound naevus, mild atypia" has one name of a lesion and words that change nothing about it. "Compound nevus,
melanoma cannot be excluded" has words that are not listed, as no word of doubt is, and is therefore not read at all.
"""

import functools
import re
import unicodedata
from collections.abc import Iterator, Mapping
from typing import Final

from lentigo._diagnosis_modifiers import ENDINGS, HEADS, MODIFIERS
from lentigo._report_words import ALONE, FREE_OF, FROM_A_NEVUS, GROWN, no_diagnosis
from lentigo._spellings import GATHERED, SPELLINGS, WORDS

_NUMBERED: Final = frozenset(
    (
        *(
            "breslow",
            "td",
            "thickness",
            "depth",
            "clark",
            "level",
            "stage",
            "tumordicke",
            "dicke",
            "eindringtiefe",
            "nivel",
        ),
        *(
            "livello",
            "niveau",
            "estadio",
            "stadio",
            "stadium",
            "stade",
            "espessura",
            "espesor",
            "spessore",
            "epaisseur",
        ),
        *("profundidade", "indice", "rate", "mitoserate", "mitotico", "mitotica"),
    )
)
"""Words before a number: "Breslow 1.2", "Clark IV"."""
_STAGED: Final = frozenset(("MEL", "SCC", "BCC"))
_UNITS: Final = frozenset(("mm", "cm"))
_TOKEN: Final = re.compile(r"\bp?t(?:is|[1-4][abc]?)\b|[^\W\d_]+|[<>≤≥=~]?\s*\d+(?:[.,]\d+)?|[^\s]")
_NUMBER: Final = re.compile(r"[<>≤≥=~]?\s*\d+(?:[.,]\d+)?")
_ROMAN: Final = frozenset(("i", "ii", "iii", "iv", "v"))
_STAGE: Final = re.compile(r"p?t(?:is|[1-4][abc]?)")
_SEPARATORS: Final = frozenset(",;:()[]/-–.'’\"_")
_PER_AREA: Final = re.compile(r"(\d)\s*(?:/|per|pro|por)\s*mm\s*[2²]")  # "mitotic rate 1/mm2"
_FREE_OF: Final = re.compile(FREE_OF)
_FROM_A_NEVUS: Final = re.compile(FROM_A_NEVUS)
_NEGATIVE: Final = re.compile(r"\(\s*[-–−]\s*\)")  # "melanoma (-)"
_DOUBTS: Final = frozenset(
    (
        *("?", "¿", "no", "not", "non", "without", "cannot", "excluded", "exclude", "rule", "ruled", "suspicious"),
        *(
            "suspected",
            "suspicion",
            "possible",
            "possibly",
            "probable",
            "probably",
            "likely",
            "vs",
            "versus",
            "dd",
            "ddx",
        ),
        *("differential", "consistent", "favour", "favor", "or", "query", "kein", "keine", "nicht", "ohne", "verdacht"),
        *(
            "va",
            "fraglich",
            "moglich",
            "wahrscheinlich",
            "oder",
            "ausschluss",
            "sans",
            "pas",
            "probablement",
            "suspect",
        ),
        *("ou", "sin", "posible", "sospecha", "descartar", "nao", "sem", "possivel", "provavel", "suspeita", "senza"),
        *("possibile", "probabile", "sospetto", "escludere", "excluir"),
    )
)
_UNDIAGNOSED: Final = frozenset(
    (
        *("unk", "unknown", "undetermined", "indeterminate", "no diagnosis", "undiagnosed"),
        *("not excised", "not biopsied", "no biopsy", "no histology", "not available", "not done"),
        *("nicht exzidiert", "keine histologie", "keine diagnose", "unbekannt"),
        *("sin biopsia", "sin diagnóstico", "desconocido", "inconnu", "sans diagnostic", "pas de biopsie"),
        *("n.a.", "k.a.", "not performed", "not sent", "not recorded", "not stated", "no data", "to follow"),
        *("keine angabe", "keine angaben", "non disponibile", "non disponible", "no disponible", "não disponível"),
        *("sem diagnóstico", "sem biópsia", "desconhecido", "senza diagnosi", "sconosciuto", "non eseguito"),
    )
)
_PENDING: Final = frozenset(
    (
        *("pending", "awaited", "awaiting", "await", "outstanding", "ausstehend", "ausstehende", "offen", "folgt"),
        *("pendiente", "pendientes", "pendente", "pendentes", "aguarda", "aguardar", "aguardando", "attente", "attesa"),
    )
)
# What is waited for, and the small words around it.
_OF_RESULTS: Final = frozenset(
    (
        *("result", "results", "report", "histology", "histopathology", "pathology", "biopsy", "diagnosis", "path"),
        *("still", "to", "be", "is", "the", "of", "in", "en", "de", "des", "di", "da", "do", "le", "les", "la", "el"),
        *("noch", "histo", "histologie", "befund", "ergebnis", "biopsie", "resultado", "resultados", "histologia"),
        *("histologico", "biopsia", "anatomia", "patologica", "relatorio", "laudo", "informe", "referto", "esame"),
        *("istologico", "istologia", "esito", "resultat", "resultats", "histologique", "anatomopathologie", "exame"),
    )
)
_DASHES: Final = re.compile(r"[\s\-–—−_./?]+")  # what stands in a cell that has nothing to say
LONGEST: Final = 200  # letters; a whole report is not a name


def worded_code(text: str) -> str | None:
    """Return the code that a text means by its words; None where a word is not known or two names mean two codes.

    Args:
        text: at least one name of a lesion, in any known language, and words that do not change its code, in any order.

    Example:
        >>> worded_code("Dysplastic compound nevus, mild atypia"), worded_code("Melanoma (Breslow 1.2 mm)")
        ('NV', 'MEL')
        >>> worded_code("Compound nevus, melanoma cannot be excluded"), worded_code("Melanoma?")
        (None, None)
    """
    if is_undiagnosed(text):
        return "UNK"
    if len(text) > LONGEST or _NEGATIVE.search(text):
        return None
    plain = " ".join(_words(text))
    if _FREE_OF.search(plain):
        return None
    words, codes, modifiers = _FROM_A_NEVUS.sub(GROWN, plain).split(), set[str](), list[frozenset[str]]()
    place = 0
    while place < len(words):
        found = _longest(words, place)
        if found is not None:
            length, code, allowed = found
            if code:
                codes.add(code)
            else:
                modifiers.append(allowed)
            place += length
        elif _STAGE.fullmatch(words[place]):
            modifiers.append(_STAGED)
            place += 1
        elif _is_measure(words, place):
            place += 1
        else:
            return None
    if len(codes) != 1:
        return None
    (code,) = codes
    return code if all(code in allowed for allowed in modifiers) else None


def is_undiagnosed(text: str) -> bool:
    """Return whether a text says that there is no diagnosis (yet); `lipoma` has no code, and is a diagnosis.

    Example:
        >>> is_undiagnosed("Histology pending"), is_undiagnosed("Not biopsied, review 3/12"), is_undiagnosed("a nevus")
        (True, True, False)
    """
    if text.casefold().strip() in _UNDIAGNOSED or _DASHES.fullmatch(text):
        return True
    words = _words(text) if len(text) <= LONGEST else []
    if not _PENDING.isdisjoint(words) and set(words) <= _PENDING | _OF_RESULTS:
        return True
    beginnings, longest = _beginnings()
    length = next((n for n in range(longest, 0, -1) if " ".join(words[:n]) in beginnings), 0)
    if length == 0 or (len(words) > length and " ".join(words[:length]) in ALONE):
        return False
    # "Not biopsied, clinically a nevus" names a lesion: whoever keeps the table says whether that is the diagnosis.
    return not any((_longest(words, place) or (0, "", frozenset()))[1] for place in range(length, len(words)))


def speaks_of_doubt(text: str) -> bool:
    """Return whether a text has a word or sign of doubt or denial, so that no name is proposed for it.

    Example:
        >>> speaks_of_doubt("Seborrheic keratosis?"), speaks_of_doubt("Seborrheic keratosiss")
        (True, False)
    """
    return bool(_DOUBTS & set(_words(text)))


def _words(text: str) -> list[str]:
    """Return the words, numbers and signs of a text in lower case, without accents, commas and brackets."""
    plain = _PER_AREA.sub(r"\1 mm", text.casefold().replace("'s", "s").replace("’s", "s"))
    tokens = (_plain("".join(token.split())) for token in _TOKEN.findall(_unaccented(plain)))
    return [token for token in tokens if token and token not in _SEPARATORS]


def _plain(token: str) -> str:
    return _AMERICAN.get(token, token)


def _unaccented(text: str) -> str:
    if text.isascii():
        return text
    decomposed = unicodedata.normalize("NFKD", text.replace("ø", "o").replace("æ", "ae"))
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


def _longest(words: list[str], place: int) -> tuple[int, str, frozenset[str]] | None:
    """Return the length of the longest known phrase at a place, its code, and the codes that it leaves alone."""
    for length in range(min(_longest_phrase(), len(words) - place), 0, -1):
        phrase = " ".join(words[place : place + length])
        if (code := _heads().get(phrase)) is not None:
            return length, code, frozenset()
        if (allowed := _modifiers().get(phrase)) is not None:
            return length, "", allowed
    return None


def _is_measure(words: list[str], place: int) -> bool:
    """Return whether a word is a depth or a level: "1.2" before "mm" or after "Breslow", "IV" after "Clark"."""
    word, before = words[place], words[place - 1] if place else ""
    if _NUMBER.fullmatch(word):
        return before in _NUMBERED or words[place + 1 : place + 2] in ([unit] for unit in _UNITS)
    if word in _UNITS:
        return bool(_NUMBER.fullmatch(before))
    return word in _ROMAN and before in _NUMBERED


def _expanded(phrases: str) -> Iterator[str]:
    for phrase in phrases.split(";"):
        words = " ".join(phrase.split())
        if words[-1:] in ENDINGS:
            yield from (words[:-1] + ending for ending in ENDINGS[words[-1]])
        elif words:
            yield words


# Made on the first question, not on import: 15 ms that whoever predicts a photograph need not wait for.
@functools.cache
def _heads() -> Mapping[str, str]:
    table: dict[str, str] = {}
    for names in ({code: text for code, text in SPELLINGS.items() if code not in {"UNK", "AKIEC", *GATHERED}}, HEADS):
        for code, text in names.items():
            table |= {" ".join(_words(name)): code for name in (*_expanded(text), code)}
    return table


@functools.cache
def _modifiers() -> Mapping[str, frozenset[str]]:
    table: dict[str, set[str]] = {}
    for codes, phrases in MODIFIERS:
        for phrase in _expanded(phrases):
            table.setdefault(" ".join(_words(phrase)), set()).update(codes)
    return {**{phrase: frozenset(codes) for phrase, codes in table.items()}, GROWN: frozenset(("MEL",))}


@functools.cache
def _longest_phrase() -> int:
    return max(len(phrase.split()) for phrase in (*_heads(), *_modifiers()))


@functools.cache
def _beginnings() -> tuple[frozenset[str], int]:
    """Return how texts without a diagnosis begin, and the number of words in the longest of these."""
    found = frozenset(" ".join(_words(phrase)) for phrase in no_diagnosis())
    return found, max(len(phrase.split()) for phrase in found)


_AMERICAN: Final = {_unaccented(word): plain for word, plain in WORDS.items()}
