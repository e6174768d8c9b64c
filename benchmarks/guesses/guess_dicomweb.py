# ruff: noqa: E501 - a program of another language in a string
"""Answers G1 to G5 of docs/guesses.md: `python benchmarks/guesses/guess_dicomweb.py [FOLDER OF NODE MODULES]`.

PHOTOGRAPH in the environment names one that the shipped model assesses, for G4. Needs lentigo with its dicom extra, DCMTK's
programs, for G1 to G3 Orthanc with its DICOMweb plugin (Debian: orthanc-dicomweb), and for G5 node with dcmjs.
"""

import contextlib
import io
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

import numpy as np
import pydicom
from asking import answer_all
from guess_dicom import FOLDER, photograph, report, run, written
from PIL import Image

PLUGIN = "/usr/share/orthanc/plugins"
WEB: list[str] = []
NODE_MODULES = Path(sys.argv.pop(1) if sys.argv[1:] and Path(sys.argv[1]).is_dir() else "node_modules")


@contextlib.contextmanager
def orthanc():
    """An Orthanc of its own on the loopback address, without users, ended afterwards."""
    ports = []
    for _ in range(2):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            ports.append(free.getsockname()[1])
    folder = Path(tempfile.mkdtemp(dir=FOLDER))
    settings = {
        "StorageDirectory": str(folder), "IndexDirectory": str(folder), "HttpPort": ports[0], "DicomPort": ports[1],
        "RemoteAccessAllowed": False, "AuthenticationEnabled": False, "Plugins": [f"{PLUGIN}/libOrthancDicomWeb.so"],
        "DicomWeb": {"Enable": True, "Root": "/dicom-web/"},
    }  # fmt: skip
    (folder / "orthanc.json").write_text(json.dumps(settings))
    with subprocess.Popen(
        ["Orthanc", folder / "orthanc.json"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as server:
        try:
            for _ in range(120):
                with contextlib.suppress(OSError):
                    urllib.request.urlopen(f"http://127.0.0.1:{ports[0]}/system", timeout=5).read()
                    break
                time.sleep(0.5)
            yield f"http://127.0.0.1:{ports[0]}/dicom-web"
        finally:
            server.terminate()
            server.wait(30)


def get(path: str, accept: str = "application/dicom+json", body: bytes | None = None, kind: str = "") -> bytes:
    headers = {"Accept": accept} | ({"Content-Type": kind} if body else {})
    request = urllib.request.Request(WEB[0] + path, data=body, headers=headers)
    with urllib.request.urlopen(request, timeout=60) as answer:
        return answer.read()


def stow(path: Path) -> dict:
    body = b"--b\r\nContent-Type: application/dicom\r\n\r\n" + path.read_bytes() + b"\r\n--b--"
    return json.loads(get("/studies", body=body, kind='multipart/related; type="application/dicom"; boundary=b'))


def place(path: Path) -> str:
    data = pydicom.dcmread(path)
    return f"/studies/{data.StudyInstanceUID}/series/{data.SeriesInstanceUID}/instances/{data.SOPInstanceUID}"


def g1() -> object:
    path = written(photograph(), "photograph.dcm")
    said = stow(path)
    found = json.loads(get("/instances?00080016=1.2.840.10008.5.1.4.1.1.77.1.7"))
    return {
        "referenced": len(said["00081199"]["Value"]), "failed": len(said.get("00081198", {}).get("Value", [])),
        "QIDO-RS finds": len(found), "modality": json.loads(get("/studies"))[0]["00080061"]["Value"],
    }  # fmt: skip


def g2() -> object:
    from lentigo.images import open_image

    path = FOLDER / "photograph.dcm"
    shown = np.asarray(Image.open(io.BytesIO(get(place(path) + "/rendered", "image/png"))).convert("RGB"))
    return bool(np.array_equal(shown, np.asarray(open_image(path.read_bytes())))), shown.shape


def g3() -> object:
    path = report()
    said = stow(path)
    (back,) = json.loads(get(place(path) + "/metadata"))
    ours = json.loads(json.dumps(pydicom.dcmread(path).to_json_dict()))
    gaps = sorted(tag for tag in ours.keys() | back.keys() if ours.get(tag) != back.get(tag) and tag[:4] != "0002")
    return (
        f"{len(said.get('00081198', {}).get('Value', []))} failed",
        "attributes that differ:",
        gaps,
        {tag: (str(ours.get(tag))[:80], str(back.get(tag))[:80]) for tag in gaps[:4]},
    )


def g4() -> object:
    path = report(np.asarray(Image.open(os.environ["PHOTOGRAPH"])) if "PHOTOGRAPH" in os.environ else None)
    html, xml = run("dsr2html", path), run("dsr2xml", path)
    wanted = numbers(pydicom.dcmread(path))
    return (
        len(html),
        len(xml),
        {"in html": [v in html for v in wanted], "in xml": [v in xml for v in wanted]},
        wanted[:3],
    )


def numbers(data: pydicom.Dataset) -> list[str]:
    """All measured values of a report, as they are written."""
    found = [str(item.NumericValue) for item in data.get("MeasuredValueSequence", [])]
    for item in data.get("ContentSequence", []):
        found += numbers(item)
    return found


def g5() -> object:
    modules = NODE_MODULES
    program = """
      const dcmjs = require(process.argv[1] + "/dcmjs"), fs = require("fs");
      const buffer = fs.readFileSync(process.argv[2]);
      const file = dcmjs.data.DicomMessage.readFile(buffer.buffer.slice(buffer.byteOffset, buffer.byteOffset + buffer.length));
      const data = dcmjs.data.DicomMetaDictionary.naturalizeDataset(file.dict);
      const list = x => Array.isArray(x) ? x : (x ? [x] : []);
      const meaning = x => list(x.ConceptNameCodeSequence)[0]?.CodeMeaning;
      const groups = list(data.ContentSequence).filter(x => meaning(x) === "Imaging Measurements");
      console.log(JSON.stringify({containers: groups.length,
        within: groups.flatMap(x => list(x.ContentSequence)).flatMap(x => list(x.ContentSequence)).map(x => x.ValueType + " " + meaning(x))}));
    """
    return run("node", "-e", program, modules.resolve(), report())[:900]


if __name__ == "__main__":
    with orthanc() as address:
        WEB.append(address)
        answer_all(globals(), "g", "pydicom highdicom")
