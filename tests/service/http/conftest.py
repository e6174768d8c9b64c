"""Fixtures of the service's tests."""

import io
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from starlette.testclient import TestClient
from tests.service.http.live import Live, started

from lentigo.model import Model, open_model
from lentigo.service.http._app import make_app
from lentigo.service.http._engine import Engine
from lentigo.service.http._settings import ServiceSettings


@pytest.fixture(scope="session")
def bundle(bundle_folder: Path) -> Model:
    return open_model(bundle_folder, threads=1)


@pytest.fixture(scope="session")
def jpegs(phantom: Path) -> list[bytes]:
    """The bytes of eight photographs."""
    return [path.read_bytes() for path in sorted((phantom / "images").iterdir())[:8]]


@pytest.fixture(scope="module")
def client(bundle: Model) -> Iterator[TestClient]:
    """The application in this process, its workers in theirs."""
    with client_of(bundle, ServiceSettings(workers=1)) as made:
        yield made


def client_of(bundle: Model, settings: ServiceSettings) -> TestClient:
    app = make_app(Engine(bundle, settings), settings)
    return TestClient(app, base_url="http://localhost", raise_server_exceptions=False)


@pytest.fixture(scope="session")
def live(bundle_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """A service in a process of its own, for tests that do it no harm."""
    log = tmp_path_factory.mktemp("live") / "log"
    with started(bundle_folder, log, "--workers", "2") as service:
        yield service


def png(width: int, height: int, mode: str = "RGB") -> bytes:
    stream = io.BytesIO()
    rng = np.random.default_rng(0)
    shape = (height, width, 3) if mode == "RGB" else (height, width)
    Image.fromarray(rng.integers(0, 255, shape).astype(np.uint8), mode).save(stream, "PNG")
    return stream.getvalue()
