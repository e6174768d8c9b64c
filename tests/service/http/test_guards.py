"""Who may ask, from where, and what every response carries."""

import logging
import os

import pytest
from starlette.testclient import TestClient
from tests.service.http.conftest import client_of

from lentigo.errors import ConfigError
from lentigo.service.http._app import make_app
from lentigo.service.http._engine import Engine
from lentigo.service.http._settings import ServiceSettings, read_token

TOKEN = "0123456789abcdef0123"
PATHS = ("/v1/predict", "/v1/explain", "/v1/model", "/v1/card", "/metrics", "/openapi.json", "/v1/monitor", "/nothing")


@pytest.fixture(scope="module")
def guarded(bundle):
    with client_of(bundle, ServiceSettings(workers=1, token=TOKEN)) as client:
        yield client


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    "header",
    [None, "Bearer", "Bearer wrong", f"Basic {TOKEN}", f"Bearer {TOKEN}x", f"Bearer {TOKEN[:-1]}", "Bearer \xff"],
)
def test_nothing_but_state_and_page_is_told_without_the_token(guarded, path, header):
    headers = {} if header is None else {"authorization": header.encode("latin-1")}
    for method in ("GET", "POST", "DELETE"):
        reply = guarded.request(method, path, headers=headers)
        assert (reply.status_code, reply.json()["error"]["code"]) == (401, "unauthorized")
        assert reply.headers["www-authenticate"] == "Bearer"


def test_the_token_opens_the_service(guarded):
    assert guarded.get("/v1/model", headers={"authorization": f"Bearer {TOKEN}"}).status_code == 200
    assert guarded.get("/health").status_code == 200
    assert guarded.get("/ready").status_code == 200


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.4", "::", "clinic.example", "127.0.0.1.example"])
def test_an_address_that_others_can_reach_needs_a_token(host):
    with pytest.raises(ConfigError, match="needs a token"):
        ServiceSettings(host=host)
    assert not ServiceSettings(host=host, token=TOKEN).is_loopback


@pytest.mark.parametrize("host", ["127.0.0.1", "127.3.2.1", "::1", "localhost"])
def test_loopback_addresses_need_none(host):
    assert ServiceSettings(host=host).is_loopback


@pytest.mark.parametrize("token", ["short", "with space 0123456789", "ä" * 20])
def test_a_weak_token_is_refused(token):
    with pytest.raises(ConfigError, match="token"):
        ServiceSettings(token=token)


def test_the_token_is_not_part_of_what_settings_print():
    assert TOKEN not in repr(ServiceSettings(token=TOKEN))


def test_a_token_file_is_read_without_its_last_line_break(tmp_path):
    (tmp_path / "token").write_text(f"{TOKEN}\n")
    assert read_token(tmp_path / "token", {"LENTIGO_TOKEN": "other"}) == TOKEN
    (tmp_path / "empty").write_text("\n")
    for name in ("empty", "missing"):
        with pytest.raises(ConfigError):
            read_token(tmp_path / name)


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example:8000", "", "evil@localhost"]
)
def test_a_rebound_host_name_is_refused(client, host):
    reply = client.get("/v1/model", headers={"host": host})
    assert (reply.status_code, reply.json()["error"]["code"]) == (421, "host_not_allowed")


@pytest.mark.parametrize("host", ["localhost", "localhost:8000", "127.0.0.1:1", "[::1]:8000", "[::1]"])
def test_loopback_names_are_served_on_any_port(client, host):
    assert client.get("/v1/model", headers={"host": host}).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": "http://localhost:9999"},
        {"sec-fetch-site": "cross-site"},
    ],
)
def test_another_site_cannot_make_a_browser_ask(client, headers):
    for method, path in (("POST", "/v1/predict"), ("GET", "/v1/model")):
        reply = client.request(method, path, headers=headers)
        assert (reply.status_code, reply.json()["error"]["code"]) == (403, "cross_origin")


def test_the_page_itself_may_ask(client):
    headers = {"origin": "http://localhost", "sec-fetch-site": "same-origin"}
    assert client.get("/v1/model", headers=headers).status_code == 200


@pytest.mark.parametrize("path", ["/v1/model", "/health", "/nothing", "/v1/predict"])
def test_every_response_carries_the_headers_of_a_strict_page(client, path):
    headers = client.get(path).headers
    assert "default-src 'self'" in headers["content-security-policy"]
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert "set-cookie" not in headers
    assert "server" not in headers
    if path.startswith("/v1/"):
        assert headers["cache-control"] == "no-store"


def test_no_other_origin_is_ever_let_read(client):
    reply = client.options(
        "/v1/predict", headers={"origin": "http://localhost", "access-control-request-method": "POST"}
    )
    assert not [name for name in reply.headers if name.startswith("access-control")]


def test_the_log_holds_route_status_and_time_and_no_name(client, jpegs, caplog):
    with caplog.at_level(logging.INFO, "lentigo"):
        files = [("images", ("anna-muster-1970.jpg", jpegs[0], "image/jpeg"))]
        client.post("/v1/predict?prevalence=0.1", files=files)
        client.get("/patients/anna-muster")
    lines = [record.getMessage() for record in caplog.records if record.name == "lentigo.service.http._guards"]
    assert lines[0].startswith("POST /v1/predict 200 ")
    assert lines[0].endswith(" ms 1 image")
    assert lines[1].startswith("GET unmatched 404 ")
    assert "anna" not in caplog.text


def test_a_drained_service_refuses_work_and_still_tells_its_state(bundle, jpegs):
    settings = ServiceSettings(workers=1)
    engine = Engine(bundle, settings)
    with TestClient(make_app(engine, settings), base_url="http://localhost") as client:
        engine.is_draining = True
        reply = client.post("/v1/predict", files=[("images", ("a", jpegs[0]))])
        assert (reply.status_code, reply.json()["error"]["code"]) == (503, "draining")
        assert reply.headers["retry-after"] == "1"
        assert client.get("/ready").status_code == 503
        assert client.get("/health").status_code == 200
        assert client.get("/metrics").status_code == 200


def test_what_requests_held_in_memory_is_given_back(client, jpegs):
    for content in (jpegs[0], b"no image", b""):
        client.post("/v1/predict", files=[("images", ("a", content))])
    client.post("/v1/predict", content=b"--edge", headers={"content-type": "multipart/form-data; boundary=edge"})
    traffic = client.app.state.traffic
    assert (traffic.held, traffic.n_running) == (0, 0)


def test_fastapi_hands_nothing_to_opentelemetry(client):
    assert not client.app._native_telemetry.enabled()


def test_a_bug_is_told_without_its_inside(bundle, monkeypatch):
    with client_of(bundle, ServiceSettings(workers=1)) as client:
        monkeypatch.setattr("lentigo.service.http._routes.replies.predicted", lambda *_: 1 / 0)
        reply = client.post("/v1/predict", files=[("images", ("a", b"x"))])
    assert (reply.status_code, reply.json()["error"]["code"]) == (500, "internal_error")
    assert "division" not in reply.text


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("port", -1),
        ("max_images", 0),
        ("max_body_bytes", 1),
        ("workers", -1),
        ("decode_timeout_s", 0),
        ("max_queue", 0),
    ],
)
def test_settings_out_of_range_name_the_range(field, value):
    with pytest.raises(ConfigError, match=f"{field} is .*between"):
        ServiceSettings(**{field: value})


def test_a_certificate_needs_its_key(tmp_path):
    with pytest.raises(ConfigError, match="--tls-key"):
        ServiceSettings(tls_cert=tmp_path / "cert.pem")


def test_host_names_have_no_case(bundle):
    with client_of(bundle, ServiceSettings(workers=1, allowed_hosts=("Clinic.Example",))) as client:
        for host in ("clinic.example", "CLINIC.example:8000", "LocalHost", "Localhost:80"):
            origin = {"origin": f"http://{host.upper()}"}
            assert client.get("/health", headers={"host": host, **origin}).status_code == 200, host
        assert client.get("/health", headers={"host": "other.example"}).status_code == 421
    assert ServiceSettings(host="LOCALHOST").is_loopback


@pytest.mark.skipif(os.name != "posix", reason="modes of files")
@pytest.mark.parametrize(("mode", "is_told"), [(0o600, False), (0o400, False), (0o640, True), (0o644, True)])
def test_a_token_file_that_others_can_read_is_warned_of(tmp_path, caplog, mode, is_told):
    path = tmp_path / "token"
    path.write_text(TOKEN)
    path.chmod(mode)
    assert read_token(path) == TOKEN
    assert (f"chmod 600 {path}" in caplog.text) == is_told
    assert TOKEN not in caplog.text
