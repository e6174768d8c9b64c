"""Texts of reports are read only where every word is known: what a pathologist doubts is no diagnosis."""

import json
import logging
from pathlib import Path

import pandas as pd
import pytest

from lentigo._diagnosis_words import worded_code
from lentigo.data.manifest import Problems
from lentigo.data.sources._labels import TEXT, add_labels
from lentigo.errors import DataError
from lentigo.taxonomy import Taxonomy, is_undiagnosed, nearest_name

NAMES = json.loads((Path(__file__).parent / "diagnosis_names.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("code", NAMES)
def test_every_name_of_the_public_sets_keeps_the_code_that_it_had_before_words_were_read(code):
    """The file holds all spellings and the ISIC archive's vocabulary, with the codes of the version before."""
    found = {name: Taxonomy().target(name) if Taxonomy().has_target(name) else "unknown" for name in NAMES[code]}
    sides = {"benign", "malignant"}  # "Benign" names a side, which was never a diagnosis
    assert {name: got for name, got in found.items() if got != code and got not in sides} == {}


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Junctional melanocytic nevus", "NV"), ("Benign intradermal nevus", "NV"),
        ("Dysplastic compound nevus, mild atypia", "NV"), ("nevus with severe atypia", "NV"),
        ("Compound nevus, no evidence of melanoma", "NV"),
        ("BCC nodular", "BCC"), ("Basal cell carcinoma, nodular and infiltrative", "BCC"), ("Pigmented BCC", "BCC"),
        ("SCC in situ (Bowen's disease)", "SCC"), ("Carcinoma, squamous cell, well differentiated", "SCC"),
        ("Inflamed seb k", "BKL"), ("Melanoma, SSM, Breslow 1.2mm, Clark IV, pT2a, no ulceration", "MEL"),
        ("Nävus, dysplastisch", "NV"), ("Superfizielles Basalzellkarzinom", "BCC"),
        ("Malignes Melanom, Tumordicke 0,8 mm, ohne Ulzeration", "MEL"),
        ("Nævus jonctionnel dysplasique", "NV"), ("Carcinome basocellulaire nodulaire", "BCC"),
        ("Nevus compuesto con atipia leve", "NV"), ("Carcinoma basocelular infiltrante", "BCC"),
        ("Nevo displásico com atipia ligeira", "NV"), ("Melanoma nodular, Breslow 3,2 mm, ulcerado", "MEL"),
        ("Melanoma de extensão superficial, Breslow 0,5 mm", "MEL"), ("Doença de Bowen", "SCC"),
        ("Nevo composto, sem sinais de malignidade", "NV"), ("CBC pigmentado", "BCC"), ("Lentigo maligno", "MEL"),
        ("Queratose seborreica irritada", "BKL"), ("Carcinoma espinocelular bem diferenciado", "SCC"),
        ("Nevo melanocitico composto displastico", "NV"), ("Melanoma a diffusione superficiale", "MEL"),
        ("Cheratosi attinica pigmentata", "AK"), ("Carcinoma spinocellulare ben differenziato", "SCC"),
    ],
)  # fmt: skip
def test_a_name_with_words_that_change_nothing_is_read_in_any_order_and_language(text, code):
    assert Taxonomy().code(text) == code


@pytest.mark.parametrize(
    "text",
    [
        "Melanoma?", "?Melanoma", "Melanoma (?)", "Melanoma (-)", "Compound nevus, melanoma cannot be excluded",
        "Compound nevus (melanoma?)", "r/o melanoma", "rule out BCC", "suspicious for melanoma", "possible BCC",
        "probable nevus", "Melanoma vs Spitz nevus", "Melanoma versus nevus", "DD melanoma", "No melanoma",
        "Melanoma: excluded", "melanoma, not seen", "non-melanoma", "consistent with nevus", "favour nevus",
        "Scar, no residual melanoma", "Re-excision: no residual melanoma", "no evidence of melanoma",
        "Melanoma in situ and dysplastic nevus", "Dysplastic nevus, melanoma arising in nevus",
        "Actinic keratosis vs SCC in situ", "BCC / SCC",
        "V.a. Melanom", "kein Melanom", "Melanom nicht auszuschließen", "Verdacht auf Basaliom",
        "suspicion de mélanome", "mélanome possible", "sospecha de melanoma", "descartar melanoma", "sin melanoma",
        "suspeita de melanoma", "nevo, não melanoma", "CEC?", "Queratose actínica vs CEC", "sospetto melanoma",
        "melanoma da escludere",
    ],
)  # fmt: skip
def test_a_word_of_doubt_or_denial_or_a_second_name_makes_a_text_unknown(text):
    with pytest.raises(DataError, match="unknown diagnosis"):
        Taxonomy().target(text)


@pytest.mark.parametrize(
    "text",
    ["benign melanoma", "invasive nevus", "malignant dermatofibroma", "spider nevus", "nevus flammeus", "nevus pT1a",
     "Melanoma, no evidence of malignancy", "actinic keratosis in situ", "melanoma 2", "melanoma left hospital"],
)  # fmt: skip
def test_a_word_that_does_not_go_with_the_name_is_not_overlooked(text):
    assert worded_code(text) is None


def test_no_name_is_proposed_for_a_doubt():
    assert nearest_name("Seborrheic keratosiss") == ("seborrheic keratosis", "BKL")
    assert nearest_name("Seborrheic keratosis?") is None


def test_an_alias_of_a_doubt_leaves_the_plain_name_alone():
    taxonomy = Taxonomy(aliases={"Melanoma?": "UNK"})
    assert (taxonomy.code("melanoma?"), taxonomy.code("Melanoma")) == ("UNK", "MEL")


@pytest.mark.parametrize(
    "text",
    ["pending", "Histology pending", "awaited", "awaiting result", "ausstehend", "Befund ausstehend", "en attente",
     "pendiente", "aguarda resultado", "in attesa di referto", "not biopsied"],
)  # fmt: skip
def test_a_result_that_is_waited_for_is_no_diagnosis(text):
    assert is_undiagnosed(text)
    assert Taxonomy().code(text) == "UNK"


@pytest.mark.parametrize("text", ["lipoma", "nevus", "result: nevus", "in situ", "the"])
def test_other_texts_are_not_taken_for_waiting(text):
    assert not is_undiagnosed(text)


def test_what_was_read_by_words_is_listed_once_and_kept(caplog):
    caplog.set_level(logging.INFO)
    texts = ["Compound melanocytic nevus"] * 9 + ["BCC nodular", "nevus", "pending"]
    texts += [f"Melanoma, Breslow 1.{number} mm" for number in range(9)]
    table = add_labels(pd.DataFrame({"diagnosis": texts}), Problems("t.csv"), taxonomy=Taxonomy())
    (line,) = [record.getMessage() for record in caplog.records if "read by its words" in record.getMessage()]
    assert "NV: 'Compound melanocytic nevus' (9);" in line
    assert "BCC: 'BCC nodular' (1). All are in column 'diagnosis_text' of the manifest" in line
    assert line.count("Breslow") == 4
    assert "and 5 more" in line
    assert "'nevus'" not in line
    assert "pending" not in line
    assert table[TEXT].tolist() == texts


def test_names_that_are_known_whole_need_neither_a_line_nor_a_column(caplog):
    caplog.set_level(logging.INFO)
    table = add_labels(pd.DataFrame({"diagnosis": ["nv", "Melanoma in situ"]}), Problems("t.csv"), taxonomy=Taxonomy())
    assert "words" not in caplog.text
    assert TEXT not in table
