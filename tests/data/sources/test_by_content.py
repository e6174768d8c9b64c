"""Tables whose column names say nothing: images and diagnoses are found by what the columns hold, or not at all."""

import logging
import shutil

import pytest

from lentigo.data.sources import read_data
from lentigo.errors import DataError

ROWS = [
    ("DSC001", "17/1", "Malignant melanoma", "61"),
    ("DSC002", "17/2", "Naevus", "33"),
    ("DSC003", "17/3", "Basal cell CA", "70"),
    ("DSC004", "17/4", "Seb. keratosis", "66"),
]


@pytest.fixture
def table_of(tmp_path, photo):
    """Writes study.csv with four photographs in a folder below it."""

    def write(header, rows=ROWS):
        for name, *_ in ROWS:
            (tmp_path / "photos").mkdir(exist_ok=True)
            shutil.copy(photo, tmp_path / "photos" / f"{name}.JPG")
        path = tmp_path / "study.csv"
        path.write_text("\n".join([header, *(",".join(row) for row in rows)]) + "\n")
        return path

    return write


def test_columns_with_unknown_names_are_found_by_their_values_and_that_is_said(table_of, caplog):
    caplog.set_level(logging.INFO)
    manifest = read_data(table_of("Shot,Fall,Result of the laboratory,Years"))
    assert manifest.table["diagnosis"].tolist() == ["MEL", "NV", "BCC", "BKL"]
    assert [path.name for path in manifest.paths] == [f"{row[0]}.JPG" for row in ROWS]
    assert "'Shot' is read as image_id, because its values are images of this folder" in caplog.text
    assert "'Result of the laboratory' is read as diagnosis" in caplog.text


def test_a_column_of_paths_is_one(table_of):
    rows = [(f"photos/{name}.JPG", *rest) for name, *rest in ROWS]
    assert read_data(table_of("Where,Fall,Result,Years", rows)).table["image_id"].tolist() == [row[0] for row in ROWS]


def test_a_name_that_is_known_decides_whatever_other_columns_hold(table_of):
    rows = [(name, "naevus" if name == "DSC001" else "melanoma", result) for name, _, result, _ in ROWS]
    manifest = read_data(table_of("image,impression,dx", rows))
    assert manifest.table["diagnosis"].tolist() == ["MEL", "NV", "BCC", "BKL"]


def test_two_columns_of_diagnoses_are_a_question(table_of):
    rows = [(name, "naevus" if name == "DSC001" else "melanoma", result) for name, _, result, _ in ROWS]
    with pytest.raises(DataError, match=r"'impression', 'result'.*Choose one: --set 'data\.columns\.diagnosis="):
        read_data(table_of("image,impression,result", rows))


def test_a_column_that_is_unlike_the_files_is_not_taken_for_images(table_of):
    rows = [(f"{row}", *rest) for row, (_, *rest) in enumerate(ROWS)]
    with pytest.raises(DataError, match="is not a table of images"):
        read_data(table_of("No,Fall,Result,Years", rows))


def test_a_column_of_remarks_is_not_taken_for_diagnoses(table_of):
    rows = [
        (name, case, remark) for (name, case, *_), remark in zip(ROWS, ("hair", "nevus", "ruler", "ink"), strict=True)
    ]
    with pytest.raises(DataError, match="has no labels"):
        read_data(table_of("image,Fall,Remark", rows))
