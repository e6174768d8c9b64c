"""The client, against a service in a process of its own and against things that are none."""

import http.server
import json
import math
import re
import shlex
import shutil
import subprocess
import threading
from pathlib import Path

import pytest

from lentigo.errors import DataError
from lentigo.service.http._client import Client, RemoteError


@pytest.fixture
def remote(live):
    with Client(live.address) as client:
        yield client


def test_the_answers_are_those_of_the_bundle(remote, bundle, jpegs, tmp_path):
    path = tmp_path / "lesion.jpg"
    path.write_bytes(jpegs[0])
    said = remote.predict([path, jpegs[1], b"no image"], prevalence=0.05)
    (first,) = bundle.answers([jpegs[0]], names=["lesion.jpg"], prevalence=0.05)
    assert said[0].answer.probabilities == pytest.approx(first.probabilities, abs=1e-6)
    assert (said[0].answer.image, said[1].answer.image) == ("lesion.jpg", "image 2")
    assert said[2].answer.error_code == "image_unreadable"
    assert math.isnan(said[2].answer.malignant)


def test_everything_the_service_tells_has_a_method(remote, jpegs):
    assert remote.is_ready()
    assert remote.model()["name"] == "small"
    assert remote.card().startswith("#") or "small" in remote.card()
    found = remote.explain(jpegs[0])
    assert found.map_box == (0, 0, 1, 1)
    assert found.map_png.startswith("data:image/png;base64,")
    assert len(remote.similar(jpegs[0], 3)) == 3
    patient = remote.patient(jpegs[:4])
    assert patient.odd_one_out is None or patient.odd_one_out in range(4)
    assert all(answer.stands_out >= 0 for answer in patient.answers)


@pytest.mark.parametrize(
    ("method", "arguments", "code"),
    [
        ("predict", ([],), "unsupported_media_type"),
        ("predict", ([b"x"] * 33,), "too_many_images"),
        ("explain", (b"no image",), "image_unreadable"),
        ("monitor", (), "drift_off"),
        ("note_outcomes", ({"a" * 32: True},), "drift_off"),
    ],
)
def test_a_refusal_is_an_error_with_the_code_of_the_service(remote, method, arguments, code):
    with pytest.raises(RemoteError) as caught:
        getattr(remote, method)(*arguments)
    assert caught.value.code == code


def test_a_missing_file_is_named(remote, tmp_path):
    with pytest.raises(DataError, match=r"nowhere\.jpg cannot be read"):
        remote.predict([tmp_path / "nowhere.jpg"])


@pytest.fixture
def imposter():
    """A server that replies from a list."""
    replies, seen = [], []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            seen.append(self.headers)
            status, headers, body = replies.pop(0)
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", replies, seen
    server.shutdown()
    thread.join()
    server.server_close()


BUSY = json.dumps({"schema_version": 1, "error": {"code": "busy", "message": "Later.", "status": 503}}).encode()


def test_a_busy_service_is_asked_again_after_the_pause_it_names(imposter, monkeypatch):
    address, replies, _ = imposter
    pauses = []
    monkeypatch.setattr("lentigo.service.http._client.time.sleep", pauses.append)
    good = json.dumps({"schema_version": 1, "name": "x"}).encode()
    replies += [
        (503, {"Retry-After": "7"}, BUSY),
        (503, {"Retry-After": "900"}, BUSY),
        (503, {}, BUSY),
        (200, {}, good),
    ]
    with Client(address, token="0123456789abcdef") as client:
        assert client.model()["name"] == "x"
    assert pauses == [7, 30, 1]


def test_a_service_that_stays_busy_is_given_up(imposter, monkeypatch):
    address, replies, _ = imposter
    monkeypatch.setattr("lentigo.service.http._client.time.sleep", lambda _: None)
    replies += [(503, {"Retry-After": "1"}, BUSY)] * 3
    with Client(address, tries=3) as client, pytest.raises(RemoteError) as caught:
        client.model()
    assert (caught.value.code, caught.value.status, str(caught.value)) == ("busy", 503, "Later.")


def test_a_photograph_that_loses_its_worker_is_sent_twice_and_no_more(imposter, monkeypatch):
    address, replies, seen = imposter
    monkeypatch.setattr("lentigo.service.http._client.time.sleep", lambda _: None)
    replies += [(503, {"Retry-After": "1"}, BUSY.replace(b"busy", b"worker_lost"))] * 5
    with Client(address) as client, pytest.raises(RemoteError) as caught:
        client.model()
    assert (caught.value.code, len(seen)) == ("worker_lost", 2)


@pytest.mark.parametrize(("status", "body"), [(200, b"<html>"), (200, b"[]"), (200, b"{}"), (502, b"Bad Gateway")])
def test_something_else_at_the_address_is_told(imposter, status, body):
    address, replies, _ = imposter
    replies.append((status, {}, body))
    with Client(address) as client, pytest.raises(RemoteError) as caught:
        client.model()
    assert caught.value.code == "not_lentigo"


def test_the_token_goes_along(imposter):
    address, replies, seen = imposter
    replies.append((200, {}, b'{"schema_version": 1}'))
    with Client(address, token="0123456789abcdef") as client:
        client.model()
    assert seen[0]["Authorization"] == "Bearer 0123456789abcdef"


def test_nobody_at_the_address_is_told():
    with Client("http://127.0.0.1:9") as client:
        assert not client.is_ready()
        with pytest.raises(RemoteError, match="Is 'lentigo serve' running there") as caught:
            client.model()
    assert caught.value.code == "unreachable"


def test_the_blocks_of_the_serving_page_run(live, jpegs, tmp_path, monkeypatch, capsys):
    """The first Python block and the lines for curl, with the address of a running service put in."""
    page = (Path(__file__).parents[3] / "docs" / "serving.md").read_text(encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    for name, content in zip(("a.jpg", "b.jpg"), jpegs, strict=False):
        (tmp_path / name).write_bytes(content)
    block = re.findall(r"```python\n(.*?)```", page, re.DOTALL)[0].replace("http://127.0.0.1:8000", live.address)
    exec(compile(block, "docs/serving.md", "exec"), {})
    printed = capsys.readouterr().out.splitlines()
    assert [line.split(":")[0] for line in printed] == ["a.jpg", "b.jpg"]
    line = re.search(r"^curl -F images=@a.jpg.*$", page, re.MULTILINE)[0]
    if shutil.which("curl"):
        asked = shlex.split(line.replace("http://127.0.0.1:8000", live.address))
        said = json.loads(subprocess.run([*asked, "--silent"], capture_output=True, text=True, check=True).stdout)
        assert len(said["answers"]) == 2
