"""The files of deploy/: nginx is run, the others are read."""

import re
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import onnxruntime
import pytest
import requests
from tests.service.http.live import started

from lentigo.model import open_model
from lentigo.model._session import INPUT

ROOT = Path(__file__).resolve().parents[3]
NGINX = shutil.which("nginx") or shutil.which("/usr/sbin/nginx")
NAME = "lentigo.example.org"
TOKEN = "0123456789abcdef0123"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.mark.skipif(NGINX is None, reason="nginx is not installed")
def test_nginx_passes_photographs_on_and_hides_the_figures(bundle_folder, tmp_path, jpegs):
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "1",
         "-subj", f"/CN={NAME}", "-addext", f"subjectAltName=DNS:{NAME},DNS:localhost",
         "-keyout", tmp_path / "privkey.pem", "-out", tmp_path / "fullchain.pem"],
        check=True, capture_output=True,
    )  # fmt: skip
    https, http = free_port(), free_port()
    options = ("--workers", "1", "--allowed-host", NAME, "--allowed-host", "127.0.0.1")
    with started(bundle_folder, tmp_path / "log", *options, environment={"LENTIGO_TOKEN": TOKEN}) as live:
        text = (ROOT / "deploy" / "nginx.conf").read_text()
        text = re.sub(r"listen \[::\].*", "", text)
        for old, new in {
            "127.0.0.1:8000": live.address.removeprefix("http://"),
            "listen 443": f"listen 127.0.0.1:{https}",
            "listen 80": f"listen 127.0.0.1:{http}",
            "/etc/lentigo/tls": str(tmp_path),
            "/var/log/nginx/lentigo.log": str(tmp_path / "nginx.log"),
        }.items():
            assert old in text, old
            text = text.replace(old, new)
        paths = "".join(f"{kind}_temp_path {tmp_path}/{kind};" for kind in ("fastcgi", "uwsgi", "scgi", "proxy"))
        body = f"client_body_temp_path {tmp_path}/body;"
        (tmp_path / "nginx.conf").write_text(
            f"daemon off; pid {tmp_path}/pid; error_log {tmp_path}/nginx.log; events {{}}\n"
            f"http {{ {paths} {body}\n{text} }}"
        )
        process = subprocess.Popen([NGINX, "-p", tmp_path, "-c", tmp_path / "nginx.conf"])
        try:
            session = requests.Session()
            session.trust_env = False
            session.verify = str(tmp_path / "fullchain.pem")
            session.headers = {"Host": NAME, "Authorization": f"Bearer {TOKEN}"}
            address = f"https://localhost:{https}"
            wait_until_open(https)
            reply = session.post(f"{address}/v1/predict", files=[("images", ("a.jpg", jpegs[0]))], timeout=20)
            assert (reply.status_code, len(reply.json()["answers"])) == (200, 1)
            assert "max-age" in reply.headers["strict-transport-security"]
            page = {"Origin": f"https://{NAME}"}  # as a browser that shows the page sends it
            assert session.get(f"{address}/v1/model", headers=page, timeout=20).status_code == 200
            large = [("images", ("a.jpg", b"x" * 3_000_000))]
            assert session.post(f"{address}/v1/predict", files=large, timeout=20).status_code == 200
            assert session.get(f"{address}/metrics", timeout=20).status_code == 404
            denied = session.get(f"{address}/v1/model", headers={"Authorization": "Bearer no"}, timeout=20)
            assert denied.json()["error"]["code"] == "unauthorized"
            moved = requests.get(f"http://localhost:{http}/", allow_redirects=False, timeout=20)
            assert (moved.status_code, moved.headers["location"][:8]) == (301, "https://")
            written = [path for kind in ("body", "proxy") for path in (tmp_path / kind).rglob("*") if path.is_file()]
            assert written == []
            session.close()
        finally:
            process.terminate()
            process.wait(10)
    assert "a.jpg" not in (tmp_path / "nginx.log").read_text()


def wait_until_open(port):
    for _ in range(200):
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError("nginx did not start")


def test_the_container_runs_as_nobody_and_asks_whether_it_is_ready():
    text = (ROOT / "deploy" / "Containerfile").read_text()
    assert re.search(r"^USER 10001", text, re.MULTILINE)
    assert re.search(r"^HEALTHCHECK .*\n.*/ready", text, re.MULTILINE)
    assert '"serve", "/bundle"' in text


def test_units_and_docs_use_options_that_exist():
    from lentigo.cli._serve import serve

    known = {option for parameter in serve.params for option in getattr(parameter, "opts", ())}
    for name in ("deploy/lentigo.service", "deploy/nginx.conf", "docs/serving.md"):
        text = (ROOT / name).read_text()
        of_others = {"--data-binary", "--secret", "--now", "--json", "--by-lesion"}
        used = set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", text)) - of_others
        assert used <= known, used - known
    documented = set(re.findall(r"`(--[a-z-]+)", (ROOT / "docs" / "serving.md").read_text()))
    of_http = {option for option in known if option.startswith("--") and not option.startswith("--dicom")}
    assert of_http <= documented | {"--port"}


def test_every_code_is_documented():
    from lentigo.service.http._errors import ServiceError

    text = (ROOT / "docs" / "serving.md").read_text()
    codes = {kind.code for kind in ServiceError.__subclasses__()}
    for code in (codes - {"bad_request"}) | {"image_unreadable", "image_damaged", "image_too_large"}:
        assert f"`{code}`" in text, code


def test_every_metric_is_documented(bundle):
    from lentigo.service.http._meters import Meters

    text = (ROOT / "docs" / "serving.md").read_text()
    for line in Meters(bundle.record).text().decode().splitlines():
        if line.startswith("# TYPE") and not line.split()[2].endswith("_created"):
            assert line.split()[2].removesuffix("_total") in text, line


def test_the_triton_recipe_has_the_names_and_types_of_the_network(bundle_folder):
    session = onnxruntime.InferenceSession(bundle_folder / "model.onnx")
    text = (ROOT / "docs" / "serving.md").read_text()
    kinds = {"tensor(uint8)": "TYPE_UINT8", "tensor(float)": "TYPE_FP32"}
    assert session.get_inputs()[0].name == INPUT
    for value in (*session.get_inputs(), *session.get_outputs()):
        dims = len(value.shape) - 1  # the batch is Triton's own
        found = re.search(rf'name: "{value.name}" data_type: (\w+) dims: \[ ([^\]]+) \]', text)
        assert (found[1], len(found[2].split(","))) == (kinds[value.type], dims)


class ServerOfTheNetwork:
    """What the recipe's client asks, without Triton: the same network, by the names of its tensors."""

    def __init__(self, address):
        self.session = onnxruntime.InferenceSession("bundle/model.onnx")

    def infer(self, model, inputs):
        (asked,) = inputs
        names = [output.name for output in self.session.get_outputs()]
        found = dict(zip(names, self.session.run(names, {asked.name: asked.values}), strict=True))
        return SimpleNamespace(as_numpy=found.get)


class InputOfTheNetwork:
    def __init__(self, name, shape, kind):
        self.name, self.shape, self.kind = name, shape, kind

    def set_data_from_numpy(self, values):
        assert (list(values.shape), values.dtype, self.kind) == (self.shape, np.uint8, "UINT8")
        self.values = values


def test_the_triton_recipe_gives_the_answers_of_the_bundle(bundle_folder, tmp_path, jpegs, monkeypatch, capsys):
    text = (ROOT / "docs" / "serving.md").read_text()
    code = re.search(r"```python\n(from pathlib import Path\n.*?)```", text, re.DOTALL)[1]
    client = SimpleNamespace(InferenceServerClient=ServerOfTheNetwork, InferInput=InputOfTheNetwork)
    monkeypatch.setitem(sys.modules, "tritonclient", SimpleNamespace(http=client))
    monkeypatch.setitem(sys.modules, "tritonclient.http", client)
    shutil.copytree(bundle_folder, tmp_path / "bundle")
    for name, content in zip(("a.jpg", "b.jpg"), jpegs, strict=False):
        (tmp_path / name).write_bytes(content)
    monkeypatch.chdir(tmp_path)
    exec(compile(code, "docs/serving.md", "exec"), {})
    expected = open_model("bundle").predict(["a.jpg", "b.jpg"])
    assert capsys.readouterr().out.splitlines() == [answer.sentence() for answer in expected]
