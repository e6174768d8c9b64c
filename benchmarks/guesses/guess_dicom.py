# ruff: noqa: E501 - tables and programs of other languages in strings; an exit code is an answer
"""Answers the questions D1 to D14 of docs/guesses.md: `python benchmarks/guesses/guess_dicom.py [FOLDER OF NODE MODULES]`.

Needs lentigo with its dicom extra and DCMTK's programs (dcmdump, storescp, storescu, dsrdump, dcm2json, img2dcm, dcmj2pnm);
D12 and D13 need node and a folder with dcmjs in node_modules.
"""

import io
import json
import socket
import subprocess
import sys
import tempfile
import time
import warnings
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pydicom
from PIL import Image
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, generate_uid

warnings.simplefilter("ignore")
DERMOSCOPIC = "1.2.840.10008.5.1.4.1.1.77.1.7"
FOLDER = Path(tempfile.mkdtemp())


def photograph(pixels: np.ndarray | None = None, **attributes: object) -> Dataset:
    """A Dermoscopic Photography object with made pixels and an invented person."""
    if pixels is None:
        y, x = np.mgrid[:96, :128]
        spot = np.exp(-(((x - 64) / 24) ** 2 + ((y - 48) / 18) ** 2))[..., None]
        pixels = (np.array([215.0, 170.0, 150.0]) - spot * np.array([120.0, 110.0, 90.0])).astype(np.uint8)
    data = Dataset()
    data.SpecificCharacterSet = "ISO_IR 192"
    data.SOPClassUID, data.SOPInstanceUID = DERMOSCOPIC, generate_uid()
    data.StudyDate, data.StudyTime, data.AccessionNumber, data.StudyID = "20260102", "101112", "A1", "S1"
    data.Modality, data.Manufacturer = "XC", "Maker"
    data.ReferringPhysicianName, data.PatientName, data.PatientID = "", "Doe^Jane", "1"
    data.PatientBirthDate, data.PatientSex = "19700601", "F"
    data.StudyInstanceUID, data.SeriesInstanceUID = generate_uid(), generate_uid()
    data.SeriesNumber = data.InstanceNumber = 1
    data.SamplesPerPixel, data.PhotometricInterpretation, data.PlanarConfiguration = 3, "RGB", 0
    data.Rows, data.Columns = pixels.shape[:2]
    data.BitsAllocated = data.BitsStored = 8
    data.HighBit, data.PixelRepresentation = 7, 0
    data.PixelData = pixels.tobytes()
    data["PixelData"].VR = "OB"
    for name, value in attributes.items():
        setattr(data, name, value)
    data.file_meta = FileMetaDataset()
    data.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    data.file_meta.MediaStorageSOPClassUID = data.SOPClassUID
    data.file_meta.MediaStorageSOPInstanceUID = data.SOPInstanceUID
    return data


def written(data: Dataset, name: str = "x.dcm") -> Path:
    path = FOLDER / name
    pydicom.dcmwrite(path, data, enforce_file_format=True)
    return path


def run(*words: object, ok: bool = False) -> str:
    ran = subprocess.run([str(w) for w in words], capture_output=True, text=True, check=ok, errors="replace")
    return (ran.stdout + ran.stderr).strip() + ("" if ran.returncode == 0 else f" [exit {ran.returncode}]")


def d1() -> object:
    from pynetdicom import AllStoragePresentationContexts, StoragePresentationContexts

    return (
        [
            DERMOSCOPIC in {c.abstract_syntax for c in some}
            for some in (StoragePresentationContexts, AllStoragePresentationContexts)
        ],
        len(StoragePresentationContexts),
        len(AllStoragePresentationContexts),
    )


def d2() -> object:
    return pydicom.uid.UID(DERMOSCOPIC).name


def d3() -> object:
    return run("dcmdump", "+P", "0008,0016", written(photograph()))


def d4() -> object:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    found = {}
    for name, flags in (("storescu", []), ("storescu -R", ["-R"])):
        folder = FOLDER / f"archive {name}"
        folder.mkdir()
        with subprocess.Popen(["storescp", "-od", str(folder), str(port)], stderr=subprocess.DEVNULL) as server:
            time.sleep(0.7)
            said = run("storescu", *flags, "-v", "127.0.0.1", port, written(photograph()))
            server.terminate()
        found[name] = (len(list(folder.iterdir())), [line for line in said.splitlines() if line[:2] == "E:"])
    return found


def report(pixels: np.ndarray | None = None) -> Path:
    """A report that lentigo makes about a photograph with the shipped model."""
    from lentigo.model import open_model, shipped_folder
    from lentigo.service.dicom import ModelIdentity, asker
    from lentigo.service.dicom._report import make_report
    from lentigo.service.dicom._source import read_source

    bundle = open_model(shipped_folder())
    content = written(photograph(pixels)).read_bytes()
    made = make_report(
        read_source(content), asker(bundle)(content), ModelIdentity.of(bundle), now=datetime(2026, 1, 2, tzinfo=UTC)
    )
    return written(made, "report.dcm")


def d5() -> object:
    said = run("dsrdump", report())
    return (
        said.splitlines()[:4],
        len(said.splitlines()),
        [line for line in said.splitlines() if line[:2] in {"W:", "E:", "F:"}][:5],
    )


def d6() -> object:
    from highdicom.sr import srread

    read = srread(report())
    groups = read.content.get_planar_roi_measurement_groups(), read.content.get_image_measurement_groups()
    return type(read).__name__, [len(g) for g in groups]


def d7() -> object:
    data = photograph()
    data.PixelSpacing = ["1.50", "0.0100"]
    ours = json.loads(data.to_json())["00280030"]
    theirs = json.loads(run("dcm2json", written(data)))["00280030"]
    return {
        "pydicom": ours["Value"],
        "dcm2json": theirs["Value"],
        "again by pydicom": str(Dataset.from_json({"00280030": theirs}).PixelSpacing),
    }


def d8() -> object:
    from pydicom.encaps import encapsulate, generate_frames

    frame = b"\xff\xd8" + b"x" * 5 + b"\xff\xd9"
    back = next(generate_frames(encapsulate([frame])))
    return len(frame), len(back), back[-3:]


def d9() -> object:
    data = photograph(PatientName="M\u00fcller^\u00c4nne")
    path = written(data)
    raw = path.read_bytes().replace(b"ISO_IR 192", b"ISO_IR 6  ")
    out = str(pydicom.dcmread(io.BytesIO(raw)).PatientName)
    del data.SpecificCharacterSet
    without = io.BytesIO()
    data.PatientName = "x" * 13
    pydicom.dcmwrite(without, data, enforce_file_format=True)
    patched = without.getvalue().replace(b"x" * 13 + b" ", "M\u00fcller^\u00c4nne".encode().ljust(14))
    return {"ISO_IR 6": out, "none": str(pydicom.dcmread(io.BytesIO(patched)).PatientName)}


def d10() -> object:
    import highdicom
    from pydicom.uid import JPEGBaseline8Bit

    pixels = photograph().pixel_array
    found = {}
    for kind in ("RGB", "YBR_FULL_422"):
        try:
            made = highdicom.sc.SCImage(
                pixel_array=pixels,
                photometric_interpretation=kind,
                bits_allocated=8,
                coordinate_system="PATIENT",
                study_instance_uid=generate_uid(),
                series_instance_uid=generate_uid(),
                series_number=1,
                sop_instance_uid=generate_uid(),
                instance_number=1,
                manufacturer="x",
                patient_orientation=("L", "P"),
                transfer_syntax_uid=JPEGBaseline8Bit,
            )
            back = pydicom.dcmread(written(made)).pixel_array
            gap = np.abs(back.astype(int) - pixels)
            found[kind] = (made.PhotometricInterpretation, int(gap.max()))
        except Exception as error:  # noqa: BLE001
            found[kind] = f"raises {type(error).__name__}: {str(error)[:200]}"
    return found


def d11() -> object:
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.fromarray(photograph().pixel_array).save(FOLDER / "x.jpg", exif=exif)
    run("img2dcm", FOLDER / "x.jpg", FOLDER / "i.dcm")
    data = pydicom.dcmread(FOLDER / "i.dcm")
    jpeg = next(pydicom.encaps.generate_frames(data.PixelData, number_of_frames=1))
    return {
        "size": (data.Columns, data.Rows),
        "orientation in the frame": Image.open(io.BytesIO(jpeg)).getexif().get(0x0112),
        "has Patient Orientation": data.get("PatientOrientation"),
        "exif bytes": b"Exif" in jpeg,
    }


def d12() -> object:
    data = photograph(SliceThickness="1.50", PixelSpacing=["1.50", "2"], NumberOfFrames="1")
    code = (
        "const d=require('dcmjs'),fs=require('fs');const b=fs.readFileSync(process.argv[1]);"
        "const m=d.data.DicomMessage.readFile(b.buffer.slice(b.byteOffset,b.byteOffset+b.length));"
        "const n=d.data.DicomMetaDictionary.naturalizeDataset(m.dict);"
        "console.log(JSON.stringify([n.SliceThickness,n.PixelSpacing,n.NumberOfFrames,n.PatientName,n.ReferringPhysicianName,n.Rows]))"
    )
    return run("node", "-e", code, written(data))


def d13() -> object:
    return "see D12, fourth and fifth value"


def d14() -> object:
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        data = photograph()
        try:
            data.PatientAge = "45"
            setting = "set"
        except ValueError as error:
            setting = f"raises: {error}"
        said = [str(w.message)[:120] for w in seen]
    return setting, said


def main() -> None:
    node = sys.argv[1] if len(sys.argv) > 1 else ""
    if node:
        import os

        os.environ["NODE_PATH"] = str(Path(node).resolve())
    print(
        ", ".join(f"{n} {version(n)}" for n in ("pydicom", "pynetdicom", "highdicom", "pillow")),
        "DCMTK",
        run("dcmdump", "--version").split()[2],
    )
    for name, ask in [(k, v) for k, v in globals().items() if k[0] == "d" and k[1:].isdigit()]:
        try:
            print(name.upper(), ask())
        except Exception as error:  # noqa: BLE001 - an error is an answer here
            print(name.upper(), f"raises {type(error).__name__}: {str(error)[:300]}")


if __name__ == "__main__":
    main()
