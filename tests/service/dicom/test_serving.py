"""`lentigo serve --dicom-port`: one process answers over HTTP and DICOM, with one network and one set of workers."""

import json
import re
import signal
import subprocess
import sys
import time
import urllib.request

import pydicom
import pytest


@pytest.fixture
def served(bundle_folder, tmp_path):
    """A running service; yields (process, HTTP address, DICOM port)."""
    folder, log = tmp_path / "answers", tmp_path / "log"
    options = ["--port", "0", "--workers", "1", "--dicom-port", "0", "--dicom-folder", str(folder), "--drain", "10"]
    with log.open("w") as stream:
        command = [sys.executable, "-m", "lentigo", "serve", str(bundle_folder), *options]
        process = subprocess.Popen(command, stderr=stream, stdout=stream)
    try:
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline:
            said = log.read_text()
            http, dicom = re.search(r"(http://\S+)", said), re.search(r"listens on 127.0.0.1:(\d+)", said)
            if http and dicom:
                break
            assert process.poll() is None, said
            time.sleep(0.1)
        yield process, http[1], int(dicom[1])
    finally:
        process.kill()
        process.wait()


def post(address, content):
    form = (
        b'--b\r\nContent-Disposition: form-data; name="images"; filename="a.dcm"\r\n\r\n' + content + b"\r\n--b--\r\n"
    )
    headers = {"Content-Type": "multipart/form-data; boundary=b"}
    request = urllib.request.Request(f"{address}/v1/predict", data=form, headers=headers)
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.load(answer)["answers"][0]


def test_one_process_gives_the_same_answer_over_http_and_dicom(served, make_dicom, dcmtk, tmp_path, bundle):
    process, address, port = served
    content = make_dicom(uid="1.2.3.4321")
    (tmp_path / "a.dcm").write_bytes(content)
    sent = dcmtk("storescu", "-R", "-aec", "LENTIGO", "127.0.0.1", port, tmp_path / "a.dcm", timeout=120)
    assert sent.returncode == 0, sent.stderr
    over_http = post(address, content)
    (direct,) = bundle.predict(content)
    assert over_http["malignant_probability"] == pytest.approx(direct.malignant, abs=1e-6)
    report = pydicom.dcmread(next((tmp_path / "answers").glob("report-*")))
    said = str(report).replace("'", "")
    assert direct.decision.upper().replace(" ", "_").replace("-", "_") in said
    process.send_signal(signal.SIGTERM)
    assert process.wait(30) == 0


def test_a_damaged_dicom_file_is_told_over_http_with_its_code(served, make_dicom):
    _, address, _ = served
    answer = post(address, make_dicom()[:1500])
    assert answer["decision"] == "cannot assess"
    assert answer["error_code"] == "image_damaged"
    assert post(address, make_dicom(Rows=20_000, Columns=20_000))["error_code"] == "image_too_large"
    assert post(address, make_dicom())["error"] is None
