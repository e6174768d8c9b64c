"""Diagnosis codes as coded concepts: SNOMED CT where one concept means the same, lentigo's own scheme where none does.

A wrong code is worse than none. AKIEC, BKL and VASC are groups of the ISIC challenges that no single concept covers (a
seborrheic keratosis is a BKL, but a BKL may be a solar lentigo), and for dermatofibroma no code could be verified.
"""

from dataclasses import dataclass
from typing import Final

from lentigo.taxonomy import NAMES

OWN_SCHEME: Final = "99LENTIGO"  # 99...: a private scheme, as PS3.16 8.2 wants it named
LONGEST_MEANING: Final = 64


@dataclass(frozen=True, slots=True)
class Concept:
    """A coded concept.

    Args:
        value: the code, at most 16 characters.
        scheme: SCT for SNOMED CT, 99LENTIGO for lentigo's own.
        meaning: for people, at most 64 characters.
    """

    value: str
    scheme: str
    meaning: str

    def __post_init__(self) -> None:
        if not 0 < len(self.value) <= 16 or not 0 < len(self.meaning) <= LONGEST_MEANING:
            raise ValueError(f"a code has 1 to 16 characters and a meaning 1 to {LONGEST_MEANING}: {self}")


# In pydicom's dictionary of SNOMED CT: AK, SCC, benign, malignant. MEL, NV and BCC are not in it; their codes were
# compared between several public sources. Compare them with your own release of SNOMED CT.
_SNOMED: Final = {
    "MEL": Concept("93655004", "SCT", "Malignant melanoma of skin"),
    "NV": Concept("400096001", "SCT", "Melanocytic nevus"),
    "BCC": Concept("254701007", "SCT", "Basal cell carcinoma of skin"),
    "AK": Concept("201101007", "SCT", "Actinic keratosis"),
    "SCC": Concept("254651007", "SCT", "Squamous cell carcinoma of skin"),
    "benign": Concept("30807003", "SCT", "Benign"),
    "malignant": Concept("21594007", "SCT", "Malignant"),
}


def concept_of(name: str) -> Concept:
    """Return the concept of a class: a diagnosis code, benign or malignant.

    Example:
        >>> concept_of("MEL").scheme, concept_of("BKL")
        ('SCT', Concept(value='BKL', scheme='99LENTIGO', meaning='benign keratosis'))
    """
    return _SNOMED.get(name) or own(name, NAMES.get(name, name))


def own(value: str, meaning: str) -> Concept:
    """Return a concept of lentigo's own scheme, cut to what DICOM allows.

    Example:
        >>> own("out of focus", "out of focus").value
        'OUT_OF_FOCUS'
    """
    letters = "".join(letter if letter.isascii() and letter.isalnum() else "_" for letter in value.upper())
    return Concept(letters[:16], OWN_SCHEME, meaning[:LONGEST_MEANING])
