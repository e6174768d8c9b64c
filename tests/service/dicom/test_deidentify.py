import io

import numpy as np
import pydicom
import pytest
from PIL import Image
from pydicom.datadict import DicomDictionary
from pydicom.dataset import Dataset

from lentigo.errors import ConfigError, DicomError
from lentigo.images import open_image
from lentigo.service.dicom import Deidentifier
from lentigo.service.dicom._allowed import ACTIONS
from lentigo.service.dicom._filing import encode
from lentigo.service.dicom._source import is_uid

KEY = b"a key of the study"
ADDED = {
    "SpecificCharacterSet",
    "PatientIdentityRemoved",
    "DeidentificationMethod",
    "DeidentificationMethodCodeSequence",
    "LongitudinalTemporalInformationModified",
}


@pytest.fixture
def taker():
    return Deidentifier(KEY)


def crowded(depth=0):
    """A data set with every attribute of the dictionary that holds text, each with a secret; private ones too."""
    data, few = Dataset(), Dataset()
    few.PatientName = few.CodeMeaning = few.OperatorsName = "SECRET"
    for tag, (vr, _, _, is_retired, keyword) in DicomDictionary.items():
        if not keyword or is_retired or tag >> 16 in {0x0000, 0x0002, 0x0004, 0xFFFE}:
            continue
        if vr in {"LO", "SH", "PN", "LT", "ST", "UT", "UC", "UR", "CS", "AE"}:
            setattr(data, keyword, "SECRET")
        elif vr in {"DA", "DT"}:
            setattr(data, keyword, "19991231")
        elif vr == "TM":
            setattr(data, keyword, "115959")
        elif vr == "UI":
            setattr(data, keyword, "1.2.777.1")
        elif vr == "SQ" and depth == 0:
            setattr(data, keyword, [crowded(1) if keyword in ACTIONS else few])
    block = data.private_block(0x0009, "SECRET MAKER", create=True)
    block.add_new(0x01, "LO", "SECRET")
    data.add_new(0x60000022, "LO", "SECRET")  # an overlay's description
    return data


def test_of_all_attributes_of_the_standard_only_those_on_the_list_stay():
    clean = Deidentifier(KEY, burned_in="allow").attributes(crowded())
    assert set(clean.dir()) <= set(ACTIONS) | ADDED
    for element in clean.iterall():
        assert element.keyword in set(ACTIONS) | ADDED
        action = ACTIONS.get(element.keyword)
        if action != "keep":
            assert "SECRET" not in str(element.value) or element.VR == "SQ", element.keyword
            assert "1.2.777.1" not in str(element.value) or element.VR == "SQ", element.keyword
            assert "19991231" not in str(element.value), element.keyword


def test_kept_texts_are_those_of_device_codes_and_pixels():
    kept = {name for name, action in ACTIONS.items() if action == "keep" and not name.endswith("SOPClassUID")}
    for word in ("Name", "ID", "Date", "Time", "Physician", "Operator", "Institution", "Station", "Comment", "Serial"):
        ending = {name for name in kept if name.endswith(word) and name not in {"ManufacturerModelName"}}
        assert not ending, ending


def test_identity_goes_and_age_sex_and_site_stay(taker, make_dicom):
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = "76752008", "SCT", "Breast"
    free = Dataset()
    free.CodeValue, free.CodingSchemeDesignator, free.CodeMeaning = "1", "99LOCAL", "left of Mrs Mustermann"
    content = make_dicom(AnatomicRegionSequence=[item, free], PatientComments="see Dr X", OperatorsName="Y")
    clean = taker.photograph(content)
    assert (clean.PatientAge, clean.PatientSex) == ("055Y", "F")
    assert [one.CodeMeaning for one in clean.AnatomicRegionSequence] == ["Breast"]
    assert str(clean.PatientName).startswith(str(clean.PatientID))
    assert (clean.PatientBirthDate, clean.AccessionNumber, clean.StudyTime) == ("", "", "")
    written = encode(clean)
    for secret in (b"Mustermann", b"4711", b"19700601", b"1.2.3.4", b"Dr X", b"20260102"):
        assert secret not in written
    assert np.array_equal(open_image(written), open_image(content))


def test_one_key_keeps_a_patient_together_and_another_does_not(make_dicom):
    first, second = (make_dicom(uid=f"1.2.3.{k}") for k in (11, 12))
    one, two = (Deidentifier(KEY).photograph(content) for content in (first, second))
    assert (one.PatientID, one.StudyInstanceUID, one.StudyDate) == (two.PatientID, two.StudyInstanceUID, two.StudyDate)
    assert one.SOPInstanceUID != two.SOPInstanceUID
    assert is_uid(one.SOPInstanceUID)
    other = Deidentifier(b"quite another key").photograph(first)
    assert other.PatientID != one.PatientID
    assert other.SOPInstanceUID != one.SOPInstanceUID


def test_dates_move_by_the_same_days_for_a_patient_or_go(taker):
    days = [pydicom.valuerep.DA(taker.shifted(text, "a")) for text in ("20260101", "20260301")]
    assert (days[1] - days[0]).days == 59
    assert taker.shifted("20260101", "a") != taker.shifted("20260101", "b")
    assert taker.shifted("20260101", "a") < "20260101"
    assert Deidentifier(KEY, dates="remove").shifted("20260101", "a") == ""
    assert taker.shifted("yesterday", "a") == ""


def test_very_old_patients_are_one_group(taker, make_dicom):
    assert taker.photograph(make_dicom(PatientAge="097Y")).PatientAge == "090Y"
    assert "PatientAge" not in taker.photograph(make_dicom(PatientAge="old"))


@pytest.mark.parametrize("name", ["BurnedInAnnotation", "RecognizableVisualFeatures"])
def test_pixels_that_may_show_who_it_is_are_refused(taker, make_dicom, name):
    content = make_dicom(**{name: "YES"})
    with pytest.raises(DicomError, match=f"declares {name} as YES"):
        taker.photograph(content)
    assert Deidentifier(KEY, burned_in="allow").photograph(content)[name].value == "YES"


def test_nothing_hides_in_the_compressed_stream(taker, make_dicom):
    stream = io.BytesIO()
    exif = Image.Exif()
    exif[0x010E] = "Erika Mustermann"
    Image.fromarray(np.full((40, 48, 3), 120, np.uint8)).save(stream, "JPEG", exif=exif)
    content = make_dicom(
        syntax="1.2.840.10008.1.2.4.50", frame=stream.getvalue(), PhotometricInterpretation="YBR_FULL_422"
    )
    assert content.count(b"Erika Mustermann") == 1
    assert b"Mustermann" not in encode(taker.photograph(content))


def test_a_short_key_is_refused_and_never_shown():
    with pytest.raises(ConfigError, match="16 bytes or more; got 3"):
        Deidentifier(b"abc")
    assert "key of" not in repr(Deidentifier(KEY))
