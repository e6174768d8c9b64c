"""Processes that look at what strangers sent: started bare, spoken to in frames of bytes, never believed.

Decoders are where hostile files do their harm, so they run in a process of their own, which the kernel may end and
nobody misses. It gets no token and nothing else of the environment that is secret. What comes back is bytes that the
parent checks, JSON or plain numbers, never a pickle: a decoder that was taken over could put anything into one.
"""

import contextlib
import json
import os
import signal
import struct
import subprocess
import sys
from collections.abc import Iterator, Mapping
from typing import Any, Final

__all__ = ["Child", "ChildLostError", "Parent", "limit_time", "restrict", "silence", "start_process"]

LENGTH: Final = struct.Struct("!Q")
MOST_BYTES: Final = 64 << 20  # of an answer; that about a hundred images takes a hundred kilobytes
# What a process gets to know of the environment.
_KEPT: Final = (
    "PATH",
    "PYTHONPATH",
    "PYTHONHOME",
    "VIRTUAL_ENV",
    "LD_LIBRARY_PATH",
    "LANG",
    "LC_ALL",
    "TZ",
    "SYSTEMROOT",
)
_ALONE: Final = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")


class ChildLostError(Exception):
    """A process ended, or answered what was not asked; for the caller to handle, never for a user."""


def start_process(module: str, settings: Mapping[str, Any], **streams: Any) -> "subprocess.Popen[bytes]":
    """Return a process that runs a module of lentigo, with the settings as JSON for its one argument.

    It never hears Ctrl-C: the parent does, and says so once.

    Args:
        module: with a `main`.
        settings: plain values.
        streams: as of `subprocess.Popen`.
    """
    environment = {name: os.environ[name] for name in _KEPT if name in os.environ} | _ALONE
    command = [sys.executable, "-W", "ignore", "-m", module, json.dumps(settings)]
    with _deaf_to_interrupts():
        return subprocess.Popen(command, env=environment, **streams)  # noqa: S603 - our own interpreter


class Child:
    """A process, asked one question after the other from any thread; a question and its answer are JSON.

    Args:
        module: whose `main` answers, by `Parent`.
        settings: for it.

    Raises:
        ChildLostError: it does not come up.
    """

    def __init__(self, module: str, settings: Mapping[str, Any]) -> None:
        self.process = start_process(module, settings, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0)
        self.greeting = self._receive()

    def ask(self, question: Any) -> Any:
        """Return the answer.

        Raises:
            ChildLostError: the process ended before.
        """
        assert self.process.stdin is not None
        content = json.dumps(question).encode()
        try:
            _send(self.process.stdin, LENGTH.pack(len(content)) + content)
        except OSError as error:
            raise ChildLostError("the process ended.") from error
        return self._receive()

    def end(self) -> None:
        """End the process at once; whoever waits for its answer gets a `ChildLostError`."""
        self.process.kill()
        self.process.wait()
        for stream in (self.process.stdin, self.process.stdout):
            assert stream is not None
            with contextlib.suppress(OSError, ValueError):
                stream.close()

    def _receive(self) -> Any:
        assert self.process.stdout is not None
        try:
            head = _exactly(self.process.stdout, LENGTH.size)
            n_bytes = 0 if head is None else int(LENGTH.unpack(head)[0])
            content = _exactly(self.process.stdout, n_bytes) if 0 < n_bytes <= MOST_BYTES else None
            if content is not None:
                return json.loads(content)
        except (OSError, ValueError, RecursionError):  # of a stream closed by `end`, or of no JSON
            pass
        raise ChildLostError("the process ended.")


class Parent:
    """The parent of this process, seen from inside.

    0 to 2 lead nowhere from here on but for complaints on 2, so that no library reads or writes what is meant for the
    parent.

    Args:
        has_socket: whether standard input is a socket that goes both ways, and not a pipe.
    """

    def __init__(self, *, has_socket: bool) -> None:
        for name in (signal.SIGINT, signal.SIGTERM):  # the parent says when it is time, by hanging up
            signal.signal(name, signal.SIG_IGN)
        self._in = os.fdopen(os.dup(0), "rb", buffering=0)
        self._out = os.fdopen(os.dup(0 if has_socket else 1), "wb", buffering=0)
        silence(0, 1)

    def receive(self) -> bytes | None:
        """Return the next message, or None when the parent is gone."""
        head = _exactly(self._in, LENGTH.size)
        return None if head is None else _exactly(self._in, int(LENGTH.unpack(head)[0]))

    def send(self, content: bytes) -> None:
        """Send bytes as they are."""
        _send(self._out, content)

    def answer(self, value: Any) -> None:
        """Send a value as a message of JSON."""
        content = json.dumps(value).encode()
        self.send(LENGTH.pack(len(content)) + content)


def restrict(memory_bytes: int) -> None:
    """Let the kernel refuse this process more memory, a core file, and any file to write."""
    try:
        import resource
    except ImportError:  # pragma: no cover - Windows has no such limits; the parent's clock holds there, too
        return
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a core file would hold the photograph
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


def limit_time(seconds: float) -> None:
    """Let the kernel end this process when it has used that much more processor time."""
    with contextlib.suppress(ImportError):
        import resource

        usage = resource.getrusage(resource.RUSAGE_SELF)
        end = int(usage.ru_utime + usage.ru_stime + seconds) + 1
        resource.setrlimit(resource.RLIMIT_CPU, (end, resource.getrlimit(resource.RLIMIT_CPU)[1]))


def silence(*streams: int) -> None:
    """Let these of the descriptors 0 to 2 lead nowhere."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in streams:
        os.dup2(nowhere, stream)
    os.close(nowhere)


@contextlib.contextmanager
def _deaf_to_interrupts() -> Iterator[None]:
    """Let a process that is started in this block never hear Ctrl-C, not even before its first line."""
    if not hasattr(signal, "pthread_sigmask"):  # Windows
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _send(stream: Any, content: bytes) -> None:
    view = memoryview(content)
    while view:  # a raw stream may take a part
        view = view[stream.write(view) :]


def _exactly(stream: Any, n_bytes: int) -> bytes | None:
    content = bytearray(n_bytes)
    view, filled = memoryview(content), 0
    while filled < n_bytes:
        n_read = stream.readinto(view[filled:])
        if not n_read:
            return None
        filled += n_read
    return bytes(content)
