import logging
from collections.abc import Callable
from pathlib import Path
from typing import Literal

import pytest

from lentigo.config import Config
from lentigo.data.manifest import Manifest
from lentigo.data.sources import read_data
from lentigo.errors import ConfigError, DataError
from lentigo.stages._run_folder import choices_of, taxonomy_of

Writer = Callable[..., Path]
ABC = ("a.jpg", "b.jpg", "c.jpg", "d.jpg")


def _read(folder: Path, *overrides: str) -> Manifest:
    config = Config().overridden(overrides)
    return read_data(folder, taxonomy=taxonomy_of(config), task=config.data.task, choices=choices_of(config))


def test_the_line_says_what_each_column_was_taken_for(write_set: Writer, caplog: pytest.LogCaptureFixture) -> None:
    lines = ["Image,Pat-Nr,label,ward", "a,1,0,x", "b,1,1,y", "c,2,0,x"]
    with caplog.at_level(logging.INFO):
        read_data(write_set(lines, images=ABC))
    said = "image_id from 'Image', label (0 = benign; 1 = malignant), patient_id from 'Pat-Nr'; metadata only: ward."
    assert said in caplog.text


def test_a_column_is_what_the_user_says(write_set: Writer) -> None:
    folder = write_set(["image,case_id,Dx,age", "a,1,nv,30", "b,1,mel,x", "c,2,nv,40"], images=ABC)
    with pytest.raises(DataError, match="age is not a number of years"):
        _read(folder)
    table = _read(folder, "data.columns.patient_id=case_id", "data.columns.age=none").table
    assert table["patient_id"].tolist() == ["1", "1", "2"]
    assert table["age_given"].tolist() == ["30", "x", "40"]
    with pytest.raises(DataError, match=r"has no column 'case', which data\.columns\.patient_id names\. Did you mean"):
        _read(folder, "data.columns.patient_id=case", "data.columns.age=none")
    with pytest.raises(ConfigError, match=r"'patient' is not a field\. Did you mean 'patient_id'"):
        _read(folder, "data.columns.patient=case_id")


def test_names_with_points_and_signs_can_be_set() -> None:
    config = Config().overridden(["data.aliases.0.0=benign", "data.aliases.a=b=MEL", "data.columns.age=1.0"])
    assert config.data.aliases == {"0.0": "benign", "a=b": "MEL"}
    assert config.data.columns == {"age": "1.0"}
    assert Config.from_dict({"data": {"columns": {"patient_id": "Pat-Nr"}}}).data.columns["patient_id"] == "Pat-Nr"


def test_undiagnosed_rows_are_left_out_and_counted_when_the_user_says_so(write_set: Writer) -> None:
    folder = write_set(["image_id,dx", "a,nv", "b,", "c,mel", "d,unknown"], images=ABC)
    with pytest.raises(DataError, match=r"data\.undiagnosed=drop"):
        _read(folder)
    manifest = _read(folder, "data.undiagnosed=drop")
    assert manifest.table["image_id"].tolist() == ["a", "c"]
    assert manifest.left_out == (("without a diagnosis", 2),)


def test_lesions_that_are_counted_within_a_patient_are_not_one_lesion(write_set: Writer) -> None:
    lines = ["image_id,dx,patient,lesion_no", "a,nv,P1,1", "b,mel,P1,2", "c,nv,P2,1", "d,mel,P2,2"]
    assert _read(write_set(lines, images=ABC)).table["lesion_id"].tolist() == ["P1-1", "P1-2", "P2-1", "P2-2"]


def test_a_column_of_benign_alone_is_turned_round(write_set: Writer) -> None:
    folder = write_set(["image_id,benign", "a,1", "b,0", "c,1"], images=ABC)
    table = _read(folder, "data.columns.target=benign").table
    assert table["target"].tolist() == ["benign", "malignant", "benign"]


def test_unlike_diagnoses_that_become_one_class_are_named(write_set: Writer, caplog: pytest.LogCaptureFixture) -> None:
    folder = write_set(["image_id,dx", "a,lipoma", "b,scar", "c,mel", "d,nv"], images=ABC)
    read_data(folder, task="diagnosis")
    assert (
        "Counted as UNK, neither benign nor malignant: 2 images of a diagnosis without a code of its own: "
        "lipoma (1), scar (1)" in (caplog.text)
    )


@pytest.mark.parametrize(("task", "side"), [("binary", ", counted as benign"), ("diagnosis", "")])
def test_classes_that_gather_several_diagnoses_are_named_with_their_side(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, task: Literal["binary", "diagnosis"], side: str
) -> None:
    for name in "abc":
        (tmp_path / f"{name}.jpg").touch()
    (tmp_path / "t.csv").write_text("image,dx\na,INF\nb,MEL\nc,NV\n")
    read_data(tmp_path / "t.csv", task=task)
    said = f"gathers several diagnoses: INF (inflammatory or infectious condition: 1 image{side})"
    assert said in caplog.text


def test_codes_that_are_only_spelt_alike_are_not_proposed(write_set: Writer) -> None:
    folder = write_set(["image_id,dx", "a,bc", "b,angiosarcoma", "c,mel"], images=ABC)
    with pytest.raises(DataError) as raised:
        read_data(folder)
    assert "data.aliases.bc=CODE" in str(raised.value)
    assert "data.aliases.angiosarcoma=CODE" in str(raised.value)
    assert "Did you mean" not in str(raised.value)


def test_a_message_holds_no_more_than_a_few_words_of_a_cell(write_set: Writer) -> None:
    folder = write_set(["image_id,dx", f"a,{'long history ' * 500}", "b,nv", "c,mel"], images=ABC)
    with pytest.raises(DataError) as raised:
        read_data(folder)
    assert len(str(raised.value)) < 500


def test_one_image_is_excluded_in_the_singular_and_what_it_says_is_quoted(
    write_set: Writer, caplog: pytest.LogCaptureFixture
) -> None:
    folder = write_set(
        ["image_id,dx", "a,nv", "b,mel", "c,scar", "d,pending"], images=("a.jpg", "b.jpg", "c.jpg", "d.jpg")
    )
    with pytest.raises(DataError) as raised:
        read_data(folder)
    assert "metadata.csv has 2 problems" in str(raised.value)
    assert "line 5: 1 image without a diagnosis or a label: 'pending' (1). Fill" in str(raised.value)
    assert "line 4: neither benign nor malignant by the diagnosis (UNK): 'scar' (1). Fill" in str(raised.value)
    kept = _read(folder, "data.undiagnosed=drop")
    assert kept.left_out == (("without a diagnosis", 1), ("neither benign nor malignant", 1))
    assert "excluded 1 image without a diagnosis: 'pending' (1) (data.undiagnosed=drop)" in caplog.text
    assert "excluded 1 image neither benign nor malignant (data.undiagnosed=drop)" in caplog.text


def test_rows_without_a_diagnosis_are_named_beside_unknown_names(write_set: Writer) -> None:
    folder = write_set(["image_id,dx", "a,nv", "b,mel", "c,vlek", "d,"], images=("a.jpg", "b.jpg", "c.jpg", "d.jpg"))
    with pytest.raises(DataError) as raised:
        read_data(folder)
    assert "unknown diagnosis 'vlek'" in str(raised.value)
    assert "line 5: 1 image without a diagnosis or a label: empty (1)" in str(raised.value)
