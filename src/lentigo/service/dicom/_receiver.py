"""The receiver (C-STORE SCP, C-ECHO): a photograph comes in, its answer goes out, and only then is success said.

A status of 0000 means that the answer is on the disk, in the folder or in the spool; or that the object is an overlay
of lentigo's own, which needs none. An object that cannot be assessed at all gets C000, one that does not fit its own
description A900, and where the service has no room A700: the sender may try again. UIDs of a peer never become part of
a path. It runs in threads and needs no web server.
"""

import io
import logging
import struct
import threading
import time
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from lentigo.errors import DicomError, ImageError, LentigoError, MissingExtraError
from lentigo.images.dicom import PHOTOGRAPHS, SYNTAXES
from lentigo.service.dicom._answering import Delivery, answer_objects
from lentigo.service.dicom._filing import is_own
from lentigo.service.dicom._model import ModelIdentity
from lentigo.service.dicom._report import load_templates
from lentigo.service.dicom._settings import ReceiverSettings
from lentigo.service.dicom._source import need_pydicom, read_source
from lentigo.service.dicom._spool import Spool, file_name
from lentigo.storage import write_bytes

if TYPE_CHECKING:
    from lentigo.model import Explanation
    from lentigo.model import Model as Opened
    from lentigo.service.dicom._sending import Sender

logger = logging.getLogger(__name__)

DONE: Final = 0x0000
OUT_OF_RESOURCES: Final = 0xA700
DOES_NOT_MATCH: Final = 0xA900
CANNOT_UNDERSTAND: Final = 0xC000
FAILED: Final = 0x0110
REQUEST_S: Final = 5.0  # after which a connection without an association request is closed
VERIFICATION: Final = "1.2.840.10008.1.1"

Explain = Callable[[bytes], "Explanation"]


def asker(model: "Opened") -> Explain:
    """Return a function that predicts in this process, without workers: for small sites and tests.

    Example:
        >>> from lentigo import open_model
        >>> asker(open_model(bundle_folder))(photo.read_bytes()).answer.image
        'object'
    """
    from lentigo.model import explain

    return lambda content: explain(model, model.look(content), "object")


def serve(settings: ReceiverSettings, explain: Explain, model: ModelIdentity) -> "Receiver":
    """Return a running receiver.

    Args:
        settings: see there.
        explain: called from several threads with the bytes of an object; raises ImageError for a bad image, and any
            other LentigoError where the service cannot answer now.
        model: named in the answers.
    """
    receiver = Receiver(settings, explain, model)
    receiver.start()
    return receiver


class Receiver:
    """Receives photographs and delivers answers.

    Args:
        settings: see there.
        explain: see `serve`.
        model: named in the answers.
    """

    def __init__(self, settings: ReceiverSettings, explain: Explain, model: ModelIdentity) -> None:
        self.settings, self.explain, self.model = settings, explain, model
        self.n_answered = self.n_refused = 0
        self._lock = threading.Condition()
        self._n_busy, self._is_stopping = 0, False
        self._server: Any = None
        self._thread: threading.Thread | None = None
        self._spool: Spool | None = None
        self._sender: Sender | None = None

    @property
    def port(self) -> int:
        """The port it listens on."""
        return int(self._server.server_address[1])

    def start(self) -> None:
        """Listen, and send what an earlier process left in the spool.

        Raises:
            DicomError: the address cannot be listened on.
            MissingExtraError: pynetdicom or highdicom is not installed.
        """
        entity, guard, evt = self._entity()
        load_templates()  # half a second that the first object need not wait for
        if self.settings.peer is not None and self.settings.spool is not None:
            from lentigo.service.dicom._sending import Sender

            self._spool = Spool(self.settings.spool, max_bytes=self.settings.max_spool_bytes)
            self._sender = Sender(self.settings, self._spool)
            self._sender.start()
        try:
            self._server = entity.make_server(
                (self.settings.host, self.settings.port),
                evt_handlers=[(evt.EVT_C_STORE, self._store), (evt.EVT_C_ECHO, lambda _: DONE)],
                server_class=guard.GuardedServer,
                request_handler=guard.make_handler(self.settings),
            )
        except OSError as error:
            raise DicomError(
                f"{self.settings.host}:{self.settings.port} cannot be listened on: {error.strerror or error}."
            ) from error
        entity._servers.append(self._server)  # as AE.start_server does; shutdown() takes it out again
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.1}, name="lentigo-dicom", daemon=True
        )
        self._thread.start()
        logger.info("DICOM: %s listens on %s:%d", self.settings.ae_title, self.settings.host, self.port)

    def stop(self) -> None:
        """Take no more connections, finish what has begun, send what can be sent; at most `drain_s`."""
        deadline = time.monotonic() + self.settings.drain_s
        self._is_stopping = True
        if self._server is not None:
            associations = self._server.active_associations
            self._server.shutdown()
            self._server = None
            with self._lock:
                self._lock.wait_for(lambda: not self._n_busy, timeout=self.settings.drain_s)
            for association in associations:  # the others only wait for more
                association.abort()
        if self._sender is not None:
            self._sender.stop(deadline)

    def _entity(self) -> tuple[Any, Any, Any]:
        """Return pynetdicom's application entity, set up, the module of guarded sockets, and the events.

        Raises:
            MissingExtraError: pynetdicom is not installed.
        """
        try:
            from pynetdicom import AE, _config, evt

            from lentigo.service.dicom import _guard as guard
        except ImportError as error:
            raise MissingExtraError("pynetdicom", extra="dicom", purpose="receive DICOM") from error
        _config.LOG_HANDLER_LEVEL = "none"  # its handlers log what associations and messages say
        need_pydicom()
        entity = AE(ae_title=self.settings.ae_title)
        entity.require_called_aet = True
        entity.require_calling_aet = list(self.settings.allowed_callers)
        entity.maximum_associations = self.settings.max_associations
        entity.maximum_pdu_size = self.settings.max_pdu_bytes
        entity.acse_timeout = min(REQUEST_S, self.settings.timeout_s)
        entity.dimse_timeout = entity.network_timeout = self.settings.timeout_s
        entity.add_supported_context(VERIFICATION)
        for sop_class in PHOTOGRAPHS:
            entity.add_supported_context(sop_class, list(SYNTAXES))
        return entity, guard, evt

    def _store(self, event: Any) -> int:
        """Return the status of one C-STORE."""
        event.assoc.dul.socket.taken()
        with self._lock:
            if self._is_stopping:
                return OUT_OF_RESOURCES
            self._n_busy += 1
        status, request = FAILED, event.request
        try:
            content = _as_file(request.DataSet, str(event.context.transfer_syntax))
            status = self._handle(content, str(request.AffectedSOPClassUID), str(request.AffectedSOPInstanceUID))
        finally:
            with self._lock:
                event.assoc.dul._idle_timer.restart()  # the peer was waiting, not idle
                self._n_busy -= 1
                self.n_answered += status == DONE
                self.n_refused += status != DONE
                self._lock.notify_all()
        return status

    def _handle(self, content: bytes, sop_class: str, uid: str) -> int:
        if len(content) > self.settings.max_object_bytes:
            return OUT_OF_RESOURCES
        try:
            source = read_source(content, max_bytes=self.settings.max_object_bytes)
            if (source.SOPClassUID, source.SOPInstanceUID) != (sop_class, uid):
                return _refused("the object does not match the message", DOES_NOT_MATCH)
            if is_own(source):  # sent back with its study; an answer would come back too, and so on
                logger.info("DICOM: an overlay of lentigo's own needs no answer")
                return DONE
            why = self.explain(content)
        except ImageError:
            return _refused("its pixels cannot be read", CANNOT_UNDERSTAND)
        except DicomError:
            return _refused("its header cannot be read", CANNOT_UNDERSTAND)
        except LentigoError as error:
            return _refused(f"no answer now ({type(error).__name__})", OUT_OF_RESOURCES)
        except MemoryError:
            return _refused("no memory", OUT_OF_RESOURCES)
        except Exception:
            logger.exception("DICOM: an object could not be answered")
            return FAILED
        return self._deliver(content, source, why)

    def _deliver(self, content: bytes, source: Any, why: "Explanation") -> int:
        try:
            now = datetime.now().astimezone()
            told = answer_objects(content, source, why, self.model, now=now, deidentifier=self.settings.deidentifier)
        except DicomError:
            return _refused("no answer can be filed beside it", DOES_NOT_MATCH)
        try:
            self._keep(told)
        except LentigoError as error:
            return _refused(f"no room for its answer ({type(error).__name__})", OUT_OF_RESOURCES)
        logger.info("DICOM: an object was answered")
        return DONE

    def _keep(self, told: Delivery) -> None:
        if self.settings.folder is not None:
            for kind, uid, written in told:
                write_bytes(self.settings.folder / file_name(kind, uid), written, is_private=True)
        if self._spool is not None:
            for kind, uid, written in told:
                self._spool.put(kind, uid, written)
        if self._sender is not None:
            self._sender.wake()


def _as_file(data: Any, syntax: str) -> bytes:
    """Return a received data set as a file: preamble, the transfer syntax, and the bytes as they came."""
    body = data.getbuffer() if isinstance(data, io.BytesIO) else b""
    text = syntax.encode("ascii") + b"\0" * (len(syntax) % 2)
    head = bytes(128) + b"DICM" + struct.pack("<HH2sH", 0x0002, 0x0010, b"UI", len(text)) + text
    return b"".join((head, body))


def _refused(why: str, status: int) -> int:
    logger.warning("DICOM: an object was refused: %s", why)
    return status
