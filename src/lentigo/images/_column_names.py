"""The names that columns have in registries, archives and public sets, and how two names are compared.

`Pat-Nr`, `patNr`, `PAT_NR` and `pat nr` are one name: case, spaces, hyphens, underscores, points and accents do not
count.
"""

import re
import unicodedata
from itertools import product
from typing import Final

# First the contract's own name, then the others in order of preference. `side` and `label` are columns on the way.
ALIASES: Final[dict[str, tuple[str, ...]]] = {
    "image_id": (
        *("image_id", "isic_id", "image", "image_name", "img_id", "filename", "file_name", "sop_instance_uid"),
        *("img", "img_name", "image_file", "img_file", "image_filename", "photo", "photo_id", "picture", "picture_id"),
        *("bcn_filename", "ddi_file", "midas_file_name", "md5hash", "image_no", "image_number", "image_uid"),
    ),
    "path": (
        *("path", "image_path", "file_path", "filepath", "file", "img_path", "relative_path", "full_path"),
        *("dermoscopy_path", "derm_path"),
    ),
    "diagnosis": (
        *("diagnosis", "dx", "diagnostic", "diagnose", "diagnosis_name", "final_diagnosis", "diagnosis_final"),
        *("histopathology", "histology", "pathology", "histological_diagnosis", "pathological_diagnosis"),
        *("histopathological_diagnosis", "histopathologic_diagnosis", "pathology_diagnosis", "midas_path", "disease"),
        *("disease_label", "lesion_type", "diagnosis_label", "dx_label", "dx_name", "cell_type", "clinical_diagnosis"),
        *("histologie", "histologischer_befund", "diagnostico", "diagnostico_histologico", "diagnostic_histologique"),
        *("anatomie_pathologique", "anatomia_patologica"),
        *("resultado_histologico", "histologia", "histopatologia", "diagnosi", "diagnosi_istologica", "istologia"),
        *("esame_istologico", "referto_istologico", "diagnostico_anatomopatologico"),
        *("icd10", "icd_10", "icd10_code", "icd_10_code", "icd_code", "cie10", "cie_10", "cim10", "cim_10"),
    ),
    "target": ("target", "y_true", "ground_truth", "gt", "truth", "outcome"),
    "label": ("label", "class", "labels", "class_name", "class_label", "category", "classification"),
    "side": (
        *("benign_malignant", "malignant", "is_malignant", "malignancy", "malign", "is_cancer", "cancer"),
        *("malignant_benign", "dignity", "dignitaet", "dignität", "three_partition_label"),
    ),
    "lesion_id": (
        *("lesion_id", "lesion", "skin_lesion_id", "mole_id", "nevus_id", "tumor_id", "id_lesion", "tracking_uid"),
        *("tracking_id", "lesao", "lesione", "lesion_numero", "numero_lesion", "numero_lesao", "numero_lesione"),
        *("id_lesao", "id_lesione"),
    ),
    "patient_id": (
        *("patient_id", "patient", "subject_id", "subject", "pid", "mrn", "medical_record_number", "medical_record_no"),
        *("patient_mrn", "hospital_number", "hospital_no", "nhs_number", "chi_number", "patient_code", "patient_hash"),
        *("patient_index", "id_patient", "id_paciente", "midas_record_id", "nhc"),
        *("historia_clinica", "numero_historia_clinica", "numero_de_historia_clinica", "processo_clinico"),
        *("numero_processo_clinico", "numero_utente", "numero_de_utente", "utente", "prontuario", "numero_prontuario"),
        *("paziente", "id_paziente", "codice_paziente", "codice_fiscale", "numero_patient", "numero_de_patient", "ipp"),
        *("code_patient", "patientencode", "codigo_paciente", "numero_paciente"),
        *("no_utente", "n_utente", "id_utente", "no_prontuario", "n_prontuario", "no_historia_clinica", "no_patient"),
        *("n_patient", "no_paciente", "n_paciente", "n_paziente", "no_paziente", "numero_paziente"),
        *("cartella_clinica", "n_cartella", "numero_cartella", "n_cartella_clinica", "numero_cartella_clinica"),
        *("chart_number", "chart_no"),
    ),
    "split": ("split", "subset", "partition", "dataset_split", "data_split", "set_split"),
    "age": (
        *("age", "age_approx", "age_approximate", "patient_age", "patients_age", "age_years", "age_in_years"),
        *("age_at_diagnosis", "age_at_imaging", "age_at_biopsy", "age_at_excision", "alter", "edad", "idade", "eta"),
        *("eta_anni", "age_patient", "patientenalter", "midas_age"),
    ),
    "sex": (
        *("sex", "gender", "patient_sex", "patients_sex", "patient_gender", "geschlecht"),
        *("sexo", "sexe", "sesso", "genere", "genero", "midas_gender"),
    ),
    "site": (
        *("site", "localization", "anatom_site_general", "anatom_site_general_challenge", "location", "region"),
        *("anatom_site_1", "anatom_site", "anatomic_site", "anatomical_site", "body_site", "body_part"),
        *("body_part_examined", "body_location", "body_region", "body_area", "anatomic_region", "anatomical_region"),
        *("anatomic_location", "anatomical_location", "localisation", "lesion_location", "lesion_site", "lokalisation"),
        *(
            "localizacion",
            "localizacao",
            "localizzazione",
            "sede",
            "sede_anatomica",
            "regiao",
            "regione",
            "korperstelle",
        ),
        *("koerperstelle", "region_anatomique", "siege", "localizacion_anatomica", "localizacao_anatomica"),
        *("midas_location", "tbp_lv_location_simple", "anatom_site_special"),
    ),
    "skin_type": (
        *("skin_type", "fitzpatrick_skin_type", "fitzpatrick", "fitspatrick", "fitzpatrick_scale", "fitzpatrick_type"),
        *(
            "fst",
            "phototype",
            "skin_phototype",
            "fitzpatrick_phototype",
            "fitzpatrick_skin_phototype",
            "hauttyp",
            "fototipo",
        ),
        "midas_fitzpatrick",
    ),
    "image_type": ("image_type", "imaging_type", "image_modality"),
    "source": (
        *("source", "dataset", "attribution", "device", "data_source", "camera", "camera_model", "device_model"),
        *("dermatoscope", "dermoscope", "manufacturer_model_name", "device_name", "institution", "institution_name"),
        *("hospital", "center", "centre"),
    ),
    "dx_type": ("dx_type", "diagnosis_confirm_type", "diagnosis_method", "ground_truth_type", "confirmation_type"),
}
# Ids of patients and lesions are also called by any of these with any of those: `Pat-Nr`, `participant_number`.
ID_STEMS: Final[dict[str, tuple[str, ...]]] = {
    "lesion_id": ("lesion", "laesion", "laesions", "läsion", "läsions"),
    "patient_id": (
        "patient",
        "patients",
        "pat",
        "subject",
        "participant",
        "person",
        "proband",
        "patienten",
        "paciente",
    ),
}
ID_ENDINGS: Final = ("", "id", "no", "nr", "num", "number", "nummer", "key", "uid", "identifier", "pseudonym")
# Of these names two that differ are an error; any other is used where none of these is there.
STRONG: Final[dict[str, int]] = {"image_id": 8, "lesion_id": 2, "patient_id": 4, "split": 3}
# Names that are also those of remarks: they say what the images show only where no better column does.
WEAK_LABELS: Final = frozenset(
    (
        *ALIASES["diagnosis"][5:],
        *ALIASES["target"][2:],
        *("category", "classification", "malign", "is_cancer", "cancer", "malignant_benign", "three_partition_label"),
    )
)


def squeezed(name: str) -> str:
    """Return the part of a column's name that is compared: its letters and digits in lower case, without accents.

    Example:
        >>> squeezed("Pat-Nr"), squeezed("PatientID"), squeezed(" patient id ")
        ('patnr', 'patientid', 'patientid')
    """
    letters = name.lower() if name.isascii() else unicodedata.normalize("NFKD", name.casefold())
    return "".join(letter for letter in letters if letter.isalnum())


def _ranks(field: str, aliases: tuple[str, ...]) -> dict[str, int]:
    further = ["".join(pair) for pair in product(ID_STEMS.get(field, ()), ID_ENDINGS)]
    names = dict.fromkeys(squeezed(name) for name in (*aliases, *further))
    return {name: rank for rank, name in enumerate(names)}


_RANK: Final = {field: _ranks(field, aliases) for field, aliases in ALIASES.items()}
_FIELD_OF: Final = {name: field for field, ranks in reversed(_RANK.items()) for name in ranks}
# "Age at visit", in any event's words; how old somebody was at another event says nothing about the photograph.
_AGE_AT: Final = re.compile(
    r"(?:patients? )?age at \w.*|age (?:au|a la|a l) \w.*|alter (?:bei|zum) \w.*|edad (?:al|en|a la) \w.*|"
    r"idade (?:a|ao|na|no) \w.*|eta (?:al|alla|all) \w.*"
)
_OTHER_EVENT: Final = re.compile(
    r"\b(?:first|death|birth|menarche|menopause|onset|months?|days|weeks|group|band|range|category|z|score|"
    r"premier|premiere|deces|erst\w*|tod|primer|primera|muerte|primeir[ao]|morte|prim[ao])\b"
)
_WEAK: Final = frozenset(map(squeezed, WEAK_LABELS))


def field_of_name(column: str) -> str | None:
    """Return the field of the contract that a column's name stands for; None for no alias.

    Example:
        >>> field_of_name("Pat-Nr"), field_of_name("PatientID"), field_of_name("notes")
        ('patient_id', 'patient_id', None)
    """
    name = _without_unit(column)
    return _FIELD_OF.get(name) or ("age" if _is_age_at(column) else None)


def rank_of_name(field: str, column: str) -> int:
    """Return how early a column's name stands among the names of its field.

    Example:
        >>> rank_of_name("patient_id", "PatientID")
        0
    """
    name = _without_unit(column)
    return len(_RANK[field]) if field == "age" and name not in _RANK[field] else _RANK[field][name]


def _is_age_at(column: str) -> bool:
    """Return whether a name is "age at ..." of a visit, a presentation, a photograph, ..."""
    letters = unicodedata.normalize("NFKD", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", column).casefold())
    plain = "".join(letter for letter in letters if not unicodedata.combining(letter))
    words = " ".join(re.findall(r"[a-z0-9]+", plain))
    return bool(_AGE_AT.fullmatch(words)) and not _OTHER_EVENT.search(words)


def is_weak_label(column: str) -> bool:
    """Return whether a column of this name says what the images show only where no better one does.

    Example:
        >>> is_weak_label("Histology"), is_weak_label("dx")
        (True, False)
    """
    return _without_unit(column) in _WEAK


def _without_unit(column: str) -> str:
    """Return the part that is compared of "Age (years)", which a table may also call "Age"."""
    return squeezed(re.sub(r"[(\[][^)\]]*[)\]]\s*$", "", column)) or squeezed(column)
