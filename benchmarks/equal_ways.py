"""Whether one version answers equally by every way: HTTP and DICOM C-STORE against `predict` of the same files.

    python benchmarks/equal_ways.py FOLDER [--images 1000] [--bundle lentigo]

Every n-th JPEG below the folder is predicted, posted to `lentigo serve` and sent to a receiver, as the JPEG it is and
every fourth as native RGB. The check of the map, some twenty answers' work that changes no answer, is made for the
first photograph alone. Prints the largest difference of a probability and how many other decisions, reasons or
diagnoses there are, after each hundred; exits 1 above 1e-7 or with any.
"""

import argparse
import io
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pydicom
from equal_answers import posted, served
from PIL import Image
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.uid import ExplicitVRLittleEndian, JPEGBaseline8Bit, generate_uid
from pynetdicom import AE

import lentigo.model._explain as explaining
from lentigo import open_model
from lentigo.service.dicom import ModelIdentity, ReceiverSettings, asker, serve

MOST, STEP = 1e-7, 100
PHOTOGRAPH = "1.2.840.10008.5.1.4.1.1.77.1.7"  # Dermoscopic Photography


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--images", type=int, default=1000)
    parser.add_argument("--bundle", default="lentigo")
    options = parser.parse_args()
    files = sorted(options.folder.rglob("*.jpg"))
    files = files[:: max(1, len(files) // options.images)][: options.images]
    model = open_model(options.bundle, threads=1)
    done, gaps, differing = 0, {"HTTP": 0.0, "DICOM": 0.0}, {"HTTP": 0, "DICOM": 0}
    once_only()
    with tempfile.TemporaryDirectory() as place, served(options.bundle, Path(place)) as address:
        for start in range(0, len(files), STEP):
            some = files[start : start + STEP]
            truth = list(model.answers(some, threads=1))
            ways = {"HTTP": by_http(address, some), "DICOM": by_dicom(model, some)}
            for way, answers in ways.items():
                for one, other in zip(truth, answers, strict=True):
                    apart = [abs(chance - other["probabilities"][name]) for name, chance in one.probabilities.items()]
                    gaps[way] = max(gaps[way], *apart, abs(one.threshold - other["threshold"]))
                    said = (other["decision"], tuple(other["reasons"]), other.get("diagnosis", ""))
                    differing[way] += said != (one.decision, one.reasons, one.diagnosis)
            done += len(some)
            print(
                done, *(f"{way}: within {gaps[way]:.1e}, {differing[way]} other answers;" for way in ways), flush=True
            )
    return int(any(differing.values()) or max(gaps.values()) > MOST)


def once_only() -> None:
    plain, kept = explaining.sanity_of, []

    def cheap(*arguments):
        if not kept:
            kept.append(plain(*arguments))
        return kept[0]

    explaining.sanity_of = cheap


def by_http(address: str, files: list[Path]) -> Iterator[dict]:
    for start in range(0, len(files), 8):
        yield from posted(f"{address}/v1/predict", files[start : start + 8])["answers"]


def by_dicom(model, files: list[Path]) -> list[dict]:
    """Send the photographs over one association; the answers are those that the receiver was given to report."""
    heard, explain = {}, asker(model)

    def ask(content: bytes):
        why = explain(content)
        heard[str(pydicom.dcmread(io.BytesIO(content), stop_before_pixels=True).SOPInstanceUID)] = why.answer.json()
        return why

    with tempfile.TemporaryDirectory() as folder:
        receiver = serve(ReceiverSettings(port=0, folder=Path(folder), timeout_s=60), ask, ModelIdentity.of(model))
        try:
            sender = AE(ae_title="SENDER")
            sender.add_requested_context(PHOTOGRAPH, JPEGBaseline8Bit)
            sender.add_requested_context(PHOTOGRAPH, ExplicitVRLittleEndian)
            link = sender.associate("127.0.0.1", receiver.port, ae_title="LENTIGO")
            sent = [as_object(path, is_native=place % 4 == 3) for place, path in enumerate(files)]
            for one in sent:
                status = link.send_c_store(one).get("Status")
                if status != 0:
                    raise SystemExit(f"C-STORE of {one.SOPInstanceUID} ended with {status}")
            link.release()
        finally:
            receiver.stop()
    return [heard[str(one.SOPInstanceUID)] for one in sent]


def as_object(path: Path, *, is_native: bool) -> Dataset:
    image, made, meta = Image.open(path), Dataset(), FileMetaDataset()
    made.SpecificCharacterSet, made.SOPClassUID, made.SOPInstanceUID = "ISO_IR 192", PHOTOGRAPH, generate_uid()
    made.StudyInstanceUID, made.SeriesInstanceUID, made.Modality = "1.2.3.4", "1.2.3.4.5", "XC"
    made.PatientName, made.PatientID, made.PatientBirthDate, made.PatientSex = "P^E", "1", "19700601", "F"
    made.StudyDate, made.StudyTime, made.StudyID, made.AccessionNumber = "20260102", "101112", "S1", "A1"
    made.Manufacturer, made.ReferringPhysicianName, made.SeriesNumber, made.InstanceNumber = "M", "R^D", 1, 1
    made.Rows, made.Columns, made.SamplesPerPixel, made.PlanarConfiguration = image.height, image.width, 3, 0
    made.BitsAllocated, made.BitsStored, made.HighBit, made.PixelRepresentation = 8, 8, 7, 0
    made.ImageType, made.LossyImageCompression, made.BurnedInAnnotation = ["ORIGINAL", "PRIMARY"], "01", "NO"
    if is_native:
        pixels = np.asarray(image.convert("RGB")).tobytes()
        made.PhotometricInterpretation, made.PixelData = "RGB", pixels + b"\0" * (len(pixels) % 2)
        meta.TransferSyntaxUID = ExplicitVRLittleEndian
    else:
        made.PhotometricInterpretation, made.PixelData = "YBR_FULL_422", encapsulate([path.read_bytes()])
        made["PixelData"].is_undefined_length = True
        meta.TransferSyntaxUID = JPEGBaseline8Bit
    meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID = made.SOPClassUID, made.SOPInstanceUID
    made.file_meta = meta
    content = io.BytesIO()
    made.save_as(content, enforce_file_format=True)
    return pydicom.dcmread(io.BytesIO(content.getvalue()))


if __name__ == "__main__":
    sys.exit(main())
