"""Tables as hospitals of several countries write them."""

import tomllib

import pandas as pd
import pytest

from lentigo.data.manifest import Problems
from lentigo.data.sources import read_data
from lentigo.data.sources._aliases import rename_columns
from lentigo.data.sources._choices import Choices
from lentigo.data.sources._labelled import read_labelled
from lentigo.data.sources._labels import add_labels
from lentigo.data.sources._lesions import settle_lesions
from lentigo.data.sources._sexes import plain_sex
from lentigo.data.sources._targets import note_undiagnosed
from lentigo.errors import DataError
from lentigo.images import field_of_name
from lentigo.taxonomy import Taxonomy


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (["m", "h"], ["female", "male"]),  # mujer, hombre
        (["m", "w"], ["male", "female"]),
        (["m", "f"], ["male", "female"]),
        (["h", "f"], ["male", "female"]),
        (["m", "v"], ["m", "v"]),  # Spanish and Dutch mean the opposite of each other
        (["m.", "w.", None], ["male", "female", None]),
        (["mujer", "varón"], ["female", "male"]),
        (["männlich", "weiblich", "divers"], ["male", "female", "divers"]),
        (["1", "2"], ["1", "2"]),
    ],
)
def test_letters_of_sex_mean_what_they_mean_beside_the_others(values, expected):
    assert plain_sex(pd.Series(values, dtype=object)).tolist() == expected


def test_what_is_read_of_other_languages_and_what_is_neither_is_said(caplog):
    plain_sex(pd.Series(["h", "m", "m"], dtype=object))
    assert "'h' is read as male, 'm' is read as female" in caplog.text
    plain_sex(pd.Series(["m", "f", "7"], dtype=object))
    assert "'7' (1 image) cannot be told to be male or female" in caplog.text


def test_english_letters_need_no_word(caplog):
    plain_sex(pd.Series(["m", "f", "male", "other"], dtype=object))
    assert caplog.text == ""


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("C43.5", "MEL"), ("c43", "MEL"), ("D03.6", "MEL"), ("D22.7", "NV"), ("L82", "BKL"), ("L82.1", "BKL"),
        ("L57.0", "AK"), ("D04.5", "SCC"), ("D18.0", "VASC"), ("C44", "MAL_OTH"), ("C44.3", "MAL_OTH"),
        ("C44.31", "BCC"), ("C44.311", "BCC"), ("C44.42", "SCC"), ("D23.9", "BEN_OTH"), ("C43.9 G", None),
        ("Basalzellkarzinom", "BCC"), ("Seborrhoische Keratose", "BKL"), ("Nävuszellnävus", "NV"),
        ("Malignes Melanom", "MEL"), ("Nävuszellnävus vom Compoundtyp", "NV"),
        ("Morbus Bowen", "SCC"), ("Aktinische Keratose", "AK"), ("SSM", "MEL"),
        ("carcinoma basocelular", "BCC"), ("Nevo melanocítico", "NV"), ("queratosis actínica", "AK"),
        ("Benign naevus", "NV"), ("Invasive melanoma", "MEL"), ("kératose séborrhéique", "BKL"), ("ausstehend", "UNK"),
    ],
)  # fmt: skip
def test_codes_and_names_of_clinics_are_known(text, code):
    if code is None:
        with pytest.raises(DataError, match="unknown diagnosis"):
            Taxonomy().target(text)
    else:
        assert Taxonomy().target(text) == code


@pytest.mark.parametrize("text", ["L57.9", "D18.1", "L81.4", "C50", "D22x7"])
def test_codes_of_other_diseases_are_not_guessed(text):
    with pytest.raises(DataError, match="unknown diagnosis"):
        Taxonomy().target(text)


def test_many_unknown_names_come_with_lines_to_fill_in():
    table = pd.DataFrame({"diagnosis": ["NV", "melanoom", "blob", 'spot "x"', "w" * 80]})
    problems = Problems("t.csv")
    add_labels(table, problems, taxonomy=Taxonomy())
    lines = problems.advice[-1].splitlines()
    assert len(problems.sentences) == 4  # of unknown names; the lines to fill in are not a problem
    assert tomllib.loads("\n".join(lines[1:])) == {
        "data": {"aliases": {"melanoom": "MEL", "blob": "CODE", 'spot "x"': "CODE", "w" * 80: "CODE"}}
    }
    assert "--recipe aliases.toml" in lines[0]
    few = Problems("t.csv")
    add_labels(table[:3], few, taxonomy=Taxonomy())
    assert not few.advice


def test_the_part_to_fill_in_holds_every_name_whole_and_each_once_whatever_its_case():
    long = "Blob of the left arm, excision biopsy: \n features that nobody has described before, \x7f level 9" * 3
    problems = Problems("t.csv")
    texts = ["Blob", "BLOB", "blob ", long, long.upper(), "spot"]
    add_labels(pd.DataFrame({"dx": texts}).rename(columns={"dx": "diagnosis"}), problems, taxonomy=Taxonomy())
    (advice,) = problems.advice
    aliases = tomllib.loads(advice.partition("\n")[2])["data"]["aliases"]
    assert aliases == {"Blob": "CODE", long: "CODE", "spot": "CODE"}
    assert len(problems.sentences) == 3
    assert problems.sentences[0].startswith("t.csv lines 2, 3, 4: unknown diagnosis 'Blob'")
    taxonomy = Taxonomy(aliases=dict.fromkeys(aliases, "NV"))
    assert {taxonomy.target(text) for text in texts} == {"NV"}


def test_texts_that_differ_by_case_alone_are_named_once(caplog):
    caplog.set_level("INFO")
    texts = ["BCC nodular", "bcc NODULAR", "Lipoma", "LIPOMA", "MEL"]
    add_labels(pd.DataFrame({"diagnosis": texts}), Problems("t.csv"), taxonomy=Taxonomy())
    assert "BCC: 'BCC nodular' (2). All" in caplog.text
    assert "2 images of a diagnosis without a code of its own: Lipoma (2)." in caplog.text
    problems = Problems("t.csv")
    rows = add_labels(pd.DataFrame({"diagnosis": ["NV", "Pending", "PENDING"]}), problems, taxonomy=Taxonomy())
    note_undiagnosed(rows, rows["diagnosis"] == "UNK", problems)
    assert "2 images without a diagnosis or a label: 'Pending' (2)." in problems.sentences[0]


def test_the_codes_are_listed_once_however_many_names_are_unknown():
    problems = Problems("t.csv")
    add_labels(pd.DataFrame({"diagnosis": ["blob", "spot", "mark"]}), problems, taxonomy=Taxonomy())
    assert "\n".join([*problems.sentences, *problems.advice]).count("Known codes") == 1
    add_labels(pd.DataFrame({"diagnosis": ["blob"]}), few := Problems("t.csv"), taxonomy=Taxonomy())
    assert "Known codes" in few.sentences[0]


def test_what_an_alias_makes_unk_is_no_news_and_is_without_a_diagnosis(caplog, write_set):
    lines = ["image_id,dx", "a,nv", "b,mel", "c,bcc", "d,blob", "e,Not biopsied", "f,nv"]
    folder = write_set(lines, images=[f"{name}.jpg" for name in "abcdef"])
    choices = Choices(undiagnosed="drop")
    manifest = read_data(folder, taxonomy=Taxonomy(aliases={"Blob": "UNK"}), choices=choices)
    assert "Counted as UNK" not in caplog.text
    assert manifest.left_out == (("without a diagnosis, or mapped to UNK", 2),)  # one box of the flow
    assert manifest.classes == ("MEL", "NV", "BCC")  # the mapped class does not make it a task of two sides
    plain = read_data(folder, taxonomy=Taxonomy(aliases={"blob": "NV", "Not biopsied": "UNK"}), choices=choices)
    assert plain.left_out == (("without a diagnosis", 1),)


def test_rows_without_a_diagnosis_are_no_class_in_silence(caplog, write_set):
    folder = write_set(
        ["image_id,dx", "a,nv", "b,mel", "c,pending", "d,UNK"], images=[f"{name}.jpg" for name in "abcd"]
    )
    manifest = read_data(folder, task="diagnosis")
    assert "1 image without a diagnosis counts as the class UNK: 'pending' (1)" in caplog.text
    assert manifest.classes == ("MEL", "NV", "UNK")


def test_one_name_that_is_too_long_to_be_shown_comes_whole_to_fill_in():
    problems = Problems("t.csv")
    add_labels(pd.DataFrame({"diagnosis": ["x" * 300]}), problems, taxonomy=Taxonomy())
    assert "[data.aliases]\n" + f'"{"x" * 300}" = "CODE"' in problems.advice[0]
    add_labels(pd.DataFrame({"diagnosis": ["x" * 401]}), report := Problems("t.csv"), taxonomy=Taxonomy())
    assert report.advice == ["1 diagnosis is longer than 400 letters: a whole report. Shorten it in the table."]


@pytest.mark.parametrize(
    ("column", "field"),
    [
        ("Alter (Jahre)", "age"), ("Age [years]", "age"), ("Histologischer Befund", "diagnosis"),
        ("CIE-10", "diagnosis"),
        ("localización", "site"), ("NHC", "patient_id"), ("Patientennummer", "patient_id"), ("(id)", None),
    ],
)  # fmt: skip
def test_columns_of_clinics_are_known(column, field):
    assert field_of_name(column) == field


def test_two_columns_of_images_are_named(tmp_path, tiny_images):
    from lentigo.data.sources import read_data

    folder = tiny_images({"photos": 4})
    names = sorted(path.name for path in (folder / "photos").iterdir())
    rows = [f"{names[k]},{names[3 - k]},{'MEL' if k % 2 else 'NV'}" for k in range(4)]
    (folder / "clinic.csv").write_text("\n".join(["derma,macro,diagnosis", *rows]))
    with pytest.raises(DataError, match="several are images below .*'derma', 'macro'.*data.columns.image_id=derma"):
        read_data(folder / "clinic.csv")


@pytest.mark.parametrize(
    ("column", "field"),
    [
        ("Idade", "age"), ("Localização", "site"), ("Lesão", "lesion_id"), ("Età", "age"), ("Sede", "site"),
        ("Lesione", "lesion_id"), ("Sesso", "sex"), ("Sexe", "sex"), ("Nº utente", "patient_id"),
        ("Processo clínico", "patient_id"), ("Prontuário", "patient_id"), ("Codice fiscale", "patient_id"),
        ("Anatomia patológica", "diagnosis"), ("Esame istologico", "diagnosis"),
        ("Nº processo", None), ("Fall-Nr", None),  # a case is of one patient, but a patient may be several cases
    ],
)  # fmt: skip
def test_columns_in_portuguese_and_italian_are_known_where_they_mean_one_thing(column, field):
    assert field_of_name(column) == field


def test_numbers_of_lesions_without_patients_join_nobody(caplog):
    numbers = ["1"] * 14 + ["2"] * 6
    table = pd.DataFrame({"lesion_id": numbers, "diagnosis": ["MEL", "NV"] * 10})
    settled = settle_lesions(table, "t.csv")
    assert "lesion_id" not in settled
    assert settled["lesion_number"].tolist() == numbers
    assert "no column names the patients: they are not used" in caplog.text
    real = table.assign(lesion_id=[str(k // 2) for k in range(20)])
    assert settle_lesions(real, "t.csv").equals(real)
    of_one = table.assign(diagnosis=["MEL"] * 14 + ["NV"] * 6)  # two lesions in many photographs
    assert settle_lesions(of_one, "t.csv").equals(of_one)


PATIENTS = [f"P{k // 2}" for k in range(20)]  # two images each


@pytest.mark.parametrize(
    "numbers",
    [
        ["1"] * 20, ["Lesion 1"] * 20, ["0001"] * 20, ["1", "1", *["1", "2", "3", "1"] * 4, "4", "5"],
        ["1"] * 16 + ["2", "3", "4", "5"],
    ],
    ids=["one", "one in words", "one of four digits", "up to five", "nearly all one"],
)  # fmt: skip
def test_a_number_of_a_lesion_is_an_id_only_with_its_patient(numbers):
    table = pd.DataFrame({"lesion_id": numbers, "patient_id": PATIENTS, "diagnosis": ["MEL", "NV"] * 10})
    settled = settle_lesions(table, "t.csv")["lesion_id"]
    assert settled.tolist() == [f"{patient}-{number}" for patient, number in zip(PATIENTS, numbers, strict=True)]


def test_ids_that_are_of_one_patient_each_stay_as_they_are_with_patients():
    for ids in ([f"L{k // 2}" for k in range(20)], ["7"] * 4 + [str(k) for k in range(10, 26)]):
        table = pd.DataFrame({"lesion_id": ids, "patient_id": PATIENTS, "diagnosis": "NV"})
        assert settle_lesions(table, "t.csv").equals(table)
    one = pd.DataFrame({"lesion_id": "1", "patient_id": ["P1"] * 8, "diagnosis": "NV"})
    assert settle_lesions(one, "t.csv").equals(one)


@pytest.mark.parametrize("diagnoses", [["MEL", "NV"] * 10, ["NV"] * 20, None])
def test_one_lesion_for_all_images_without_patients_is_not_used_and_one_line_says_so(diagnoses, caplog):
    table = pd.DataFrame({"lesion_id": ["1"] * 20})
    settled = settle_lesions(table if diagnoses is None else table.assign(diagnosis=diagnoses), "t.csv")
    assert "lesion_id" not in settled
    assert len(caplog.records) == 1
    assert "t.csv: lesion ids are one value in all rows ('1'), and no column names the patients: they" in caplog.text


def test_nearly_all_first_lesions_without_patients_are_not_used_but_a_few_views_of_one_lesion_are():
    table = pd.DataFrame({"lesion_id": ["1"] * 17 + ["2", "2", "3"], "diagnosis": ["MEL", "NV"] * 8 + ["NV"] * 4})
    assert "lesion_id" not in settle_lesions(table, "t.csv")
    views = pd.DataFrame({"lesion_id": ["1"] * 3, "diagnosis": "MEL"})
    assert settle_lesions(views, "t.csv").equals(views)


def test_tables_of_images_and_of_the_truth_have_numbers_of_lesions_with_their_patients(tmp_path):
    rows = [f"i{k}.jpg,{PATIENTS[k]},1,{'MEL' if k % 2 else 'NV'}" for k in range(20)]
    (tmp_path / "table.csv").write_text("\n".join(["image,Patient ID,Lesion #,dx", *rows]))
    for k in range(20):
        (tmp_path / f"i{k}.jpg").write_bytes(b"a photograph that nobody opens here")
    expected = [f"{patient}-1" for patient in PATIENTS]
    assert read_data(tmp_path / "table.csv").table["lesion_id"].tolist() == expected
    for needs_labels in (True, False):
        read = read_labelled(tmp_path / "table.csv", taxonomy=Taxonomy(), needs_labels=needs_labels)
        assert read["lesion_id"].tolist() == expected


@pytest.mark.parametrize(
    "column",
    ["Age at visit", "age_at_presentation", "AgeAtConsultation", "Age at examination (years)", "Patient age at photo",
     "Edad al diagnóstico", "Idade na consulta", "Età alla visita", "Âge à la biopsie", "Alter bei Aufnahme"],
)  # fmt: skip
def test_an_age_at_any_event_of_the_photograph_is_age(column):
    table = rename_columns(pd.DataFrame({"image_id": ["a"], column: [45]}), "t.csv")
    assert table["age"].tolist() == [45]


@pytest.mark.parametrize(
    "column", ["age at menopause", "Age at first melanoma", "age_at_death", "Age at visit, months", "age_attribute"]
)
def test_an_age_at_another_event_is_not_the_age(column):
    assert field_of_name(column) is None


def test_age_comes_before_age_at_a_visit():
    table = rename_columns(pd.DataFrame({"image_id": ["a"], "Age at visit": [45], "age": [47]}), "t.csv")
    assert table["age"].tolist() == [47]
