"""The service as a process: limits that only processes have, faults, and its end. One service serves most tests."""

import concurrent.futures
import contextlib
import io
import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import requests
from click.testing import CliRunner
from PIL import Image
from tests.service.http.live import metric, started

from lentigo.cli import group
from lentigo.errors import ConfigError
from lentigo.installing import install_line

TOKEN = "0123456789abcdef0123"
HEALED_S = 5


def predict(address, *contents, **options):
    files = [("images", (f"{place}.jpg", content)) for place, content in enumerate(contents)]
    return requests.post(f"{address}/v1/predict", files=files, timeout=60, **options)


def wait_for(condition, seconds):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.02)
    return False


def test_a_killed_worker_costs_nothing_but_what_it_held(live, jpegs, bundle):
    expected = [answer.malignant for answer in bundle.answers(jpegs)]
    before = metric(live.address, "lentigo_worker_restarts_total")
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        asked = [pool.submit(predict, live.address, jpegs[k % len(jpegs)]) for k in range(80)]
        doomed = live.workers
        for pid in doomed:
            os.kill(pid, signal.SIGKILL)
        replies = [one.result() for one in asked]
    statuses = [reply.status_code for reply in replies]
    assert set(statuses) <= {200, 503}
    assert statuses.count(503) <= len(doomed)
    for place, reply in enumerate(replies):
        if reply.status_code == 503:
            assert reply.json()["error"]["code"] == "worker_lost"
            assert reply.headers["retry-after"] == "1"
        else:
            said = reply.json()["answers"][0]["malignant_probability"]
            assert said == pytest.approx(expected[place % len(jpegs)], abs=1e-6)
    assert wait_for(lambda: metric(live.address, "lentigo_workers_ready") == 2, HEALED_S)
    assert metric(live.address, "lentigo_worker_restarts_total") == before + len(doomed)
    assert not set(doomed) & set(live.workers)


def test_a_worker_that_takes_too_long_is_ended_and_replaced(bundle_folder, tmp_path, jpegs):
    stream = io.BytesIO()  # 36 megapixels to lay on white: a second of work, more than is allowed here
    Image.new("RGBA", (6000, 6000), "pink").save(stream, "PNG")
    with started(bundle_folder, tmp_path / "log", "--workers", "1", "--decode-timeout", "0.4") as live:
        (before,) = live.workers
        reply = predict(live.address, stream.getvalue())
        assert (reply.status_code, reply.json()["error"]["code"]) == (503, "worker_lost")
        assert wait_for(lambda: predict(live.address, jpegs[0]).status_code == 200, HEALED_S)
        (stopped,) = live.workers
        assert stopped != before
        os.kill(stopped, signal.SIGSTOP)  # as good as a decoder that hangs before it has begun
        assert wait_for(lambda: predict(live.address, jpegs[0]).status_code == 200, HEALED_S)
        assert live.workers != [stopped]


def test_the_kernel_ends_a_worker_that_uses_too_much_time():
    code = "from lentigo.isolation import limit_time; limit_time(0.1)\nwhile True: pass"
    assert subprocess.run([sys.executable, "-c", code], timeout=30).returncode == -signal.SIGXCPU


def test_an_image_that_needs_too_much_memory_is_refused_and_the_next_one_answered(bundle_folder, tmp_path, jpegs):
    stream = io.BytesIO()  # 39 megapixels of 16 bits: 312 MB as 64-bit numbers
    Image.fromarray(np.zeros((6240, 6240), np.uint16)).save(stream, "PNG")
    with started(bundle_folder, tmp_path / "log", "--workers", "1", "--worker-memory", "500") as live:
        (pid,) = live.workers
        answer = predict(live.address, stream.getvalue()).json()["answers"][0]
        assert answer["error_code"] == "image_too_large"
        assert predict(live.address, jpegs[0]).json()["answers"][0]["error"] is None
        assert live.workers == [pid]


def test_workers_cannot_write_files_and_know_no_secret(bundle_folder, tmp_path):
    environment = {"LENTIGO_TOKEN": TOKEN, "SOME_PASSWORD": "hunter2"}
    with started(bundle_folder, tmp_path / "log", "--workers", "1", environment=environment) as live:
        (pid,) = live.workers
        known = Path(f"/proc/{pid}/environ").read_bytes() + Path(f"/proc/{pid}/cmdline").read_bytes()
        assert TOKEN.encode() not in known
        assert b"hunter2" not in known
        limits = Path(f"/proc/{pid}/limits").read_text()
        assert re.search(r"Max file size +0 +0", limits)
        assert re.search(r"Max core file size +0 +0", limits)
        assert re.search(r"Max address space +2147483648 +2147483648", limits)
        for stream in (0, 1, 2):
            assert Path(f"/proc/{pid}/fd/{stream}").readlink() == Path("/dev/null")
        assert requests.get(f"{live.address}/v1/model", timeout=10).status_code == 401
        reply = requests.get(f"{live.address}/v1/model", headers={"Authorization": f"Bearer {TOKEN}"}, timeout=10)
        assert reply.status_code == 200


def test_sigterm_lets_running_requests_finish_and_ends_with_zero(bundle_folder, tmp_path, jpegs):
    with started(bundle_folder, tmp_path / "log", "--workers", "1") as live:
        for pid in live.workers:
            os.kill(pid, signal.SIGSTOP)
        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            running = pool.submit(predict, live.address, jpegs[0])
            # The one that asks for the figures runs, too.
            assert wait_for(lambda: Path(f"/proc/{live.process.pid}").exists() and busy(live), 10)
            live.process.send_signal(signal.SIGTERM)
            assert wait_for(lambda: requests.get(f"{live.address}/ready", timeout=5).status_code == 503, 5)
            refused = predict(live.address, jpegs[0])
            assert (refused.status_code, refused.json()["error"]["code"]) == (503, "draining")
            for pid in live.workers:
                os.kill(pid, signal.SIGCONT)
            assert running.result().status_code == 200
        assert live.process.wait(10) == 0
        assert live.workers_left() == []


def busy(live):
    """Whether the stopped worker has been given a photograph: its socket holds bytes that nobody reads."""
    return "draining" not in live.log and metric(live.address, "lentigo_requests_running") == 2


def test_a_second_signal_ends_at_once(bundle_folder, tmp_path, jpegs):
    with started(bundle_folder, tmp_path / "log", "--workers", "1") as live:
        for pid in live.workers:
            os.kill(pid, signal.SIGSTOP)
        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            pool.submit(predict, live.address, jpegs[0])
            assert wait_for(lambda: busy(live), 10)
            live.process.send_signal(signal.SIGINT)
            time.sleep(0.3)
            live.process.send_signal(signal.SIGINT)
            assert live.process.wait(10) == 0


def test_workers_end_with_a_service_that_is_killed(bundle_folder, tmp_path):
    with started(bundle_folder, tmp_path / "log", "--workers", "2") as live:
        pids = live.workers
        live.process.kill()
        live.process.wait()
        assert wait_for(lambda: not any(Path(f"/proc/{pid}/cmdline").exists() and alive(pid) for pid in pids), 5)


def alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def test_a_full_queue_says_busy_and_when_to_come_back(bundle_folder, tmp_path, jpegs):
    with started(bundle_folder, tmp_path / "log", "--workers", "1", "--max-queue", "2") as live:
        with concurrent.futures.ThreadPoolExecutor(32) as pool:
            replies = list(pool.map(lambda _: predict(live.address, *jpegs[:2]), range(64)))
        codes = {reply.json()["error"]["code"] for reply in replies if reply.status_code == 503}
        assert {reply.status_code for reply in replies} == {200, 503}
        assert codes == {"busy"}
        assert predict(live.address, jpegs[0]).status_code == 200


def test_bodies_are_limited_whether_or_not_they_say_their_length(bundle_folder, tmp_path):
    options = ("--workers", "1", "--max-body", "0.25", "--max-inflight", "1")
    with started(bundle_folder, tmp_path / "log", *options) as live:
        reply = predict(live.address, b"x" * 300_000)
        assert (reply.status_code, reply.json()["error"]["code"]) == (413, "body_too_large")

        def chunks():
            yield b'--edge\r\nContent-Disposition: form-data; name="images"; filename="a"\r\n\r\n'
            for _ in range(10):
                yield b"x" * 60_000

        headers = {"content-type": "multipart/form-data; boundary=edge"}
        reply = requests.post(f"{live.address}/v1/predict", data=chunks(), headers=headers, timeout=10)
        assert (reply.status_code, reply.json()["error"]["code"]) == (413, "body_too_large")
        assert predict(live.address, b"x").status_code == 200


def test_no_upload_touches_the_disk(bundle_folder, tmp_path):
    # Two megabytes: Starlette's own reader would roll them to a file. No temporary folder can be written to here.
    environment = {"TMPDIR": str(tmp_path / "nowhere"), "TMP": str(tmp_path / "nowhere")}
    with started(bundle_folder, tmp_path / "log", "--workers", "1", environment=environment) as live:
        before = files_of(live.process.pid)
        assert predict(live.address, b"x" * 2_000_000).status_code == 200
        assert files_of(live.process.pid) <= before


def files_of(pid):
    """Return the files, pipes and sockets left out, that a process has open."""
    names = [str(path.readlink()) for path in Path(f"/proc/{pid}/fd").iterdir()]
    return {name for name in names if name.startswith("/")}


def connect(port):
    return socket.create_connection(("127.0.0.1", port))


def test_silent_slow_and_broken_connections_are_closed(bundle_folder, tmp_path):
    options = ("--workers", "1", "--keep-alive", "1", "--receive-timeout", "1")
    with started(bundle_folder, tmp_path / "log", *options) as live, contextlib.ExitStack() as kept:
        port = int(live.address.rsplit(":", 1)[1])
        silent, dripping, slow = (kept.enter_context(connect(port)) for _ in range(3))
        slow.sendall(
            b"POST /v1/predict HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5000\r\n"
            b"Content-Type: multipart/form-data; boundary=edge\r\n\r\n--edge"
        )
        start = time.monotonic()
        for _ in range(12):  # a byte of the head now and then
            with contextlib.suppress(OSError):
                dripping.sendall(b"G")
            time.sleep(0.2)
        for connection in (silent, dripping):
            connection.settimeout(5)
            with contextlib.suppress(ConnectionResetError):
                assert connection.recv(100) in {b""}
        slow.settimeout(5)
        assert b"408" in slow.recv(4000).split(b"\r\n")[0]
        assert time.monotonic() - start < 6
        broken = kept.enter_context(connect(port))
        broken.sendall(b"\x16\x03\x01\x02 not http\r\n\r\n")
        broken.settimeout(5)
        assert b'"bad_request"' in broken.recv(4000)
        assert requests.get(f"{live.address}/health", timeout=5).status_code == 200


def test_too_many_connections_are_told_so(bundle_folder, tmp_path):
    with started(bundle_folder, tmp_path / "log", "--workers", "1", "--max-connections", "3") as live:
        port = int(live.address.rsplit(":", 1)[1])
        held = [connect(port) for _ in range(3)]
        time.sleep(0.3)
        reply = requests.get(f"{live.address}/health", timeout=5)
        assert (reply.status_code, reply.json()["error"]["code"]) == (503, "busy")
        for connection in held:
            connection.close()
        assert wait_for(lambda: requests.get(f"{live.address}/health", timeout=5).status_code == 200, 5)


def test_tls_serves_https_alone(bundle_folder, tmp_path):
    key, certificate = tmp_path / "key.pem", tmp_path / "cert.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "1",
         "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", key, "-out", certificate],
        check=True, capture_output=True,
    )  # fmt: skip
    options = ("--workers", "1", "--tls-cert", str(certificate), "--tls-key", str(key))
    with started(bundle_folder, tmp_path / "log", *options) as live:
        port = live.address.rsplit(":", 1)[1]
        assert live.address.startswith("https://")
        reply = requests.get(f"https://localhost:{port}/health", verify=str(certificate), timeout=5)
        assert reply.status_code == 200
        with pytest.raises(requests.RequestException):
            requests.get(f"http://localhost:{port}/health", timeout=5)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--host", "0.0.0.0"], "needs a token"),
        (["--tls-cert", "cert.pem"], "--tls-key"),
        (["--token-file", "missing"], "cannot be read"),
        (["--tls-cert", "missing", "--tls-key", "missing"], "certificate"),
        (["--port", "70000"], "port is 70000"),
    ],
)
def test_what_cannot_be_served_is_said_in_a_sentence(bundle_folder, monkeypatch, options, words):
    monkeypatch.setattr("sys.setswitchinterval", lambda _: None)
    done = CliRunner().invoke(group, ["serve", str(bundle_folder), "--port", "0", *options])
    assert isinstance(done.exception, ConfigError)
    assert words in str(done.exception)


def test_a_taken_port_is_said_in_a_sentence(live, bundle_folder):
    port = live.address.rsplit(":", 1)[1]
    command = [sys.executable, "-m", "lentigo", "serve", str(bundle_folder), "--port", port]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert (done.returncode, "cannot listen on 127.0.0.1" in done.stderr) == (1, True)


def test_help_loads_neither_the_web_framework_nor_the_network():
    code = (
        "import sys; from lentigo.cli import main\n"
        "sys.argv = ['lentigo', 'serve', '--help']\n"
        "try: main()\nexcept SystemExit: pass\n"
        "print([name for name in ('fastapi', 'uvicorn', 'onnxruntime', 'numpy', 'torch') if name in sys.modules])"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.splitlines()[-1] == "[]"


def test_serving_never_loads_torch(live):
    for pid in (live.process.pid, *live.workers):
        assert "libtorch" not in Path(f"/proc/{pid}/maps").read_text()
    for pid in live.workers:
        assert "onnxruntime" not in Path(f"/proc/{pid}/maps").read_text()


def test_a_missing_extra_is_named_with_the_line_that_brings_it(bundle_folder):
    code = (
        "import sys; sys.modules['uvicorn'] = None\n"
        "from lentigo.cli import main\n"
        f"sys.argv = ['lentigo', 'serve', {str(bundle_folder)!r}]\nmain()"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 1
    assert install_line("serve") in done.stderr.replace("\n", " ")
