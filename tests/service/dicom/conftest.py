"""A running receiver over the small committed bundle, and DCMTK's programs where they are installed."""

import gc
import socket
import subprocess
import time
import warnings

import pytest


@pytest.fixture(autouse=True)
def sockets_of_refused_connections():
    """pynetdicom leaves the socket of a connection that is refused to the garbage collector; so it collects here."""
    yield
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()


@pytest.fixture(scope="session")
def bundle(bundle_folder):
    from lentigo.model import open_model

    return open_model(bundle_folder, threads=1)


@pytest.fixture(scope="session")
def model(bundle):
    from lentigo.service.dicom import ModelIdentity

    return ModelIdentity.of(bundle)


@pytest.fixture(scope="session")
def explain(bundle):
    from lentigo.service.dicom import asker

    return asker(bundle)


@pytest.fixture
def start(explain, model, tmp_path):
    """A maker of running receivers on a free port; all are stopped after the test."""
    from lentigo.service.dicom import ReceiverSettings, serve

    running = []

    def begin(ask=None, **settings):
        chosen = {"port": 0, "folder": tmp_path / "answers", "timeout_s": 5.0, "drain_s": 5.0, **settings}
        receiver = serve(ReceiverSettings(**chosen), ask or explain, model)
        running.append(receiver)
        return receiver

    yield begin
    for receiver in running:
        receiver.stop()


@pytest.fixture
def storescp(tmp_path, program_of_dcmtk):
    """DCMTK's storage server on a free port: yields (port, folder of what it got)."""
    path = program_of_dcmtk("storescp")
    folder = tmp_path / "archive"
    folder.mkdir()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with subprocess.Popen([path, "-od", str(folder), "-aet", "ARCHIVE", str(port)]) as server:
        for _ in range(100):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)
        yield port, folder
        server.terminate()
