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
