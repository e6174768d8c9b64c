import pandas as pd
import pytest

from lentigo.data.manifest._suspects import find_suspects, independence


def _table(**columns: object) -> pd.DataFrame:
    n = 60
    table = pd.DataFrame(
        {"image_id": [f"i{k:02}" for k in range(n)], "patient_id": None, "lesion_id": None}, dtype=object
    )
    return table.assign(**columns)


TWOS = [str(k // 2) for k in range(60)]


@pytest.mark.parametrize("name", ["case_id", "CaseNo", "Fall-Nr", "visit_no", "StudyInstanceUID", "record key"])
def test_an_unused_column_with_the_name_of_an_id_is_a_suspect(name: str) -> None:
    (found,) = find_suspects(_table(**{name: [f"C{value}" for value in TWOS]}))
    assert (found.column, found.n_values, found.n_images, found.n_torn) == (name, 30, 60, 30)


@pytest.mark.parametrize("name", ["image_no", "device_id", "num_lesions", "copyright_license", "age_no", "notes"])
def test_other_columns_are_none(name: str) -> None:
    assert find_suspects(_table(**{name: TWOS})) == ()


def test_what_cannot_tear_is_no_suspect() -> None:
    assert find_suspects(_table(case_id=TWOS, patient_id=[f"P{value}" for value in TWOS])) == ()
    assert find_suspects(_table(case_id=[str(k) for k in range(60)])) == ()
    assert find_suspects(_table(case=["case", "control"] * 30)) == ()


def test_a_column_that_holds_whole_lesions_is_a_suspect_whatever_its_name() -> None:
    lesions = [f"L{k // 2}" for k in range(120)]
    table = pd.DataFrame(
        {"image_id": [f"i{k}" for k in range(120)], "patient_id": None, "lesion_id": lesions}, dtype=object
    )
    assert [
        found.column for found in find_suspects(table.assign(Kennung=[f"K{k // 5 // 2}" for k in range(120)]))
    ] == []
    holders = [f"K{k // 4}" for k in range(120)]  # two lesions each
    assert [found.column for found in find_suspects(table.assign(Kennung=holders))] == ["Kennung"]
    days = [f"2024-{1 + k // 4 % 12:02}-{1 + k // 48:02}" for k in range(120)]
    assert find_suspects(table.assign(Kennung=days)) == ()


def test_the_user_settles_it() -> None:
    table = _table(case_id=TWOS)
    assert find_suspects(table, {"Case ID": "none"}) == find_suspects(table, {"patient_id": "none"}) == ()
    assert len(find_suspects(table, {"age": "none"})) == 1


def test_nothing_is_independent_by_lesion_without_a_word_on_patients() -> None:
    known = _table(lesion_id=TWOS)
    assert independence(known, "lesion") == "lesion, patients unknown"
    assert independence(_table(), "image") == "image, lesions and patients unknown"
    assert independence(known.assign(patient_id="P"), "patient") == "patient"
    some = known.assign(patient_id=["P1"] * 20 + [None] * 40)
    assert independence(some, "patient") == "patient, patients unknown for 40 of 60 images"


def _numbers(n_values: int, n_images: int, start: int = 481_793, step: int = 137) -> list[int]:
    return [start + step * (k * n_values // n_images) for k in range(n_images)]


@pytest.mark.parametrize("name", ["Processo", "Kennung", "Dossier", "cartella", "xy"])
@pytest.mark.parametrize("shape", ["{}", "H{}", "{}/19", "K-{}", "{}A"])
def test_a_column_is_told_by_its_values_whatever_its_name(name: str, shape: str) -> None:
    table = _table(**{name: [shape.format(value) for value in _numbers(30, 60)]})
    assert [found.column for found in find_suspects(table)] == [name]


def test_numbers_of_the_spreadsheet_are_told_too_with_gaps() -> None:
    values = [float(value) for value in _numbers(30, 60)]
    values[7] = float("nan")
    assert [found.column for found in find_suspects(_table(Processo=values))] == ["Processo"]


@pytest.mark.parametrize(
    "values",
    [
        [20 + 3 * (k // 3) for k in range(60)],  # ages
        [1950 + k // 2 for k in range(60)],  # years
        [f"{1 + k // 2:02}/03/2019" for k in range(60)],
        [f"2019-03-{1 + k // 2:02}" for k in range(60)],
        [f"{0.5 + k // 2:.1f}" for k in range(60)],  # millimetres
        [1000 + 10 * (k // 2) for k in range(60)],  # rounded measurements
        [("AB", "CD", "EF")[k % 3] for k in range(60)],  # physicians
        [f"A{chr(65 + k // 3)}" for k in range(60)],  # as many initials as there are letters
        [("left arm", "right arm", "back")[k % 3] for k in range(60)],
        [f"remark {k // 2}" for k in range(60)],
        [4_000 + k // 30 for k in range(60)],  # two cameras
        _numbers(60, 60),  # one image each: nothing to hold together
        _numbers(15, 60),  # too few to tell from wards
    ],
)
def test_values_that_are_no_ids_need_no_question(values: list[object]) -> None:
    assert find_suspects(_table(Kennung=values)) == ()


@pytest.mark.parametrize("name", ["Durchmesser", "PLZ", "Data da consulta", "file bytes", "Código postal cep", "área"])
def test_a_name_of_something_else_ends_the_question(name: str) -> None:
    names = {"área": "area (px)"}
    assert find_suspects(_table(**{names.get(name, name): _numbers(30, 60)})) == ()


def test_an_id_has_one_sex() -> None:
    values = _numbers(30, 60)
    one = _table(Kennung=values, sex=[("male", "female")[k // 2 % 2] for k in range(60)])
    two = _table(Kennung=values, sex=[("male", "female")[k % 2] for k in range(60)])
    assert len(find_suspects(one)) == 1
    assert find_suspects(two) == ()
