"""The chain of docs/dicom.md with a real Orthanc: it forwards photographs, and takes the answers back."""

import json
import re
import shutil
import socket
import subprocess
import time
import urllib.request
from pathlib import Path

import pytest

from lentigo.service.dicom import Peer

PAGE = Path(__file__).parents[3] / "docs" / "dicom.md"


class Orthanc:
    """An Orthanc of the test's own, set up as the page says."""

    def __init__(self, program, folder):
        self.program, self.folder = program, folder
        self.http, self.dicom = free_port(), free_port()
        self.process = None

    def configure(self, receiver_port):
        self.folder.mkdir()
        page = PAGE.read_text()
        (self.folder / "forward.lua").write_text(re.search(r"```lua\n(.*?)```", page, re.DOTALL)[1])
        modalities = re.search(r'"DicomModalities": (\{.*\})', page)[1].replace("11112", str(receiver_port))
        settings = {
            "StorageDirectory": str(self.folder / "db"),
            "IndexDirectory": str(self.folder / "db"),
            "HttpPort": self.http,
            "DicomPort": self.dicom,
            "RemoteAccessAllowed": False,
            "LuaScripts": [str(self.folder / "forward.lua")],
            "DicomModalities": json.loads(modalities),
        }
        (self.folder / "orthanc.json").write_text(json.dumps(settings))

    def start(self):
        with (self.folder / "log").open("a") as log:
            self.process = subprocess.Popen(
                [self.program, str(self.folder / "orthanc.json")], stdout=log, stderr=subprocess.STDOUT
            )
        until(lambda: listens(self.http), "Orthanc did not start")

    def kill(self):
        self.process.kill()
        self.process.wait()

    def get(self, path, data=None):
        body = None if data is None else json.dumps(data).encode()
        request = urllib.request.Request(f"http://127.0.0.1:{self.http}{path}", data=body)
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)

    def n_objects(self):
        return self.get("/statistics")["CountInstances"]


def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def listens(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def until(is_true, otherwise):
    deadline = time.monotonic() + 30
    while not is_true():
        assert time.monotonic() < deadline, otherwise
        time.sleep(0.05)


@pytest.fixture
def store(dcmtk, make_dicom, tmp_path):
    """What sends a photograph with DCMTK's storescu."""

    def send(port, title):
        (tmp_path / "photograph.dcm").write_bytes(make_dicom())
        sent = dcmtk("storescu", "-R", "-aet", "SCOPE", "-aec", title, "127.0.0.1", port, tmp_path / "photograph.dcm")
        assert sent.returncode == 0, sent.stderr

    return send


@pytest.fixture
def chain(start, tmp_path):
    """Orthanc and a receiver that know each other."""
    program = shutil.which("Orthanc", path="/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin")
    if program is None:
        pytest.skip("Orthanc is not installed: apt install orthanc")
    orthanc = Orthanc(program, tmp_path / "orthanc")
    peer, callers = Peer("127.0.0.1", orthanc.dicom, "ORTHANC"), ("ORTHANC", "SCOPE")
    receiver = start(peer=peer, spool=tmp_path / "spool", folder=None, retry_s=0.1, allowed_callers=callers)
    orthanc.configure(receiver.port)
    orthanc.start()
    yield orthanc, receiver
    orthanc.kill()


def test_orthanc_forwards_a_photograph_and_files_report_and_overlay_beside_it(chain, store):
    orthanc, receiver = chain
    store(orthanc.dicom, "ORTHANC")
    until(lambda: orthanc.n_objects() == 3, "the answers did not come back")
    (study,) = orthanc.get("/studies?expand")
    series = [orthanc.get(f"/series/{one}")["MainDicomTags"] for one in study["Series"]]
    assert sorted((one["Manufacturer"], one["Modality"]) for one in series) == [
        ("Maker", "XC"),
        ("lentigo", "OT"),
        ("lentigo", "SR"),
    ]
    # Its own answers are not forwarded; and where a whole study is sent again, nothing new is made.
    again = {"Resources": [study["ID"]], "Permissive": True, "Timeout": 60}
    assert orthanc.get("/modalities/lentigo/store", again)["FailedInstancesCount"] == 0
    until(lambda: receiver._spool.oldest() is None, "the answers were not sent")
    assert orthanc.n_objects() == 3
    assert receiver.n_answered == 3  # the photograph twice, and its overlay, which needs no answer


def test_answers_wait_while_orthanc_is_killed_and_started_again(chain, store):
    orthanc, receiver = chain
    orthanc.kill()
    store(receiver.port, "LENTIGO")
    time.sleep(0.3)
    assert receiver._spool.oldest() is not None
    orthanc.start()
    until(lambda: receiver._spool.oldest() is None, "the answers were not sent after the restart")
    assert orthanc.n_objects() == 2


def test_the_requests_of_the_page_work_as_printed(chain, store):
    orthanc, _ = chain
    store(orthanc.dicom, "ORTHANC")
    until(lambda: orthanc.n_objects() == 3, "the answers did not come back")
    page = PAGE.read_text().replace("\\\n", " ").replace("localhost:8042", f"127.0.0.1:{orthanc.http}")
    requests = re.findall(r"^curl (.*?)(?:\s{2,}#.*)?$", page, re.MULTILINE)
    assert len(requests) == 2
    for request in requests:
        done = subprocess.run(["bash", "-c", f"curl -sSf {request}"], capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, (request, done.stderr)
