"""`lentigo serve`."""

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lentigo.web.engine import Engine
    from lentigo.web.server import Beside
    from lentigo.web.settings import ServiceSettings

_PATH = click.Path(path_type=Path)


@click.command()
@click.argument("bundle", type=_PATH)
@click.option("--host", default="127.0.0.1", show_default=True, help="Any but a loopback address needs a token.")
@click.option("--port", type=int, default=8000, show_default=True, help="0 for any that is free.")
@click.option("--token-file", type=_PATH, help="Its content has to come with every request.  [or: LENTIGO_TOKEN]")
@click.option("--tls-cert", type=_PATH, help="Certificate chain; with --tls-key.")
@click.option("--tls-key", type=_PATH, help="Its private key.")
@click.option("--allowed-host", "allowed_hosts", multiple=True, help="A name the service goes by, behind a proxy.")
@click.option("--max-images", type=int, default=32, show_default=True, help="In one request.")
@click.option("--max-body", type=float, default=64, show_default=True, help="Of one request, in MiB.")
@click.option("--max-pixels", type=int, default=40_000_000, show_default=True, help="Of one photograph.")
@click.option("--max-queue", type=int, default=128, show_default=True, help="Photographs that may wait; then 503.")
@click.option("--max-inflight", type=float, default=512, show_default=True, help="Of all requests at once, in MiB.")
@click.option("--max-connections", type=int, default=512, show_default=True, help="Open at a time.")
@click.option("--workers", type=int, default=0, help="Processes that decode.  [default: one a core]")
@click.option("--worker-memory", type=float, default=2048, show_default=True, help="Of each of them, in MiB.")
@click.option("--decode-timeout", type=float, default=10, show_default=True, help="Seconds for one photograph.")
@click.option("--request-timeout", type=float, default=30, show_default=True, help="Seconds for an answer.")
@click.option("--receive-timeout", type=float, default=30, show_default=True, help="Seconds for a body to come in.")
@click.option("--keep-alive", type=int, default=15, show_default=True, help="Seconds an idle connection stays open.")
@click.option("--drain", type=float, default=20, show_default=True, help="Seconds for running requests at the end.")
@click.option("--batch-size", type=int, default=0, help="Through the network at once.  [default: the bundle's]")
@click.option("--network-threads", type=int, default=0, help="Of the network.  [default: one a core]")
@click.option("--audit-log", type=_PATH, help="File that gets a line an answer: hashes, no photograph.")
@click.option("--audit-log-size", type=float, default=64, show_default=True, help="MiB, then a new file is begun.")
@click.option("--drift-log", type=_PATH, help="Folder for scores and outcomes; switches /monitor on.")
@click.option("--prevalence", type=float, help="Share of malignant lesions where the page is used.  [default: 0.07]")
@click.option("--dicom-port", type=int, help="Receive photographs by DICOM C-STORE, too.  [default: off]")
@click.option("--dicom-host", default="127.0.0.1", show_default=True, help="Any but loopback needs --dicom-caller.")
@click.option("--dicom-title", default="LENTIGO", show_default=True, help="Its application entity title.")
@click.option("--dicom-caller", "dicom_callers", multiple=True, metavar="TITLE", help="A title that may call.")
@click.option("--dicom-folder", type=_PATH, help="Where DICOM answers are written.")
@click.option("--dicom-peer", metavar="TITLE@HOST:PORT", help="Where they are sent; with --dicom-spool.")
@click.option("--dicom-spool", type=_PATH, help="Folder where they wait to be sent.")
@click.option("--dicom-deidentify", type=_PATH, metavar="KEYFILE", help="Write without identity, by this secret key.")
def serve(bundle: Path, *, token_file: Path | None, **options: Any) -> None:
    """Answer over HTTP, with a page for the browser, from one bundle.

    The page and the API listen on this machine only. Any other address needs a token, from --token-file or the variable
    LENTIGO_TOKEN, never from the command line, which others can read; and TLS, here or in a proxy (docs/serving.md).
    SIGTERM ends in order: running requests finish first. Nothing of a photograph is stored or logged unless
    --audit-log or --drift-log says so. With --dicom-port, photographs that a device or an archive sends are answered
    with a structured report and a map, written to a folder or sent on (docs/dicom.md).
    """
    from lentigo.errors import MissingExtraError

    try:
        import fastapi
        import prometheus_client
        import python_multipart
        import uvicorn
    except ImportError as error:
        raise MissingExtraError(str(error.name), extra="serve", purpose="serve a bundle") from error
    del fastapi, prometheus_client, python_multipart, uvicorn
    from lentigo.web.server import serve as serve_bundle
    from lentigo.web.settings import ServiceSettings, read_token

    dicom = {name: options.pop(name) for name in list(options) if name.startswith("dicom_")}
    settings = ServiceSettings(token=read_token(token_file), **_named(options))
    serve_bundle(bundle, settings, beside=_dicom_door(dicom, settings))


def _dicom_door(options: dict[str, Any], settings: "ServiceSettings") -> "Beside | None":
    """Return what opens the DICOM port beside an engine; None where none is asked for."""
    from lentigo.errors import ConfigError

    port = options.pop("dicom_port")
    if port is None:
        if any(value for name, value in options.items() if name not in {"dicom_host", "dicom_title"}):
            raise ConfigError("--dicom-... needs --dicom-port.")
        return None
    from lentigo.dicom import Deidentifier, Model, Peer, ReceiverSettings, serve

    peer, key = options["dicom_peer"], options["dicom_deidentify"]
    chosen = ReceiverSettings(
        host=options["dicom_host"],
        port=port,
        ae_title=options["dicom_title"],
        allowed_callers=options["dicom_callers"],
        folder=options["dicom_folder"],
        peer=Peer.parse(peer) if peer else None,
        spool=options["dicom_spool"],
        max_object_bytes=settings.max_body_bytes,
        drain_s=settings.drain_s,
        deidentifier=Deidentifier(_key_in(key)) if key else None,
    )

    @contextlib.contextmanager
    def door(engine: "Engine") -> "Iterator[None]":
        receiver = serve(chosen, engine.explain_sync, Model.of(engine.bundle))
        try:
            yield
        finally:
            receiver.stop()

    return door


def _key_in(path: Path) -> bytes:
    from lentigo.errors import ConfigError

    try:
        return path.read_bytes().strip()
    except OSError as error:
        raise ConfigError(f"{path} cannot be read as a key: {error.strerror or error}.") from error


def _named(options: dict[str, Any]) -> dict[str, Any]:
    """Return the options under the names of the settings, sizes in bytes."""
    mebibytes = {
        "max_body": "max_body_bytes",
        "max_inflight": "max_inflight_bytes",
        "worker_memory": "worker_memory_bytes",
        "audit_log_size": "audit_log_bytes",
    }
    seconds = {
        "decode_timeout": "decode_timeout_s",
        "request_timeout": "request_timeout_s",
        "receive_timeout": "receive_timeout_s",
        "keep_alive": "keep_alive_s",
        "drain": "drain_s",
    }
    return {mebibytes.get(name) or seconds.get(name) or name: int(value * (1 << 20)) if name in mebibytes else value
            for name, value in options.items()}  # fmt: skip
