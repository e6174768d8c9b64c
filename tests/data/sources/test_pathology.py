"""The truth is what the pathologist found: a clinical diagnosis is not read where a column of pathology stands by."""

import logging
import shutil

import pytest

from lentigo.data.sources import Choices, read_data
from lentigo.data.sources._labelled import read_labelled
from lentigo.data.sources._pathology import speaks_of_clinic, speaks_of_pathology
from lentigo.errors import DataError
from lentigo.taxonomy import Taxonomy

GUESSES = ("melanoma", "naevus", "melanoma", "naevus")
FOUND = ("Compound naevus", "Melanoma in situ", "BCC nodular", "Seb. keratosis")


@pytest.fixture
def table_of(tmp_path, photo):
    """Writes a table of four photographs with these columns."""

    def write(**columns):
        names = [name.replace("__", ".").replace("_", " ") for name in columns]
        rows = [f"p{k}.jpg," + ",".join(values[k] for values in columns.values()) for k in range(4)]
        for k in range(4):
            shutil.copy(photo, tmp_path / f"p{k}.jpg")
        path = tmp_path / "t.csv"
        path.write_text("\n".join([",".join(["image", *names]), *rows]) + "\n", encoding="utf-8")
        return path

    return write


@pytest.mark.parametrize(
    ("clinical", "pathology"),
    [
        ("Clinical_diagnosis", "Biopsy_result"),  # the first is an alias, the second is not
        ("Clinical_diagnosis", "Histologie"),  # both are, and the clinical one stands first
        ("Diagnóstico_clínico", "Exame_anatomopatológico"),
        ("Diagnóstico_clínico", "AP"),
        ("Verdachtsdiagnose", "Pathologischer_Befund"),
        ("Diagnostic_clinique", "Anatomie_pathologique"),
        ("Sospecha", "Anatomía_patológica"),
        ("Diagnosi_clinica", "Esame_istologico"),
        ("Referral_diagnosis", "Path_result"),
        ("Pre-op_diagnosis", "Histo"),
    ],
)
def test_pathology_is_read_instead_of_a_clinical_diagnosis_and_that_is_said(table_of, caplog, clinical, pathology):
    caplog.set_level(logging.INFO)
    manifest = read_data(table_of(**{clinical: GUESSES, pathology: FOUND}))
    assert manifest.table["diagnosis"].tolist() == ["NV", "MEL", "BCC", "BKL"]
    other = clinical.replace("_", " ")
    assert f"and not '{other}'" in caplog.text or f"metadata only: {other}" in caplog.text


def test_the_other_column_can_be_chosen_and_then_nothing_is_said(table_of, caplog):
    path = table_of(Clinical_diagnosis=GUESSES, Biopsy_result=FOUND)
    read_data(path)
    assert "'Biopsy result' is read as diagnosis and not 'Clinical diagnosis', because it speaks" in caplog.text
    assert "(filled in for 4 of 4 rows); the other: --set 'data.columns.diagnosis=Clinical diagnosis'" in caplog.text
    caplog.clear()
    chosen = read_data(path, choices=Choices({"diagnosis": "Clinical diagnosis"}))
    assert chosen.table["diagnosis"].tolist() == ["MEL", "NV", "MEL", "NV"]
    assert "pathology" not in caplog.text


def test_several_columns_of_pathology_are_a_question(table_of):
    path = table_of(Clinical_diagnosis=GUESSES, Biopsy_result=FOUND, Histology_of_excision=FOUND)
    with pytest.raises(
        DataError, match=r"several speak of pathology: 'Biopsy result', 'Histology of excision'\. Choose"
    ):
        read_data(path)
    path = table_of(Suspected=GUESSES, Biopsy_result=FOUND, Excision_histo=FOUND)  # all three found by their values
    with pytest.raises(DataError, match=r"several speak of pathology: 'Biopsy result', 'Excision histo'"):
        read_data(path)


def test_pathology_that_cannot_be_read_is_a_question_and_not_passed_over(table_of):
    path = table_of(Clinical_diagnosis=GUESSES, Biopsy_result=("huidmoedervlek", "onbekende plek", "wrat", "vlekje"))
    with pytest.raises(
        DataError, match=r"'Clinical diagnosis' is a clinical diagnosis by its name, and another speaks"
    ):
        read_data(path)


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("Biopsy", ("yes", "no", "yes", "no")),
        ("Biopsy_date", ("12 March", "13 March", "14 March", "15 March")),
        ("Histology_no", ("H20-1", "H20-2", "H20-3", "H20-4")),
        ("Biopsy", ("H20-1", "H20-2", "H20-3", "H20-4")),
        ("Pathologist", ("Dr Smith", "Dr Jones", "Dr Smith", "Dr Jones")),
        ("Biopsy_result", ("", "", "", "")),
    ],
)
def test_a_column_about_the_examination_is_not_its_result(table_of, name, values):
    manifest = read_data(table_of(Clinical_diagnosis=GUESSES, **{name: values}), choices=Choices())
    assert manifest.table["diagnosis"].tolist() == ["MEL", "NV", "MEL", "NV"]


def test_a_diagnosis_that_does_not_call_itself_clinical_is_read_as_before(table_of):
    manifest = read_data(table_of(Diagnosis=GUESSES, Biopsy_result=FOUND))
    assert manifest.table["diagnosis"].tolist() == ["MEL", "NV", "MEL", "NV"]


def test_the_truth_of_predictions_is_the_pathology_too(table_of):
    path = table_of(Clinical_diagnosis=GUESSES, Biopsy_result=FOUND)
    rows = read_labelled(path, taxonomy=Taxonomy(), needs_labels=True)
    assert rows["diagnosis"].tolist() == ["NV", "MEL", "BCC", "BKL"]


def test_names_of_columns_are_told_apart():
    proofs = ("Histology", "Befund", "biopsyDx", "Clinicopathological diagnosis", "Referto istologico", "AP")
    guesses = ("clinical_dx", "ClinicalDx", "Klinische Diagnose", "Pre-biopsy diagnosis", "klinischer Befund")
    neither = ("Diagnosis", "Reference diagnosis", "site", "Notes", "patient", "apathy")
    assert [speaks_of_pathology(name) for name in (*proofs, *guesses, *neither)] == [True] * 6 + [False] * 11
    assert [speaks_of_clinic(name) for name in (*proofs, *guesses, *neither)] == [False] * 6 + [True] * 5 + [False] * 6
