"""The receiver's sockets: pynetdicom's, with limits it does not have, kept while the bytes come in.

pynetdicom reads a PDU of whatever length its six bytes of header claim, keeps an object of any size in memory, queues
messages that come faster than they are answered, and waits for a half-sent PDU for ever. Here each of these ends the
connection. PS3.8 9.3 describes the PDUs.
"""

import contextlib
import logging
import socket
import struct
import time
from typing import Any, Final

from pynetdicom.transport import AssociationSocket, RequestHandler, ThreadedAssociationServer

from lentigo.service.dicom._settings import ReceiverSettings

logger = logging.getLogger(__name__)

P_DATA: Final = 0x04
KNOWN_PDUS: Final = range(0x01, 0x08)
MOST_NEGOTIATION: Final = 262_144  # bytes of an association request: 128 contexts of 20 transfer syntaxes need 75 kB
MOST_COMMAND: Final = 65_536
CHUNK: Final = 65_536
WAITING_ROOM: Final = 4  # connections beyond the associations: they get a proper rejection


class GuardedSocket(AssociationSocket):
    """A connection that closes as soon as its peer wants too much.

    Args:
        assoc: pynetdicom's association.
        client_socket: the accepted connection.
        settings: limits.
    """

    def __init__(self, assoc: Any, client_socket: socket.socket, settings: ReceiverSettings) -> None:
        super().__init__(assoc, client_socket=client_socket)
        self._limits = settings
        self._pdu = 0  # type of the PDU whose body comes next; 0 where a header does
        self._object = self._command = self._waiting = 0

    def taken(self) -> None:
        """Note that a received object has reached the handler."""
        self._waiting = max(0, self._waiting - 1)

    def recv(self, nr_bytes: int) -> bytearray:
        """Return so many bytes, or fewer where the peer closes.

        Raises:
            OSError: a limit is passed; the connection is shut.
        """
        if not self._pdu:
            header = self._read(nr_bytes)
            if len(header) == 6 and header[0] in KNOWN_PDUS:
                self._pdu = header[0]
            else:
                self._give_up()
            return header
        kind, self._pdu = self._pdu, 0
        most = self._limits.max_pdu_bytes + 12 if kind == P_DATA else MOST_NEGOTIATION
        if nr_bytes > most:
            self._refuse(f"a PDU of {nr_bytes:,} bytes, {most:,} are allowed")
        body = self._read(nr_bytes)
        if kind == P_DATA:
            self._count(body)
        return body

    def _read(self, n_bytes: int) -> bytearray:
        """Return so many bytes; one deadline holds for all of them."""
        found, deadline = bytearray(), time.monotonic() + self._limits.timeout_s
        while len(found) < n_bytes:
            left = deadline - time.monotonic()
            if left <= 0 or self.socket is None:
                self._refuse("a PDU that does not end in time")
            assert self.socket is not None
            self.socket.settimeout(left)
            part = self.socket.recv(min(CHUNK, n_bytes - len(found)))
            if not part:
                break
            found += part
        return found

    def _count(self, body: bytearray) -> None:
        """Add up the fragments in a P-DATA PDU: length (4 bytes), context, header (bit 0: command, bit 1: last)."""
        position = 0
        while position + 6 <= len(body):
            length, _, header = struct.unpack_from(">LBB", body, position)
            position += 4 + length
            if length < 2:
                self._refuse("a fragment without a header")
            is_last = bool(header & 2)
            if header & 1:
                self._command = 0 if is_last else self._command + length
                if self._command > MOST_COMMAND:
                    self._refuse("a command that does not end")
                continue
            self._object += length - 2
            if self._object > self._limits.max_object_bytes:
                self._refuse(f"an object of more than {self._limits.max_object_bytes:,} bytes")
            if is_last:
                self._object, self._waiting = 0, self._waiting + 1
                if self._waiting > 1:
                    self._refuse("objects without waiting for their answers")

    def _refuse(self, what: str) -> None:
        """Shut the connection.

        Raises:
            OSError: always.
        """
        logger.warning("DICOM peer refused: it sent %s", what)
        self._give_up()
        with contextlib.suppress(OSError, AttributeError):
            self.socket.shutdown(socket.SHUT_RDWR)  # type: ignore[union-attr]
        raise OSError("refused")

    def _give_up(self) -> None:
        # An association that was never requested would hold its place until its timer ends: "no request" ends it now.
        if self._assoc.requestor.primitive is None:
            self._assoc.dul.to_user_queue.put(None)


class GuardedServer(ThreadedAssociationServer):
    """A server that leaves connections beyond its associations, and a few more, unanswered."""

    daemon_threads = True

    def verify_request(self, request: Any, client_address: Any) -> bool:  # noqa: ARG002
        """Return whether a connection may become an association."""
        return len(self.active_associations) < self.ae.maximum_associations + WAITING_ROOM

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ARG002
        """Log a failed connection without its content; socketserver prints a traceback."""
        logger.warning("a DICOM connection failed before it became an association")


def make_handler(settings: ReceiverSettings) -> type[RequestHandler]:
    """Return the class that makes associations over guarded sockets."""

    class Handler(RequestHandler):
        """One connection."""

        def _create_association(self) -> Any:
            assoc = super()._create_association()
            assert isinstance(self.request, socket.socket)
            assoc.dul.socket = GuardedSocket(assoc, self.request, settings)
            assoc.dul.event_queue.get_nowait()  # each socket announces the connection; once is enough
            return assoc

    return Handler
