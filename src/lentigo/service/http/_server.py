"""The process of `lentigo serve`: one event loop, one network, its workers, and an orderly end.

SIGTERM and Ctrl-C drain: /ready turns 503 and new requests are refused with `draining`, running ones finish within the
grace time, then the process ends with status 0. A second signal ends it at once.
"""

import asyncio
import contextlib
import logging
import signal
import socket
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Final

import uvicorn
from threadpoolctl import threadpool_limits

from lentigo.errors import ConfigError
from lentigo.model import open_bundle
from lentigo.service.http._app import make_app
from lentigo.service.http._engine import Engine
from lentigo.service.http._heap import return_large_blocks
from lentigo.service.http._protocol import timed_protocol
from lentigo.service.http._settings import ServiceSettings
from lentigo.service.http._uploads import Traffic
from lentigo.wording import counted

log = logging.getLogger(__name__)
# Between threads of Python; the default of 5 ms is what the network's thread would wait for to hand on its answers.
SWITCH_S: Final = 0.0005
Beside = Callable[[Engine], AbstractContextManager[object]]


def serve(folder: str | Path, settings: ServiceSettings, *, beside: Beside | None = None) -> None:
    """Serve a bundle until a signal ends it.

    Args:
        folder: of the bundle.
        settings: address, limits, logs.
        beside: entered when the engine answers and left before it ends; the door for other protocols.

    Raises:
        ConfigError: the address is taken, or the certificate cannot be used.
        BundleError: the bundle is none.
    """
    return_large_blocks()
    # Spinning threads would take the cores from the workers.
    model = open_bundle(
        folder,
        backend=settings.runtime,
        threads=settings.network_threads or None,
        spin=False,
        precision=settings.precision,
    )
    listener = _listen(settings)
    sys.setswitchinterval(SWITCH_S)
    # Matrices of a few hundred rows: BLAS threads that wait for each other cost more than they bring.
    with threadpool_limits(1, "blas"):
        asyncio.run(_serve(Engine(model, settings), settings, listener, beside))


async def _serve(engine: Engine, settings: ServiceSettings, listener: socket.socket, beside: Beside | None) -> None:
    app = make_app(engine, settings)
    server = _Server(_config(app, settings), engine, settings, app.state.traffic)
    async with engine, _opened(beside, engine):
        _announce(engine, settings, listener)
        await server.serve(sockets=[listener])


@contextlib.asynccontextmanager
async def _opened(beside: Beside | None, engine: Engine) -> AsyncIterator[None]:
    """Enter and leave what runs beside HTTP in a thread: what it has in hand needs this loop to be finished."""
    if beside is None:
        yield
        return
    door = beside(engine)
    await asyncio.to_thread(door.__enter__)
    try:
        yield
    finally:
        await asyncio.to_thread(door.__exit__, None, None, None)


def _listen(settings: ServiceSettings) -> socket.socket:
    """Return a socket that listens.

    Raises:
        ConfigError: the address is taken, or not of this machine.
    """
    try:
        family = socket.getaddrinfo(settings.host, settings.port, type=socket.SOCK_STREAM)[0][0]
        return socket.create_server((settings.host, settings.port), family=family, backlog=256)
    except OSError as error:
        reason = error.strerror or str(error)
        raise ConfigError(f"cannot listen on {settings.host}, port {settings.port}: {reason}. Try --port 0.") from error


def _config(app: Any, settings: ServiceSettings) -> uvicorn.Config:
    """Return the settings of uvicorn.

    Raises:
        ConfigError: the certificate cannot be used.
    """
    config = uvicorn.Config(
        app,
        http=timed_protocol(most_connections=settings.max_connections, idle_s=settings.keep_alive_s),
        ws="none",
        loop="asyncio",
        lifespan="off",  # the engine is started before the first request can come
        log_config=None,
        log_level="warning",
        access_log=False,  # the guard's line has no path and no address
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=settings.keep_alive_s,
        timeout_graceful_shutdown=2,
        ssl_certfile=settings.tls_cert,
        ssl_keyfile=settings.tls_key,
    )
    try:
        config.load()
    except OSError as error:  # ssl.SSLError is one
        files = f"{settings.tls_cert} and {settings.tls_key}"
        raise ConfigError(
            f"the certificate and its key cannot be used ({files}): {error.strerror or error}. Give PEM files that "
            "belong together."
        ) from error
    return config


def _announce(engine: Engine, settings: ServiceSettings, listener: socket.socket) -> None:
    scheme, port = "https" if settings.tls_cert else "http", listener.getsockname()[1]
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    name = engine.model.name
    how = engine.model.computation
    log.info("the network of %s is computed by %s %s in %s", name, how.runtime, how.version, how.precision)
    n = settings.n_workers
    log.info("%s answers at %s://%s:%d (%s)", name, scheme, host, port, counted(n, "worker"))
    if not settings.is_loopback and settings.tls_cert is None:
        log.warning("without TLS, others can read the token and photographs in transit: use --tls-cert or a proxy")


class _Server(uvicorn.Server):
    """uvicorn's server, ended in order."""

    def __init__(self, config: uvicorn.Config, engine: Engine, settings: ServiceSettings, traffic: Traffic) -> None:
        super().__init__(config)
        self.engine, self.settings, self.traffic = engine, settings, traffic
        self._draining: asyncio.Task[None] | None = None

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Drain on the first signal; uvicorn's own way would end with the signal's status instead of 0."""
        loop = asyncio.get_running_loop()
        names = (signal.SIGTERM, signal.SIGINT)
        for name in names:
            loop.add_signal_handler(name, self._on_signal)
        try:
            yield
        finally:
            for name in names:
                loop.remove_signal_handler(name)

    def _on_signal(self) -> None:
        if self._draining is not None:
            self.should_exit = self.force_exit = True
            return
        self.engine.is_draining = True
        log.info("draining: no new requests; running ones have %g s", self.settings.drain_s)
        self._draining = asyncio.get_running_loop().create_task(self._drain())

    async def _drain(self) -> None:
        end = time.monotonic() + self.settings.drain_s
        while self.traffic.n_running and time.monotonic() < end:
            await asyncio.sleep(0.05)
        if self.traffic.n_running:
            log.warning("%s did not finish in time", counted(self.traffic.n_running, "request"))
        self.should_exit = True
