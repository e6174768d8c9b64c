"""What SECURITY.md promises of the service, and a seeded few of what benchmarks/hostile.py sends by the thousand."""

import gzip
import importlib.util
import io
import pickle
import socket
import struct
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from tests.service.http.conftest import client_of
from tests.service.http.live import metric

from lentigo.service.http._settings import ServiceSettings

TOKEN = "0123456789abcdef0123"
FORM = {"content-type": "multipart/form-data; boundary=edge"}
UPS = ("../", "..%2f", "%2e%2e/", "..\\", "....//", "%252e%252e/", "/")


def package(name):
    """Import the package of hostile inputs that lies beside the benchmarks."""
    if name not in sys.modules:
        folder = Path(__file__).resolve().parents[3] / "benchmarks" / name
        spec = importlib.util.spec_from_file_location(
            name, folder / "__init__.py", submodule_search_locations=[str(folder)]
        )
        sys.modules[name] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules[name])
    return sys.modules[name]


def predict(client, *contents, **options):
    return client.post("/v1/predict", files=[("images", ("a", content)) for content in contents], **options)


def encoded(picture, kind, **options):
    stream = io.BytesIO()
    picture.save(stream, kind, **options)
    return stream.getvalue()


def exchange(address, *pieces):
    """Send bytes as they are; return all that comes back until the service closes."""
    host, port = address.removeprefix("http://").split(":")
    received = b""
    with socket.create_connection((host, int(port)), timeout=60) as peer:
        for piece in pieces:
            peer.sendall(piece)
        while part := peer.recv(65536):
            received += part
    return received


def test_a_seeded_few_of_the_long_benchmark(live, bundle, jpegs):
    inputs = package("hostile_inputs")
    from hostile_inputs.talking import faults, talk

    port, restarts = int(live.address.rsplit(":", 1)[1]), metric(live.address, "lentigo_worker_restarts_total")
    rng = np.random.default_rng(20261124)
    found = []
    for hostile in inputs.http_inputs(7, n_flips=6, n_soups=1, n_mutated=60, is_quick=True):
        if rng.random() < 0.05:
            found += [(hostile.kind, hostile.pieces[0][:200], words) for words in faults(hostile, talk(port, hostile))]
    assert found == []
    said = predict_live(live, jpegs[0])["answers"][0]["malignant_probability"]
    assert said == pytest.approx(next(bundle.answers(jpegs[:1])).malignant, abs=1e-6)
    assert metric(live.address, "lentigo_worker_restarts_total") == restarts
    assert metric(live.address, "lentigo_workers_ready") == 2


def predict_live(live, content):
    import requests

    return requests.post(f"{live.address}/v1/predict", files=[("images", ("a", content))], timeout=60).json()


def test_no_request_names_a_path_an_address_or_a_model(client):
    taken = set()
    for methods in client.get("/openapi.json").json()["paths"].values():
        for about in methods.values():
            taken |= {(one["in"], one["name"]) for one in about.get("parameters", ())}
            for media in about.get("requestBody", {"content": {}})["content"].values():
                taken |= {("body", name) for name in media["schema"].get("properties", ())}
    assert {kind for kind, _ in taken} == {"query", "body"}
    assert {name for kind, name in taken if kind == "query"} == {"prevalence", "n"}
    assert {name for kind, name in taken if kind == "body"} == {"image", "images", "image_type"}


def test_every_route_of_the_document_needs_the_token(bundle):
    with client_of(bundle, ServiceSettings(workers=1, token=TOKEN)) as client:
        bearer = {"authorization": f"Bearer {TOKEN}"}
        paths = client.get("/openapi.json", headers=bearer).json()["paths"]
        assert len(paths) > 9
        for path in set(paths) - {"/health", "/ready"}:
            for method in ("GET", "POST", "PUT", "DELETE", "OPTIONS", "HEAD", "TRACE", "X"):
                for form in (path, path + "/", path.replace("/v1", "/v1/"), path.upper(), path + "?token=" + TOKEN):
                    assert client.request(method, form).status_code == 401


@pytest.mark.parametrize(
    "method", ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "X"]
)
def test_no_method_is_forgotten_where_other_sites_are_refused(client, method):
    for headers in ({"origin": "http://evil.example"}, {"sec-fetch-site": "cross-site"}):
        assert client.request(method, "/v1/predict", headers=headers).status_code == 403


def test_no_path_leads_out_of_the_page(live):
    for up in UPS:
        for name in ("etc/passwd", "app.py", "guards.py", "../../../pyproject.toml", "proc/self/environ"):
            for start in ("/static/", "/"):
                request = f"GET {start}{up * 8}{name} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
                assert exchange(live.address, request.encode()).startswith(b"HTTP/1.1 404 ")


class Trap:
    """Writes a file when it is unpickled."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return Path.touch, (self.path,)


def test_a_pickle_in_a_request_is_never_run(client, tmp_path):
    trap = pickle.dumps(Trap(tmp_path / "ran"))
    kinds = (
        "application/octet-stream",
        "application/x-python-pickle",
        "application/vnd.bentoml+pickle",
        "application/json",
    )
    for path in ("/v1/predict", "/v1/explain", "/v1/similar", "/v1/patient", "/v1/outcomes"):
        for kind in kinds:
            headers = {"content-type": kind, "payload-container": "DataContainer"}
            assert client.post(path, content=trap, headers=headers).status_code in {404, 415}
    assert predict(client, trap).json()["answers"][0]["error_code"] == "image_unreadable"
    assert not (tmp_path / "ran").exists()
    pickle.loads(trap)  # the trap does work
    assert (tmp_path / "ran").exists()


def test_malformed_forms_cost_next_to_nothing(live):
    inputs = package("hostile_inputs")
    from hostile_inputs.talking import faults, talk

    port = int(live.address.rsplit(":", 1)[1])
    stat = Path(f"/proc/{live.process.pid}/stat")

    def processor_s():
        return sum(int(ticks) for ticks in stat.read_text().rsplit(")", 1)[1].split()[11:13]) / 100

    jpeg = encoded(Image.new("RGB", (32, 32)), "JPEG")
    worst = 0.0
    for hostile in inputs.boundaries(jpeg):
        before = processor_s()
        assert faults(hostile, talk(port, hostile)) == []
        worst = max(worst, processor_s() - before)
    assert worst < 1


def test_no_body_is_inflated(client, jpegs):
    bomb = gzip.compress(bytes(20 << 20))
    for name in ("gzip", "deflate", "br", "zstd", "gzip, gzip", "GZIP"):
        for path in ("/v1/predict", "/v1/explain"):
            reply = client.post(path, content=bomb, headers={**FORM, "content-encoding": name})
            assert (reply.status_code, reply.json()["error"]["code"]) == (415, "unsupported_media_type")
    assert predict(client, jpegs[0], headers={"content-encoding": "identity"}).status_code == 200


@pytest.mark.parametrize("size", [(1, 1), (1, 2000), (2000, 1), (2, 2), (15, 400)])
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "BMP", "TIFF", "WEBP"])
def test_pictures_of_one_pixel_or_one_line_are_refused_one_by_one(client, jpegs, size, kind):
    tiny = encoded(Image.new("RGB", size), kind)
    answers = predict(client, tiny, jpegs[0]).json()["answers"]
    assert [answer["error_code"] for answer in answers] == ["image_unreadable", None]


def test_formats_off_the_list_are_never_opened(client):
    picture = Image.new("RGB", (64, 64), "tan")
    others = [encoded(picture, kind) for kind in ("JPEG2000", "EPS", "PDF", "PPM", "ICO", "TGA", "SGI", "PCX", "DDS")]
    card = (
        b"SIMPLE  =                    T".ljust(80) + b"BITPIX  =                    8".ljust(80) + b"END".ljust(2720)
    )
    others += [card + gzip.compress(bytes(1 << 20)), b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n{ } loop\n"]
    answers = predict(client, *others).json()["answers"]
    assert {answer["error_code"] for answer in answers} == {"image_unreadable"}


def test_a_directory_of_dicom_files_is_no_photograph(client):
    name = b"..\\..\\etc\\passwd".ljust(16)
    class_uid = b"1.2.840.10008.1.3.10\0"
    meta = struct.pack("<HH2sH", 2, 0x0010, b"UI", 20) + b"1.2.840.10008.1.2.1\0"
    meta = struct.pack("<HH2sH", 2, 0x0002, b"UI", len(class_uid) - 1) + class_uid[:-1] + meta
    reference = struct.pack("<HH2sH", 4, 0x1500, b"CS", len(name)) + name
    answer = predict(client, bytes(128) + b"DICM" + meta + reference).json()["answers"][0]
    assert answer["error_code"] in {"image_unreadable", "image_damaged"}


def test_ranges_are_ignored(client):
    many = "bytes=" + ",".join(f"{start}-{start + 1}" for start in range(0, 8000, 2))
    for path in ("/v1/card", "/"):
        start = time.monotonic()
        reply = client.get(path, headers={"range": many})
        assert (reply.status_code, time.monotonic() - start < 5) == (200, True)
        assert reply.content == client.get(path).content


def head(*lines):
    common = ("POST /v1/predict HTTP/1.1", "Host: localhost", "Content-Type: multipart/form-data; boundary=edge")
    return "\r\n".join((*common, *lines, "", "")).encode()


BODY = b'--edge\r\nContent-Disposition: form-data; name="images"; filename="a"\r\n\r\nx\r\n--edge--\r\n'


def test_a_request_with_two_lengths_is_refused_and_its_connection_closed(live):
    hidden = b"GET /v1/card HTTP/1.1\r\nHost: localhost\r\n\r\n"
    chunked = b"%x\r\n%b\r\n0\r\n\r\n" % (len(BODY), BODY)
    for length in (4, len(BODY), len(chunked), 10**6):
        received = exchange(
            live.address, head(f"Content-Length: {length}", "Transfer-Encoding: chunked"), chunked + hidden
        )
        assert received.startswith(b"HTTP/1.1 400 ")
        assert received.count(b"HTTP/1.1 ") == 1
        assert b"connection: close" in received


def test_a_body_in_tens_of_thousands_of_chunks_is_one_body(live):
    pieces = b"".join(b"1\r\n%c\r\n" % byte for byte in BODY.replace(b"x\r\n--edge--", b"x" * 40_000 + b"\r\n--edge--"))
    received = exchange(live.address, head("Transfer-Encoding: chunked", "Connection: close"), pieces, b"0\r\n\r\n")
    assert received.startswith(b"HTTP/1.1 200 ")
    assert b'"error_code":"image_unreadable"' in received


def test_a_reply_arrives_whole_before_the_request_has_ended(live):
    # A connection that is closed with unread bytes is reset, and a reset loses the reply (RFC 9112, 9.6).
    rest = [b"x" * 65536] * 64
    two_lengths = head(f"Content-Length: {65536 * 64}", "Transfer-Encoding: chunked")
    for first in (two_lengths, b"\x16\x03\x01\x02 not http\r\n\r\n"):
        received = exchange(live.address, first, *rest)
        assert received.startswith(b"HTTP/1.1 400 ")
        assert received.endswith(b"}")
