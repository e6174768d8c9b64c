"""All settings of the service in one record, checked once; `lentigo serve` has an option for each."""

import logging
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from lentigo.errors import ConfigError
from lentigo.service._hosts import is_loopback

logger = logging.getLogger(__name__)

MIB: Final = 1 << 20
SHORTEST_TOKEN: Final = 16  # 64 bits as hexadecimal digits: not to be guessed over a network
TOKEN_VARIABLE: Final = "LENTIGO_TOKEN"  # noqa: S105 - its name


@dataclass(frozen=True, slots=True)
class ServiceSettings:
    """How to serve.

    Args:
        host: address to listen on; any but a loopback address needs a token.
        port: to listen on; Port to listen on; 0 for any free port.
        token: that every request has to bear; empty for none.
        tls_cert: file of the certificate chain; with `tls_key`.
        tls_key: file of its private key.
        allowed_hosts: names that requests may be addressed to, besides the loopback names; "*" for any.
        max_images: in one request.
        max_body_bytes: of one request.
        max_pixels: of one photograph; that of the bundle when left out (60 million unless it was trained otherwise).
        workers: processes that decode; 0 for one a core.
        worker_memory_bytes: address space of each of them.
        decode_timeout_s: for one photograph, of processor and of wall-clock time.
        request_timeout_s: for an answer, once the request is there.
        receive_timeout_s: for the whole body of a request.
        max_queue: photographs that may wait to be decoded.
        max_inflight_bytes: of all requests that are being received or answered.
        max_connections: open at a time.
        batch_size: photographs through the network at once, at most; 0 for what the bundle recommends.
        network_threads: of the network; 0 for one a core.
        drain_s: that running requests get to finish in, after SIGTERM.
        keep_alive_s: that an idle connection stays open.
        audit_log: file that gets a line an answer; None for no such log.
        audit_log_bytes: size at which the file is put aside and a new one begun.
        drift_log: folder for what drift is told from; None for no such log.
        prevalence: share of malignant lesions that the page begins with; that of a referral clinic when None.
        runtime: as for `predict`.
        precision: as for `predict`.

    Raises:
        ConfigError: a value is out of range, or the service would be open to others without a token.

    Example:
        >>> ServiceSettings(host="0.0.0.0")
        Traceback (most recent call last):
        ...
        lentigo.errors.ConfigError: 0.0.0.0 can be reached from other machines, and that needs a token: ...
    """

    host: str = "127.0.0.1"
    port: int = 8000
    token: str = field(default="", repr=False)
    tls_cert: Path | None = None
    tls_key: Path | None = None
    allowed_hosts: tuple[str, ...] = ()
    max_images: int = 32
    max_body_bytes: int = 64 * MIB
    max_pixels: int | None = None
    workers: int = 0
    worker_memory_bytes: int = 2048 * MIB
    decode_timeout_s: float = 10.0
    request_timeout_s: float = 30.0
    receive_timeout_s: float = 30.0
    max_queue: int = 128
    max_inflight_bytes: int = 512 * MIB
    max_connections: int = 512
    batch_size: int = 0
    network_threads: int = 0
    drain_s: float = 20.0
    keep_alive_s: int = 15
    audit_log: Path | None = None
    audit_log_bytes: int = 64 * MIB
    drift_log: Path | None = None
    prevalence: float | None = None
    runtime: str | None = None
    precision: str | None = None

    def __post_init__(self) -> None:
        for name, (low, high) in _RANGES.items():
            value = getattr(self, name)
            if value is not None and not low <= value <= high:
                raise ConfigError(f"{name} is {value:g}; it must lie between {low:g} and {high:g}.")
        if self.prevalence is not None and not 0 < self.prevalence < 1:
            raise ConfigError(f"prevalence is {self.prevalence:g}; it must lie between 0 and 1. For 7 % write 0.07.")
        if (self.tls_cert is None) != (self.tls_key is None):
            raise ConfigError("a certificate and its key are needed together: give both --tls-cert and --tls-key.")
        if self.token and (len(self.token) < SHORTEST_TOKEN or not self.token.isascii() or " " in self.token):
            raise ConfigError(f"the token needs at least {SHORTEST_TOKEN} ASCII characters without spaces.")
        if self.max_inflight_bytes < self.max_body_bytes:
            raise ConfigError(
                "max_inflight_bytes is less than max_body_bytes, so large requests could never be accepted. Raise "
                "--max-inflight or lower --max-body."
            )
        if not self.is_loopback and not self.token:
            raise ConfigError(
                f"{self.host} can be reached from other machines, and that needs a token: --token-file FILE, or the "
                f"variable {TOKEN_VARIABLE}. Make one with: openssl rand -hex 32"
            )

    @property
    def is_loopback(self) -> bool:
        """Whether only this machine can reach the service."""
        return is_loopback(self.host)

    @property
    def n_workers(self) -> int:
        """How many processes decode."""
        return self.workers or _usable_cores()


_RANGES: Final[dict[str, tuple[float, float]]] = {
    "port": (0, 65535),
    "max_images": (1, 256),
    "max_body_bytes": (1024, 1024 * MIB),
    "max_pixels": (256, 1_000_000_000),
    "workers": (0, 256),
    "worker_memory_bytes": (256 * MIB, 1 << 40),
    "decode_timeout_s": (0.1, 300),
    "request_timeout_s": (0.1, 600),
    "receive_timeout_s": (0.1, 600),
    "max_queue": (1, 100_000),
    "max_inflight_bytes": (1024, 1 << 40),
    "max_connections": (1, 100_000),
    "batch_size": (0, 256),
    "network_threads": (0, 256),
    "drain_s": (0, 600),
    "keep_alive_s": (1, 600),
    "audit_log_bytes": (4096, 1 << 40),
}


def read_token(path: Path | None, environment: Mapping[str, str] = os.environ) -> str:
    """Return the token in a file or, without one, in the environment; empty where there is neither.

    Raises:
        ConfigError: the file cannot be read or is empty.

    Example:
        >>> read_token(None, {"LENTIGO_TOKEN": "0123456789abcdef"})
        '0123456789abcdef'
    """
    if path is None:
        return environment.get(TOKEN_VARIABLE, "")
    warn_of_readers(path)
    try:
        token = path.read_text(encoding="utf-8").strip()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it is not text"
        raise ConfigError(f"{path} cannot be read as a token: {reason}. Check the path and its permissions.") from error
    if not token:
        raise ConfigError(f"{path} is empty; it should hold the token. Make one with: openssl rand -hex 32")
    return token


def warn_of_readers(path: Path) -> None:
    """Warn where others on this machine may read a secret.

    Example:
        >>> warn_of_readers(Path("no such file"))
    """
    try:
        mode = path.stat().st_mode
    except OSError:
        return
    if os.name == "posix" and mode & 0o077:
        logger.warning("%s holds a secret and others on this machine can read it. Run: chmod 600 %s", path, path)


def _usable_cores() -> int:
    from lentigo.model import usable_cores

    return usable_cores()
