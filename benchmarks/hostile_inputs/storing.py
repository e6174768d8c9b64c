"""Hostile DICOM objects over C-STORE (made by `objects`), and bytes at its door that are not DICOM."""

import contextlib
import io
import socket
import time
from collections.abc import Iterator
from typing import Any

import numpy as np

from .objects import INSTANCE, PHOTOGRAPH, data_set_of, hostile, make, picture

DONE = "0x0000"
KNOWN = {DONE, "0xA700", "0xA900", "0xC000"}  # no room, does not match, cannot understand; 0x0110 would be a bug
UNHEARD = "no association"


class Archive:
    """A sender that connects again when it was cut off."""

    def __init__(self, port: int, patience_s: float) -> None:
        from pynetdicom import AE, _config

        from lentigo.images.dicom import SYNTAXES

        _config.LOG_HANDLER_LEVEL = "none"
        self.port, self.entity = port, AE()
        self.entity.acse_timeout = self.entity.dimse_timeout = self.entity.network_timeout = patience_s
        for syntax in SYNTAXES:
            self.entity.add_requested_context(PHOTOGRAPH, syntax)
        self.association: Any = None

    def store(self, content: bytes) -> str:
        """Return the status that an object got; "closed" where the connection was."""
        from pynetdicom.dimse_primitives import C_STORE

        for _ in range(50):
            if self.association is not None and self.association.is_established:
                break
            self.association = self.entity.associate("127.0.0.1", self.port, ae_title="LENTIGO")
            if not self.association.is_established:
                time.sleep(0.2)
        else:
            return UNHEARD
        data, syntax = data_set_of(content)
        contexts = [one for one in self.association.accepted_contexts if one.transfer_syntax[0] == syntax]
        message = C_STORE()
        message.MessageID, message.Priority = 1, 2
        message.AffectedSOPClassUID, message.AffectedSOPInstanceUID = PHOTOGRAPH, INSTANCE
        message.DataSet = io.BytesIO(data or b"\0")
        association = self.association
        association._reactor_checkpoint.clear()  # as pynetdicom's own send_c_store does, which wants a data set
        while not association._is_paused and association.is_alive():
            time.sleep(0.001)
        association.dimse.send_msg(message, contexts[0].context_id)
        _, answer = association.dimse.get_msg(block=True)
        association._reactor_checkpoint.set()
        if answer is None:
            association.abort()
            return "closed"
        return f"0x{answer.Status:04X}"

    def close(self) -> None:
        """Release the association."""
        if self.association is not None and self.association.is_established:
            self.association.release()


def good() -> bytes:
    """An intact object."""
    return make(picture())


def objects(seed: int, count: int) -> Iterator[bytes]:
    """So many of the objects of `hostile`, chosen evenly from all its kinds."""
    n_made = 2 * count
    chosen = set(np.random.default_rng(seed).choice(n_made, count, replace=False).tolist())
    for number, content in enumerate(hostile(n_made, np.random.default_rng(seed))):
        if number in chosen:
            yield content


def knock(port: int, content: bytes) -> None:
    """Send bytes to the port, and read until it closes."""
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=30) as peer:
        peer.sendall(content)
        peer.shutdown(socket.SHUT_WR)
        while peer.recv(1 << 16):
            pass
