import logging

import pytest

from lentigo.data.sources import read_data
from lentigo.data.sources._dicom import KEY, pseudonym
from lentigo.errors import DataError
from lentigo.images import find_images


def region(meaning):
    from pydicom.dataset import Dataset
    from pydicom.sequence import Sequence

    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = "73897004", "SCT", meaning
    return Sequence([item])


@pytest.fixture
def folder(tmp_path, make_dicom):
    """Two dermoscopic images of one lesion, one of another patient, and a structured report among them."""
    place = tmp_path / "study"
    place.mkdir()
    site = region("Skin of anterior surface of forearm")
    same = {"TrackingUID": "1.2.9", "AnatomicRegionSequence": site}
    (place / "a.dcm").write_bytes(make_dicom(uid="1.2.1", **same))
    (place / "IM0002").write_bytes(make_dicom(uid="1.2.2", **same))
    clinical = {"SOPClassUID": "1.2.840.10008.5.1.4.1.1.77.1.4", "PatientSex": "M", "PatientAge": None}
    (place / "c.DCM").write_bytes(make_dicom(uid="1.2.3", PatientID="12", **clinical))
    (place / "report.dcm").write_bytes(make_dicom(uid="1.2.4", SOPClassUID="1.2.840.10008.5.1.4.1.1.88.34"))
    return place


def labelled(folder, lines):
    (folder / "labels.csv").write_text("SOPInstanceUID,diagnosis\n" + "\n".join(lines) + "\n")
    return folder


def test_a_table_of_uids_labels_the_files_and_the_files_say_the_rest(folder, caplog):
    manifest = read_data(labelled(folder, ["1.2.1,melanoma", "1.2.2,melanoma", "1.2.3,nevus"]))
    table = manifest.table.set_index("image_id")
    assert table["target"].to_dict() == {"1.2.1": "malignant", "1.2.2": "malignant", "1.2.3": "benign"}
    assert table.loc["1.2.1", ["age", "sex", "site"]].tolist() == [55, "female", "upper extremity"]
    assert table.loc["1.2.3", ["age", "sex"]].tolist() == [55, "male"]  # born 1 June 1970, seen 2 January 2026
    assert table["image_type"].tolist() == ["dermoscopic", "dermoscopic", "clinical"]
    assert set(table["source"]) == {"Maker Scope 3"}
    assert table.loc["1.2.1", "lesion_id"] == table.loc["1.2.2", "lesion_id"]
    assert "1 DICOM files are not photographs and are excluded" in caplog.text


def test_ids_of_patients_do_not_leave_the_files_unless_asked_for(folder, monkeypatch):
    data = labelled(folder, ["1.2.1,MEL", "1.2.2,MEL", "1.2.3,NV"])
    hashed = read_data(data).table["patient_id"].tolist()
    assert hashed[0] == hashed[1] != hashed[2]
    assert not {"4711", "12"} & set(hashed)
    monkeypatch.setenv(KEY, "secret")
    assert read_data(data).table["patient_id"][0] != hashed[0]
    monkeypatch.setenv(KEY, "plain")
    assert read_data(data).table["patient_id"].tolist() == ["4711", "4711", "12"]


def test_class_folders_of_dicom_files_get_their_metadata_too(tmp_path, make_dicom):
    for name, patient in (("benign/1.dcm", "1"), ("malignant/1.dcm", "2")):
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_bytes(make_dicom(PatientID=patient, uid=f"1.2.{patient}"))
    table = read_data(tmp_path).table
    assert table["image_id"].tolist() == ["1.2.1", "1.2.2"]
    assert table["target"].tolist() == ["benign", "malignant"]
    assert table["patient_id"].nunique() == 2
    assert table["image_type"].tolist() == ["dermoscopic", "dermoscopic"]


def test_a_uid_without_a_file_is_named_with_its_line(folder):
    with pytest.raises(DataError, match=r"1 UIDs without a file.*9\.9\.9"):
        read_data(labelled(folder, ["1.2.1,MEL", "9.9.9,NV"]))


def test_photographs_that_the_table_does_not_name_are_left_out_with_a_warning(folder, caplog):
    with caplog.at_level(logging.WARNING):
        assert len(read_data(labelled(folder, ["1.2.1,MEL", "1.2.3,NV"]))) == 2
    assert "excluded 1 photograph that labels.csv does not list: 1.2.2" in caplog.text


def test_two_files_with_one_uid_are_refused(folder, make_dicom):
    (folder / "copy.dcm").write_bytes(make_dicom(uid="1.2.1"))
    with pytest.raises(DataError, match="the same SOP Instance UID"):
        read_data(labelled(folder, ["1.2.1,MEL", "1.2.3,NV"]))


def test_dicom_without_labels_says_how_to_label_it(folder):
    with pytest.raises(DataError, match="sop_instance_uid"):
        read_data(folder)


def test_files_without_a_suffix_are_found_by_their_first_bytes(folder):
    (folder / "IM0003").write_text("no DICOM")
    names, _ = find_images([folder])
    assert names == ["IM0002", "a.dcm", "c.DCM", "report.dcm"]


def test_a_damaged_file_is_named_and_stops_nothing(folder, caplog):
    (folder / "a.dcm").write_bytes((folder / "a.dcm").read_bytes()[:900])
    assert len(read_data(labelled(folder, ["1.2.2,MEL", "1.2.3,NV"]))) == 2
    assert "1 DICOM files cannot be read and are excluded: " in caplog.text
    assert "a.dcm is damaged" in caplog.text


def test_pseudonyms_are_short_and_differ_by_kind():
    assert len(pseudonym("patient", "1")) == 16
    assert pseudonym("patient", "1") != pseudonym("lesion", "1")
