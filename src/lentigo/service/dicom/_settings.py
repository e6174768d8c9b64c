"""How the receiver is set up: where it listens, whom it hears, what it does with answers, and its limits."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from lentigo.errors import ConfigError
from lentigo.service._hosts import is_loopback
from lentigo.service.dicom._deidentify import Deidentifier

_TITLE: Final = re.compile(r"[ -\[\]-~]{1,16}")  # printable ASCII without the backslash (PS3.5, VR AE)


@dataclass(frozen=True, slots=True)
class Peer:
    """The node to which answers are sent.

    Args:
        host: name or address.
        port: TCP.
        ae_title: its application entity title.

    Example:
        >>> Peer.parse("ORTHANC@127.0.0.1:4242")
        Peer(host='127.0.0.1', port=4242, ae_title='ORTHANC')
    """

    host: str
    port: int
    ae_title: str

    def __post_init__(self) -> None:
        _check_title(self.ae_title)
        _check_port(self.port)

    @classmethod
    def parse(cls, text: str) -> "Peer":
        """Return the peer that TITLE@HOST:PORT names.

        Raises:
            ConfigError: it names none.
        """
        found = re.fullmatch(r"(.+)@\[?([^@\]]+)\]?:(\d{1,5})", text)
        if found is None:
            raise ConfigError(f"a DICOM peer is written TITLE@HOST:PORT, such as ORTHANC@127.0.0.1:4242; got '{text}'.")
        return cls(found[2], int(found[3]), found[1])


@dataclass(frozen=True, slots=True)
class ReceiverSettings:
    """All settings of the receiver except the model.

    Args:
        host: address to listen on.
        port: TCP; 0 for any free one.
        ae_title: its own; associations that call another are rejected.
        allowed_callers: titles that may call; empty for all, which is allowed on this machine only. A title is no
            proof of identity: DICOM has none, so a firewall or a VPN has to stand before any other address.
        folder: where answers are written; None for nowhere.
        peer: where answers are sent; None for nowhere.
        spool: folder of answers that wait to be sent; needed with a peer.
        max_object_bytes: of a received object; the connection is closed while it is received beyond that.
        max_pdu_bytes: of one protocol data unit.
        max_associations: at a time.
        timeout_s: for the next byte, message or answer of a peer.
        max_spool_bytes: waiting to be sent; beyond that objects are refused as "out of resources".
        retry_s: between attempts to send; doubled after each failure up to 60 times that.
        drain_s: how long `stop` waits for what has begun.
        deidentifier: takes identity out of everything that is written to `folder`, and writes the photograph there too.

    Example:
        >>> ReceiverSettings(folder=Path("answers")).ae_title
        'LENTIGO'
    """

    host: str = "127.0.0.1"
    port: int = 11112
    ae_title: str = "LENTIGO"
    allowed_callers: tuple[str, ...] = ()
    folder: Path | None = None
    peer: Peer | None = None
    spool: Path | None = None
    max_object_bytes: int = 100_000_000
    max_pdu_bytes: int = 131_072
    max_associations: int = 4
    timeout_s: float = 30.0
    max_spool_bytes: int = 1_000_000_000
    retry_s: float = 5.0
    drain_s: float = 20.0
    deidentifier: Deidentifier | None = None

    def __post_init__(self) -> None:
        for title in (self.ae_title, *self.allowed_callers):
            _check_title(title)
        if self.port:
            _check_port(self.port)
        if not self.allowed_callers and not is_loopback(self.host):
            raise ConfigError(
                f"{self.host} can be reached from other machines: name the titles that may call (allowed_callers), and "
                "let a firewall decide which machines may. Or listen on 127.0.0.1."
            )
        if self.folder is None and self.peer is None:
            raise ConfigError(
                "answers need a destination: give a folder to write them to (--dicom-folder), or a peer to send them "
                "to (--dicom-peer with --dicom-spool)."
            )
        if self.peer is not None and self.spool is None:
            raise ConfigError(
                "sending answers needs a spool folder (--dicom-spool), where they wait while the peer is away."
            )
        if self.peer is not None and self.deidentifier is not None:
            raise ConfigError(
                "de-identified answers are for research and not for the archive: give a folder instead of a peer."
            )
        _check_numbers(self)


def _check_numbers(settings: ReceiverSettings) -> None:
    ranges = {
        "max_object_bytes": (1_000, 2**31),
        "max_pdu_bytes": (4_096, 2**20),
        "max_associations": (1, 100),
        "timeout_s": (0.1, 3600),
        "max_spool_bytes": (1_000, 2**40),
        "retry_s": (0.01, 3600),
        "drain_s": (0, 3600),
    }
    for name, (low, high) in ranges.items():
        if not low <= getattr(settings, name) <= high:
            raise ConfigError(f"{name} is {getattr(settings, name):g}; it must be {low:g} to {high:g}.")


def _check_title(title: str) -> None:
    if not _TITLE.fullmatch(title) or not title.strip():
        raise ConfigError(
            f"'{title}' is not an application entity title: 1 to 16 printable ASCII characters, no backslash."
        )


def _check_port(port: int) -> None:
    if not 1 <= port <= 65535:
        raise ConfigError(f"{port} is not a port; it must be 1 to 65535.")
