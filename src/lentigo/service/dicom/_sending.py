"""Answers to a peer (C-STORE SCU): a thread that empties the spool, patiently, and keeps what it cannot deliver."""

import logging
import threading
import time
from pathlib import Path
from typing import Any, Final

from lentigo.service.dicom._settings import ReceiverSettings
from lentigo.service.dicom._source import need_pydicom
from lentigo.service.dicom._spool import Spool

logger = logging.getLogger(__name__)

WRITTEN_CLASSES: Final = ("1.2.840.10008.5.1.4.1.1.88.34", "1.2.840.10008.5.1.4.1.1.7")
LITTLE: Final = ("1.2.840.10008.1.2.1", "1.2.840.10008.1.2")
LONGEST_WAIT: Final = 60  # times `retry_s`
MOST_REFUSALS: Final = 5  # of one answer by a peer that can be reached
POLL_S: Final = 0.2


class Sender:
    """Sends what lies in a spool.

    Args:
        settings: peer and patience.
        spool: where answers wait.
    """

    def __init__(self, settings: ReceiverSettings, spool: Spool) -> None:
        self.settings, self.spool = settings, spool
        self.n_sent = 0
        self._refusals: dict[str, int] = {}
        self._stop, self._wake = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._run, name="lentigo-dicom-sender", daemon=True)

    def start(self) -> None:
        """Begin to send."""
        self._thread.start()

    def wake(self) -> None:
        """Say that there is something to send."""
        self._wake.set()

    def stop(self, deadline: float) -> None:
        """Stop when nothing waits any more, or at the deadline (of `time.monotonic`)."""
        self.wake()
        while self.spool.oldest() is not None and time.monotonic() < deadline and self._thread.is_alive():
            time.sleep(0.05)
        self._stop.set()
        self._wake.set()
        self._thread.join(timeout=max(1.0, deadline - time.monotonic()))

    def _run(self) -> None:
        wait = self.settings.retry_s
        while not self._stop.is_set():
            if self.spool.oldest() is None:
                self._wake.wait(POLL_S * 5)
                self._wake.clear()
                continue
            try:
                is_sent = self._send_all()
            except Exception as error:  # noqa: BLE001 - the thread must live; content may stand in the words
                logger.warning("answers cannot be sent (%s)", type(error).__name__)
                is_sent = False
            if is_sent:
                wait = self.settings.retry_s
                continue
            self._stop.wait(wait)
            wait = min(2 * wait, LONGEST_WAIT * self.settings.retry_s)

    def _send_all(self) -> bool:
        """Return whether the peer took everything that waited, over one association."""
        peer = self.settings.peer
        assert peer is not None
        association = self._entity().associate(peer.host, peer.port, ae_title=peer.ae_title)
        if not association.is_established:
            logger.warning(
                "the DICOM peer %s cannot be reached, or rejects lentigo; answers are kept until it accepts them",
                peer.ae_title,
            )
            return False
        try:
            while (path := self.spool.oldest()) is not None and not self._stop.is_set():
                if not self._send(association, path):
                    return False
            return True
        finally:
            if association.is_established:
                association.release()

    def _send(self, association: Any, path: Path) -> bool:
        data = need_pydicom().dcmread(path)
        status = association.send_c_store(data)
        code = status.Status if "Status" in status else None
        if code == 0 or (code is not None and code & 0xF000 == 0xB000):  # a warning is a success that says more
            self.spool.done(path)
            self.n_sent += 1
            return True
        self._refusals[path.name] = self._refusals.get(path.name, 0) + 1
        logger.warning("the DICOM peer refused an answer (status %s)", "none" if code is None else f"0x{code:04X}")
        if code is not None and (code & 0xF000 != 0xA000 or self._refusals[path.name] >= MOST_REFUSALS):
            self.spool.set_aside(path)
            self._refusals.pop(path.name)
        return False

    def _entity(self) -> Any:
        from pynetdicom import AE

        entity = AE(ae_title=self.settings.ae_title)
        entity.acse_timeout = entity.dimse_timeout = entity.network_timeout = self.settings.timeout_s
        entity.connection_timeout = self.settings.timeout_s
        for sop_class in WRITTEN_CLASSES:
            entity.add_requested_context(sop_class, list(LITTLE))
        return entity
