import logging
from pathlib import Path

import pandas as pd
import pytest

from lentigo.data.sources import _isic_schema as isic_schema
from lentigo.data.sources import metadata_problems, read_data
from lentigo.errors import MissingExtraError

pytest.importorskip("isic_metadata")

GOOD = {
    "isic_id": "ISIC_1",
    "attribution": "A clinic",
    "copyright_license": "CC-0",
    "age_approx": "45",
    "sex": "female",
    "anatom_site_general": "head/neck",
    "diagnosis_1": "Malignant",
    "diagnosis_2": "Malignant melanocytic proliferations (Melanoma)",
    "diagnosis_3": "Melanoma Invasive",
    "mel_thick_mm": "0.8",
    "image_type": "dermoscopic",
    "patient_id": "IP_1",
    "lesion_id": "IL_1",
}


def table(*changes: dict[str, str]) -> pd.DataFrame:
    return pd.DataFrame([{**GOOD, "isic_id": f"ISIC_{number}", **change} for number, change in enumerate(changes, 1)])


def test_a_table_of_the_archive_has_no_problems() -> None:
    assert metadata_problems(table({}, {"age_approx": "", "sex": ""})) == []


def test_problems_are_grouped_with_the_first_five_images() -> None:
    found = metadata_problems(table({}, *[{"sex": "mael"}] * 7, {"age_approx": "-5"}))
    assert found == [
        "age: Number must be greater than or equal to 0. 1 image: ISIC_9",
        "sex: Input should be 'male' or 'female'. 7 images: ISIC_2, ISIC_3, ISIC_4, ISIC_5, ISIC_6 (+2)",
    ]


def test_values_outside_the_vocabulary_and_fields_that_contradict_are_found() -> None:
    nevus = {"diagnosis_1": "Benign", "diagnosis_2": "Benign melanocytic proliferations", "diagnosis_3": "Nevus"}
    site, thickness = metadata_problems(table({"anatom_site_general": "elbow"}, nevus))
    assert site == "anatom_site_general: Unsupported value for anatom_site_general: 'elbow'. 1 image: ISIC_1"
    assert thickness.startswith("row: Setting mel_thick_mm is incompatible with diagnosis")


def test_a_lesion_of_two_patients_is_found() -> None:
    assert metadata_problems(table({}, {"patient_id": "IP_2"})) == ["lesion_id: belongs to several patients: IL_1"]


def test_a_file_and_a_folder_are_read_and_rows_without_an_id_are_numbered(tmp_path: Path) -> None:
    table({"sex": "mael"}).drop(columns="isic_id").to_csv(tmp_path / "metadata.csv", index=False)
    for place in (tmp_path, tmp_path / "metadata.csv"):
        assert metadata_problems(place) == ["sex: Input should be 'male' or 'female'. 1 image: row 1"]


def test_reading_a_folder_of_the_archive_warns_and_goes_on(tmp_path: Path, caplog) -> None:
    nevus = {"diagnosis_1": "Benign", "diagnosis_2": "Benign melanocytic proliferations", "diagnosis_3": "Nevus"}
    rows = table({"image_type": "photo"}, {**nevus, "mel_thick_mm": "", "lesion_id": "IL_2"})
    rows.to_csv(tmp_path / "metadata.csv", index=False)
    for name in rows["isic_id"]:
        (tmp_path / f"{name}.jpg").touch()
    with caplog.at_level(logging.WARNING):
        assert len(read_data(tmp_path)) == 2
    assert "does not keep to the ISIC archive's schema:\n- image_type: Unsupported value" in caplog.text


def test_without_isic_metadata_reading_works_and_asking_names_the_extra(monkeypatch) -> None:
    monkeypatch.setattr(isic_schema.importlib.util, "find_spec", lambda _: None)
    with pytest.raises(MissingExtraError, match=r"pip install .*\[isic\]'"):
        metadata_problems(table({}))


def test_an_older_export_keeps_to_the_schema_of_its_time() -> None:
    older = table({}, {}, {}).drop(
        columns=[name for name in GOOD if name.startswith("diagnosis_") and name[-1].isdigit()]
    )
    older = older.assign(diagnosis=["melanoma", "nevus", "AIMP"], mel_thick_mm=["0.7", "", ""], image_type="clinical")
    older = older.assign(lesion_id=["IL_1", "IL_2", "IL_3"])
    assert metadata_problems(older) == []
    (wrong,) = metadata_problems(older.assign(diagnosis=["melanoma", "nevus", "freckle"]))
    assert wrong == "diagnosis: Unsupported value for diagnosis: 'freckle'. 1 image: ISIC_3"
