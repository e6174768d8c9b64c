"""`lentigo serve`."""

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lentigo.cli._options import max_pixels, precision, runtime

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lentigo.service.http import Beside, Engine, ServiceSettings

_PATH = click.Path(path_type=Path)


@click.command()
@click.argument("bundle", type=_PATH)
@click.option("--prevalence", type=float, help="Share of malignant lesions that the page starts with.  [default: 0.07]")
@click.option(
    "--host",
    default="127.0.0.1",
    show_default=True,
    help="Address to listen on; any but a loopback address needs a token.",
)
@click.option("--port", type=int, default=8000, show_default=True, help="Port to listen on; 0 for any free port.")
@click.option(
    "--token-file", type=_PATH, help="File holding the access token that every request must send.  [or: LENTIGO_TOKEN]"
)
@click.option("--tls-cert", type=_PATH, help="TLS certificate chain; needs --tls-key.")
@click.option("--tls-key", type=_PATH, help="Private key of the TLS certificate.")
@click.option(
    "--allowed-host", "allowed_hosts", multiple=True, help="Host name of the service behind a proxy; may be repeated."
)
@click.option("--max-images", type=int, default=32, show_default=True, help="Largest number of images per request.")
@click.option("--max-body", type=float, default=64, show_default=True, help="Largest request body, in MiB.")
@max_pixels
@click.option(
    "--max-queue",
    type=int,
    default=128,
    show_default=True,
    help="Largest number of waiting photographs; beyond it the reply is 503.",
)
@click.option(
    "--max-inflight",
    type=float,
    default=512,
    show_default=True,
    help="Largest size of all current request bodies together, in MiB.",
)
@click.option("--max-connections", type=int, default=512, show_default=True, help="Largest number of open connections.")
@click.option("--workers", type=int, default=0, help="Number of processes that decode images.  [default: one per core]")
@click.option(
    "--worker-memory",
    type=float,
    default=2048,
    show_default=True,
    help="Memory limit of each decoding process, in MiB.",
)
@click.option(
    "--decode-timeout", type=float, default=10, show_default=True, help="Seconds allowed to decode one photograph."
)
@click.option(
    "--request-timeout", type=float, default=30, show_default=True, help="Seconds allowed to answer a request."
)
@click.option(
    "--receive-timeout", type=float, default=30, show_default=True, help="Seconds allowed to receive a request body."
)
@click.option(
    "--keep-alive", type=int, default=15, show_default=True, help="Seconds before an idle connection is closed."
)
@click.option(
    "--drain",
    type=float,
    default=20,
    show_default=True,
    help="Seconds that running requests get to finish at shutdown.",
)
@click.option(
    "--batch-size", type=int, default=0, help="Number of images per network call.  [default: from the bundle]"
)
@click.option(
    "--network-threads", type=int, default=0, help="Number of threads of the network.  [default: one per core]"
)
@runtime
@precision
@click.option(
    "--audit-log", type=_PATH, help="File to which each answer is logged: one line with hashes, no photograph."
)
@click.option(
    "--audit-log-size",
    type=float,
    default=64,
    show_default=True,
    help="Size of an audit log file in MiB, after which a new one starts.",
)
@click.option("--drift-log", type=_PATH, help="Folder in which scores and outcomes are kept; enables /monitor.")
@click.option("--dicom-port", type=int, help="Also receive photographs by DICOM C-STORE on this port.  [default: off]")
@click.option(
    "--dicom-host",
    default="127.0.0.1",
    show_default=True,
    help="Address of the DICOM port; any but loopback needs --dicom-caller.",
)
@click.option("--dicom-title", default="LENTIGO", show_default=True, help="Application entity title of this receiver.")
@click.option(
    "--dicom-caller",
    "dicom_callers",
    multiple=True,
    metavar="TITLE",
    help="Application entity title that may send; may be repeated.",
)
@click.option("--dicom-folder", type=_PATH, help="Folder in which DICOM answers are written.")
@click.option(
    "--dicom-peer", metavar="TITLE@HOST:PORT", help="Node to which DICOM answers are sent; needs --dicom-spool."
)
@click.option("--dicom-spool", type=_PATH, help="Folder in which DICOM answers wait to be sent.")
@click.option(
    "--dicom-deidentify", type=_PATH, metavar="KEYFILE", help="De-identify DICOM answers with this secret key."
)
def serve(bundle: Path, *, token_file: Path | None, **options: Any) -> None:
    """Serve a bundle over HTTP, with a page for the browser.

    By default the page and the API listen on this machine only. Any other address needs a token, from --token-file or
    the variable LENTIGO_TOKEN (never from the command line, which other users can read), and TLS, here or in a proxy
    (docs/serving.md). On SIGTERM, running requests finish first. Nothing of a photograph is stored or logged without
    --audit-log or --drift-log. With --dicom-port, photographs sent by a device or an archive are answered with a
    structured report and a map, which are written to a folder or sent to a node (docs/dicom.md).
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
    from lentigo.service.http import ServiceSettings, read_token
    from lentigo.service.http import serve as serve_bundle

    dicom = {name: options.pop(name) for name in list(options) if name.startswith("dicom_")}
    settings = ServiceSettings(token=read_token(token_file), **_named(options))
    serve_bundle(bundle, settings, beside=_dicom_door(dicom, settings))


def _dicom_door(options: dict[str, Any], settings: "ServiceSettings") -> "Beside | None":
    """Return what opens the DICOM port beside an engine; None where none is asked for."""
    from lentigo.errors import ConfigError

    port = options.pop("dicom_port")
    if port is None:
        if any(value for name, value in options.items() if name not in {"dicom_host", "dicom_title"}):
            raise ConfigError("The --dicom-... options need --dicom-port.")
        return None
    from lentigo.service.dicom import Deidentifier, ModelIdentity, Peer, ReceiverSettings, serve

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
        receiver = serve(chosen, engine.explain_sync, ModelIdentity.of(engine.model))
        try:
            yield
        finally:
            receiver.stop()

    return door


def _key_in(path: Path) -> bytes:
    from lentigo.errors import ConfigError
    from lentigo.service.http import warn_of_readers

    warn_of_readers(path)
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
