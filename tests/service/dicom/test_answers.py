import dataclasses
import io
import re
import warnings
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pydicom
import pytest
from pydicom.dataset import Dataset

from lentigo.errors import DicomError
from lentigo.model._answer import CANNOT_ASSESS, Answer
from lentigo.model._sanity import Sanity
from lentigo.service.dicom import asker
from lentigo.service.dicom._answering import answer_objects
from lentigo.service.dicom._codes import OWN_SCHEME, concept_of, own
from lentigo.service.dicom._model import derived_uid
from lentigo.service.dicom._overlay import make_overlay
from lentigo.service.dicom._report import make_report
from lentigo.service.dicom._source import is_uid, read_source
from lentigo.taxonomy import CODES

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
CHANCES = {"MEL": 0.625, "NV": 0.25, "BKL": 0.125}


@pytest.fixture(scope="session")
def why(explain, make_dicom):
    found = explain(make_dicom())
    return dataclasses.replace(found, answer=Answer("x", CHANCES, 0.625, "refer", threshold=0.3), target="MEL")


@pytest.fixture
def report(why, make_dicom, model):
    return make_report(read_source(make_dicom(uid="1.2.3.55")), why, model, now=NOW)


def items(data, relation=None):
    """Yield (kind, name, value) of all content items."""
    for item in data.get("ContentSequence", []):
        name = item.ConceptNameCodeSequence[0].CodeMeaning if "ConceptNameCodeSequence" in item else ""
        value = {
            "NUM": lambda i: float(i.MeasuredValueSequence[0].NumericValue),
            "CODE": lambda i: (i.ConceptCodeSequence[0].CodeValue, i.ConceptCodeSequence[0].CodingSchemeDesignator),
            "TEXT": lambda i: i.TextValue,
            "IMAGE": lambda i: i.ReferencedSOPSequence[0].ReferencedSOPInstanceUID,
        }.get(item.ValueType, lambda _: None)(item)
        yield item.ValueType, name, value
        yield from items(item)


def test_the_report_says_finding_probability_decision_and_diagnosis(report):
    found = list(items(report))
    assert ("NUM", "Probability of cancer", 0.625) in found
    assert ("NUM", "Threshold Value", 0.3) in found
    assert ("CODE", "Assessment Category", ("REFER", OWN_SCHEME)) in found
    assert ("CODE", "Differential Diagnosis/Impression", ("93655004", "SCT")) in found
    assert [value for _, name, value in found if name == "Certainty of Finding"] == [0.625, 0.25, 0.125]
    assert {value for kind, _, value in found if kind == "IMAGE"} == {"1.2.3.55"}
    assert any("Research use only" in str(value) for _, name, value in found if name == "Comment")


def test_the_report_says_which_model_answered(report, model):
    texts = [value for kind, name, value in items(report) if name.startswith("Algorithm")]
    assert any(model.sha256 in text for text in texts)
    assert any("operating point" in text and "sensitivity" in text for text in texts)


def test_an_image_that_cannot_be_assessed_gets_reasons_and_no_number(why, make_dicom, model):
    answer = Answer("x", CHANCES, 0.625, CANNOT_ASSESS, reasons=("out of focus", "too small"), threshold=0.3)
    made = make_report(read_source(make_dicom()), dataclasses.replace(why, answer=answer), model, now=NOW)
    found = list(items(made))
    assert not [one for one in found if one[0] == "NUM"]
    assert ("CODE", "Quality Finding", ("OUT_OF_FOCUS", OWN_SCHEME)) in found
    assert ("CODE", "Assessment Category", ("CANNOT_ASSESS", OWN_SCHEME)) in found


def test_report_and_overlay_are_filed_with_their_source(why, make_dicom, model):
    source = read_source(make_dicom(PatientName="Müller^Änne"))
    for made in (make_report(source, why, model, now=NOW), make_overlay(source, why, model, now=NOW)):
        for name in (
            "StudyInstanceUID",
            "PatientID",
            "PatientName",
            "PatientBirthDate",
            "AccessionNumber",
            "StudyDate",
        ):
            assert made[name].value == source[name].value, name
        assert made.SeriesInstanceUID != source.SeriesInstanceUID
        assert is_uid(made.SOPInstanceUID)
        assert is_uid(made.SeriesInstanceUID)


def test_the_same_image_and_model_give_the_same_objects(why, make_dicom, model):
    content = make_dicom()
    source = read_source(content)
    first, second = (answer_objects(content, source, why, model, now=NOW) for _ in range(2))
    assert first == second
    other = dataclasses.replace(model, sha256="f" * 64)
    assert answer_objects(content, source, why, other, now=NOW)[0][1] != first[0][1]


def test_reports_and_overlays_are_read_without_complaint(why, make_dicom, model, dcmtk, tmp_path):
    content = make_dicom()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        told = answer_objects(content, read_source(content), why, model, now=NOW)
        for _, _, written in told:
            pydicom.dcmread(io.BytesIO(written)).walk(lambda *_: None)
    for kind, _, written in told:
        (tmp_path / f"{kind}.dcm").write_bytes(written)
    shown = dcmtk("dsrdump", "+Pl", tmp_path / "report.dcm")
    assert shown.returncode == 0
    assert '"0.625" ({0:1},UCUM,"range: 0:1")' in shown.stdout
    assert not [line for line in (shown.stdout + shown.stderr).splitlines() if line.startswith("E:")]
    dump = dcmtk("dcmdump", tmp_path / "overlay.dcm")
    assert dump.returncode == 0
    assert "SourceImageSequence" in dump.stdout


def test_the_page_shows_a_report_as_dsrdump_shows_it(why, make_dicom, model, dcmtk, tmp_path):
    """Shortened: each of its lines stands in the dump, in this order; names and hashes of the model are its own."""
    content = make_dicom()
    objects = answer_objects(content, read_source(content), why, model, now=NOW)
    written = next(written for kind, _, written in objects if kind == "report")
    (tmp_path / "report.dcm").write_bytes(written)
    page = (Path(__file__).parents[3] / "docs" / "dicom.md").read_text(encoding="utf-8")
    printed = re.search(r"```text\n(Comprehensive 3D SR.*?)```", page, re.DOTALL)[1].splitlines()

    def plain(line):
        line = re.sub(r'(Algorithm Name"\)=").*"', r'\1..."', line.strip())
        line = re.sub(r"SHA-256 [0-9a-f.]+", "SHA-256 ...", line)
        return re.sub(r" *: ", ": ", re.sub(r"\((\w+|VL\w*) image,[^)]*\)", "(image)", line))

    dump = [plain(line) for line in dcmtk("dsrdump", "+Pl", tmp_path / "report.dcm").stdout.splitlines()]
    at = -1
    for line in filter(None, map(plain, printed)):
        assert line in dump[at + 1 :], (line, "\n".join(dump))
        at = dump.index(line, at + 1)


def test_dciodvfy_finds_no_error_in_what_is_written(why, make_dicom, model, tmp_path):
    import shutil
    import subprocess

    if shutil.which("dciodvfy") is None:
        pytest.skip("dciodvfy is not installed: apt install dicom3tools")
    content = make_dicom()
    for kind, _, written in answer_objects(content, read_source(content), why, model, now=NOW):
        (tmp_path / kind).write_bytes(written)
        said = subprocess.run(["dciodvfy", str(tmp_path / kind)], capture_output=True, text=True)
        assert "Error" not in said.stdout + said.stderr


def test_the_overlay_shows_the_map_beside_the_photograph(why, make_dicom, model):
    made = make_overlay(read_source(make_dicom(uid="1.2.3.56")), why, model, now=NOW)
    assert (made.Rows, made.Columns, made.ConversionType) == (448, 904, "WSD")
    assert made.BurnedInAnnotation == "NO"
    assert made.SourceImageSequence[0].ReferencedSOPInstanceUID == "1.2.3.56"
    pixels = np.frombuffer(made.PixelData, np.uint8).reshape(448, 904, 3)
    assert not np.array_equal(pixels[:, :448], pixels[:, 456:])


def test_report_and_overlay_name_the_malignant_class_of_a_referral(cautious, benign_but_referred, make_dicom, model):
    why = asker(cautious)(benign_but_referred.read_bytes())
    assert why.answer.differential[0][0] == "benign"
    source = read_source(make_dicom())
    texts = [str(value) for _, name, value in items(make_report(source, why, model, now=NOW)) if name == "Comment"]
    assert any(text.startswith("Map: class-activation map for malignant;") for text in texts)
    described = make_overlay(source, why, model, now=NOW).DerivationDescription
    assert described.startswith("class-activation map for malignant, orange for and blue against it")


def test_report_and_overlay_warn_of_a_map_that_should_not_be_relied_on(why, make_dicom, model):
    source = read_source(make_dicom())
    for sanity, is_warned in ((Sanity(0.4, 0.42, 0.7, 0.1), True), (Sanity(0.8, 0.3, 0.7, 0.1), False)):
        told = dataclasses.replace(why, sanity=sanity)
        report, overlay = (make(source, told, model, now=NOW) for make in (make_report, make_overlay))
        comments = " ".join(str(value) for _, name, value in items(report) if name == "Comment")
        for text in (comments, overlay.DerivationDescription, overlay.ImageComments):
            assert ("Do not rely on this map: " in text) is is_warned
            assert "Research use only" in text


def test_a_coded_region_becomes_the_finding_site(why, make_dicom, model):
    region = Dataset()
    region.CodeValue, region.CodingSchemeDesignator, region.CodeMeaning = "36141000", "SCT", "Skin of cheek"
    made = make_report(read_source(make_dicom(AnatomicRegionSequence=[region])), why, model, now=NOW)
    assert ("CODE", "Finding Site", ("36141000", "SCT")) in list(items(made))


def test_every_class_has_a_code_that_fits():
    for name in (*CODES, "benign", "malignant", "a class of somebody else's"):
        concept = concept_of(name)
        assert len(concept.value) <= 16
        assert len(concept.meaning) <= 64
    assert own("colours and texture unlike the skin photographs it knows", "x" * 80).meaning == "x" * 64


def test_the_snomed_codes_that_pydicom_knows_mean_the_same():
    from pydicom.sr.codedict import codes

    known = {"AK": codes.SCT.ActinicKeratosis, "SCC": codes.SCT.SquamousCellCarcinomaOfSkin}
    known |= {"benign": codes.SCT.Benign, "malignant": codes.SCT.Malignant}
    for name, code in known.items():
        assert (concept_of(name).value, concept_of(name).meaning) == (code.value, code.meaning)


def test_derived_uids_are_valid_and_do_not_depend_on_how_texts_are_cut():
    assert is_uid(derived_uid("1.2", "3"))
    assert derived_uid("1.2", "3") != derived_uid("1.23", "")


@pytest.mark.parametrize(
    ("attributes", "message"),
    [
        ({"StudyInstanceUID": None}, "no valid StudyInstanceUID"),
        ({"StudyInstanceUID": "../x"}, "no valid StudyInstanceUID"),
        ({"SpecificCharacterSet": "Klingon"}, "character set that is not known"),
    ],
)
def test_a_source_that_cannot_be_answered_says_why(make_dicom, attributes, message):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        content = make_dicom(**attributes)
    with pytest.raises(DicomError, match=message):
        read_source(content)


def test_sources_are_read_without_their_pixels(make_dicom):
    assert "PixelData" not in read_source(make_dicom())
    deflated = make_dicom(syntax="1.2.840.10008.1.2.1.99")
    assert read_source(deflated).PatientID == "4711"
    with pytest.raises(DicomError, match="inflates to more"):
        read_source(deflated, max_bytes=1000)


def test_a_source_without_modality_as_img2dcm_writes_it_gets_a_report(make_dicom):
    from lentigo.service.dicom._filing import evidence_of

    source = read_source(make_dicom())
    if "Modality" in source:
        del source.Modality
    assert evidence_of(source).Modality == "OT"
