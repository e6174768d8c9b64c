"""Ordinary reports are read: specimen, place and margins change no diagnosis. Doubt, denial and scars stay unknown."""

import pandas as pd
import pytest

from lentigo.data.manifest import Problems
from lentigo.data.sources._labels import add_labels
from lentigo.taxonomy import Taxonomy, is_undiagnosed


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Excision biopsy: invasive malignant melanoma, SSM, Breslow thickness 1.2 mm, not ulcerated, pT2a", "MEL"),
        ("Skin, left back, punch biopsy: compound melanocytic nevus, mildly dysplastic, margins clear", "NV"),
        ("Skin, nose, shave biopsy: BASAL CELL CARCINOMA, nodular and micronodular", "BCC"),
        ("Basal cell carcinoma, infiltrative growth pattern, extends to deep margin", "BCC"),
        ("Dysplastic nevus with moderate atypia, narrowly excised", "NV"),
        ("Severely dysplastic compound naevus, re-excision advised", "NV"),
        ("Inflamed seborrhoeic keratosis, curettage", "BKL"), ("Lichenoid keratosis, biopsy of left cheek", "BKL"),
        ("melanoma arising in a dysplastic naevus, Breslow 0.5 mm", "MEL"),
        ("Melanoma in-situ (arising in pre-existing naevus)", "MEL"), ("Melanoma su nevo preesistente", "MEL"),
        ("Pigmented seborrheic keratosis; no melanoma seen", "BKL"), ("Basal cell papilloma", "BKL"),
        ("Intraepidermal carcinoma", "SCC"), ("Recurrent naevus within scar", "NV"), ("SSMM 0.6 mm", "MEL"),
        ("Congenital-pattern melanocytic naevus", "NV"), ("Regressing melanocytic naevus", "NV"),
        ("Invasive melanoma, Breslow depth 0.9 mm, mitotic rate <1/mm2", "MEL"),
        ("Melanoma, Breslow 0.3mm, Clark II, non-ulcerated, excised with 5 mm margin", "MEL"),
        ("Lentigo maligna, margins involved", "MEL"), ("Nodulocystic basal cell carcinoma", "BCC"),
        ("Basal cell carcinoma, excision incomplete at deep margin", "BCC"), ("Ca. basocellulare", "BCC"),
        ("Carcinoma basocellulare infiltrante, margini indenni", "BCC"), ("melanoma left arm", "MEL"),
        ("Melanoma a estensione superficiale, livello III di Clark", "MEL"), ("Melanoma lentigginoso acrale", "MEL"),
        ("Nevo melanocitico dermico, asportazione completa", "NV"), ("Biopsie, dos: carcinome basocellulaire", "BCC"),
        ("Exzisionsbiopsie Rücken links: dysplastischer Nävus, nicht in sano", "NV"),
        ("Biopsia, espalda: carcinoma basocelular nodular, márgenes libres", "BCC"),
        ("Melanoma arising in a pre-existing compound naevus, Breslow < 0.8 mm", "MEL"),
        ("Pele, dorso, excisão: nevo displásico, margens livres", "NV"),
    ],
)  # fmt: skip
def test_an_ordinary_report_is_read(text, code):
    assert Taxonomy().code(text) == code


@pytest.mark.parametrize(
    "text",
    [
        "melanoma cannot be excluded", "nevus vs melanoma", "?BCC", "no evidence of melanoma", "melanoma or nevus",
        "Scar, no residual melanoma", "Re-excision of melanoma, margins clear", "Excision site of melanoma, left arm",
        "Left arm, excision: margins free of melanoma", "Margins clear of melanoma", "Margini indenni da melanoma",
        "Skin, left back, negative for melanoma", "No melanoma seen", "Punch biopsy: consistent with melanoma",
        "r/o melanoma left arm", "Melanoma, biopsy advised", "Nevus arising in melanoma", "No residual BCC, nose",
        "Nevus arising in a dysplastic nevus", "Benign nevus, pT1a", "Melanoma left arm, nevus right arm",
        "Excision: insufficient for melanoma", "Naevus (clinical diagnosis, not biopsied)", "Piel, sin melanoma",
    ],
)  # fmt: skip
def test_doubt_denial_scars_and_margins_stay_unknown_beside_words_of_specimens(text):
    assert not Taxonomy().has_target(text)


@pytest.mark.parametrize(
    "text",
    [
        "not biopsied - clinically benign", "Not biopsied, review 3/12", "No biopsy - monitored", "Lost to follow-up",
        "Insufficient tissue for diagnosis", "Specimen inadequate", "Inadequate", "Non-diagnostic", "Inadequate biopsy",
        "Nicht biopsiert, Kontrolle in 3 Monaten", "Material unzureichend", "Pas de biopsie", "Perdu de vue",
        "Matériel insuffisant pour le diagnostic", "Sin biopsia, control", "Muestra insuficiente",
        "Perdido de seguimiento",
        "Sem biópsia", "Amostra insuficiente", "Não biopsiado", "Non biopsiato, controllo", "Materiale insufficiente",
        "Perso al follow-up", "Patient declined biopsy", "histology not available, review 3/12", "QNS", "lost to f/u",
        "-", "—", "?", "n.a.", "k.A.", "keine Angabe", "Nicht exzidiert, Kontrolle", "Biopsie abgelehnt",
        "Biopsia rifiutata", "referto non disponibile", "histologie non disponible", "sin histología",
        "Biopsia no realizada", "sem histologia", "Specimen lost", "histology to follow",
    ],
)  # fmt: skip
def test_a_text_that_says_there_is_no_diagnosis_is_none(text):
    assert is_undiagnosed(text)


@pytest.mark.parametrize(
    "text",
    ["Not biopsied, clinical nevus", "No biopsy: melanoma", "insufficient evidence of malignancy",
     "No histology of BCC",
     "inadequate margins", "lipoma, not biopsied", "biopsy", "+", "- melanoma", "clinically benign", "no pathology",
     "Not biopsied; clinically seborrheic keratosis", "No diagnosis of malignancy", "biopsy lost, melanoma"],
)  # fmt: skip
def test_a_lesion_beside_such_words_is_not_dropped(text):
    assert not is_undiagnosed(text)


def test_an_alias_says_more_than_the_words_of_a_text_without_a_diagnosis():
    text = "not biopsied - clinically benign"
    rows = add_labels(
        pd.DataFrame({"diagnosis": [text, "MEL"]}), Problems("t.csv"), taxonomy=Taxonomy(aliases={text: "NV"})
    )
    assert rows["diagnosis"].tolist() == ["NV", "MEL"]
    assert rows["undiagnosed"].tolist() == [False, False]
