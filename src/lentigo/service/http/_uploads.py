"""Bodies of requests, within limits of bytes, parts and time, and in memory alone: nothing is spooled to a disk.

Starlette's own form reader writes files above one megabyte to a temporary folder, which is why it is not used.
"""

import asyncio
import contextlib
import re
from collections.abc import AsyncGenerator, Collection
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.requests import ClientDisconnect, Request

from lentigo.service.http._errors import (
    BadRequest,
    BodyTooLarge,
    Busy,
    NoImage,
    SlowBody,
    TooManyImages,
    UnsupportedMediaType,
)
from lentigo.service.http._settings import ServiceSettings
from lentigo.wording import counted

if TYPE_CHECKING:
    from python_multipart.multipart import MultipartCallbacks

LONGEST_NAME: Final = 200
LONGEST_BOUNDARY: Final = 70  # RFC 2046
HEADER_BYTES: Final = 4096  # of one part
LONGEST_VALUE: Final = 200  # bytes of a text field


@dataclass(frozen=True, slots=True)
class Upload:
    """One file of a form.

    Args:
        name: as the sender calls it, printable and short; only ever sent back.
        content: its bytes.
    """

    name: str
    content: bytes


@dataclass(slots=True)
class Traffic:
    """Requests that are running, and the bytes that all of them together may hold in memory.

    Args:
        most: bytes.
        held: bytes now.
        n_running: requests now.

    Example:
        >>> traffic = Traffic(10)
        >>> traffic.take(8)
        >>> traffic.take(8)
        Traceback (most recent call last):
        ...
        lentigo.service.http._errors.Busy: too much is being uploaded at once. Try again in a second.
    """

    most: int
    held: int = 0
    n_running: int = 0

    def take(self, n_bytes: int) -> None:
        """Hold some bytes.

        Raises:
            Busy: others hold too many.
        """
        if self.held + n_bytes > self.most:
            raise Busy("too much is being uploaded at once. Try again in a second.")
        self.held += n_bytes

    def free(self, n_bytes: int) -> None:
        """Give some bytes back."""
        self.held -= n_bytes


@dataclass(frozen=True, slots=True)
class Sent:
    """What a form holds.

    Args:
        uploads: its files.
        texts: the values of each text field, in order.
    """

    uploads: list[Upload]
    texts: dict[str, list[str]]

    def columns(self) -> list[dict[str, str]] | None:
        """Return the text fields of each file: one value is for all files, several are one for each. None for no field.

        Raises:
            BadRequest: a field has another number of values.
        """
        if not self.texts:
            return None
        n_files = len(self.uploads)
        for name, values in self.texts.items():
            if len(values) not in {1, n_files}:
                raise BadRequest(
                    f"'{name}' is there {len(values)} times for {counted(n_files, 'file')}. Send it once, or for each."
                )
        return [
            {name: values[place if len(values) > 1 else 0] for name, values in self.texts.items()}
            for place in range(n_files)
        ]


async def read_images(
    request: Request, field_name: str, settings: ServiceSettings, *, least: int = 1, texts: Collection[str] = ()
) -> Sent:
    """Return the files in one field of a multipart form, and its text fields.

    Args:
        request: whose body it is.
        field_name: of the files.
        settings: limits; `image` holds one file, `images` up to `max_images`.
        least: files that are needed.
        texts: names of text fields that may be there, too; any other part is refused.

    Raises:
        UnsupportedMediaType: the body is not a multipart form.
        BadRequest: the form is damaged or holds something else.
        NoImage: the form holds no file.
        TooManyImages: it holds more or fewer than it may.
    """
    kind, options = parse_options_header(request.headers.get("content-type"))
    boundary = options.get(b"boundary", b"")
    if kind != b"multipart/form-data":
        raise UnsupportedMediaType(f"send a form: multipart/form-data with files in the field '{field_name}'.")
    if not 0 < len(boundary) <= LONGEST_BOUNDARY:
        raise BadRequest(f"the form's boundary needs 1 to {LONGEST_BOUNDARY} characters.")
    most = 1 if field_name == "image" else settings.max_images
    form = _Form(field_name, most, frozenset(texts))
    parser = MultipartParser(
        boundary, form.callbacks(), max_size=settings.max_body_bytes, max_header_count=8, max_header_size=HEADER_BYTES
    )
    try:
        async with contextlib.aclosing(_chunks(request, settings)) as chunks:
            before = _Preamble(boundary)
            async for chunk in chunks:
                if piece := before.without(chunk):
                    parser.write(piece)
        parser.finalize()
    except FormParserError as error:
        raise BadRequest(f"the form cannot be read: {error}.") from None
    if not form.is_ended:
        raise BadRequest("the form ends before its last boundary. Send it again.")
    if not form.uploads:
        raise NoImage(f"the form holds no file in the field '{field_name}'.")
    if len(form.uploads) < least:
        raise TooManyImages(f"this needs at least {least} photographs of one patient; got {len(form.uploads)}.")
    return Sent(form.uploads, form.values)


async def read_body(request: Request, settings: ServiceSettings, *, most_bytes: int) -> bytes:
    """Return a small body.

    Raises:
        BodyTooLarge: it is larger than it may be.
    """
    content = bytearray()
    async with contextlib.aclosing(_chunks(request, settings)) as chunks:
        async for chunk in chunks:
            content += chunk
            if len(content) > most_bytes:
                raise BodyTooLarge(
                    f"the body has more than the {most_bytes:,} bytes allowed here. Send less at a time."
                )
    return bytes(content)


async def _chunks(request: Request, settings: ServiceSettings) -> AsyncGenerator[bytes]:
    """Yield the body as it comes in, within its limits.

    Raises:
        BodyTooLarge: it is, or says that it is, larger than allowed.
        SlowBody: it does not come in time.
        BadRequest: the sender hung up.
        UnsupportedMediaType: it is compressed; nothing is ever inflated here, so that no bomb can be.
    """
    traffic: Traffic = request.app.state.traffic
    if request.headers.get("content-encoding", "identity").strip().lower() not in {"", "identity"}:
        raise UnsupportedMediaType("a content encoding is not accepted. Send the body without it.")
    too_large = f"the body has more than the {settings.max_body_bytes:,} bytes allowed. Send less at a time."
    if _stated_length(request) > settings.max_body_bytes:
        raise BodyTooLarge(too_large)
    n_bytes = 0
    try:
        async with asyncio.timeout(settings.receive_timeout_s):
            async for chunk in request.stream():
                traffic.take(len(chunk))
                request.state.held = n_bytes = n_bytes + len(chunk)  # given back when the answer is sent
                if n_bytes > settings.max_body_bytes:
                    raise BodyTooLarge(too_large)
                yield chunk
    except TimeoutError:
        raise SlowBody(f"the body did not come within {settings.receive_timeout_s:g} s.") from None
    except ClientDisconnect:
        raise BadRequest("the sender hung up.") from None


def _stated_length(request: Request) -> int:
    stated = request.headers.get("content-length", "0")
    return int(stated) if stated.isascii() and stated.isdigit() and len(stated) < 19 else 0


@dataclass(slots=True)
class _Form:
    """Collects the parts of a form from the calls of the parser."""

    field_name: str
    most: int
    texts: frozenset[str] = frozenset()
    uploads: list[Upload] = field(default_factory=list)
    values: dict[str, list[str]] = field(default_factory=dict)
    is_ended: bool = False
    _headers: dict[bytes, bytes] = field(default_factory=dict)
    _header: tuple[bytearray, bytearray] = field(default_factory=lambda: (bytearray(), bytearray()))
    _content: bytearray = field(default_factory=bytearray)
    _name: str = ""
    _text: str = ""  # name of the text field that is being read; empty for a file

    def callbacks(self) -> "MultipartCallbacks":
        return {
            "on_part_begin": self._begin,
            "on_header_field": lambda data, start, end: self._header[0].extend(data[start:end]),
            "on_header_value": lambda data, start, end: self._header[1].extend(data[start:end]),
            "on_header_end": self._end_header,
            "on_headers_finished": self._check,
            "on_part_data": self._take,
            "on_part_end": self._end_part,
            "on_end": self._end,
        }

    def _begin(self) -> None:
        n_values = sum(map(len, self.values.values()))
        if len(self.uploads) >= self.most and n_values >= len(self.texts) * self.most:
            self._refuse_more()
        self._headers, self._content, self._text = {}, bytearray(), ""

    def _refuse_more(self) -> None:
        raise TooManyImages(f"more than {counted(self.most, 'photograph')} in one request. Send several requests.")

    def _take(self, data: bytes, start: int, end: int) -> None:
        self._content.extend(data[start:end])
        if self._text and len(self._content) > LONGEST_VALUE:
            raise BadRequest(f"'{self._text}' is longer than {LONGEST_VALUE} bytes.")

    def _end_header(self) -> None:
        name, value = (bytes(part) for part in self._header)
        self._headers[name.lower()] = value
        self._header = (bytearray(), bytearray())

    def _check(self) -> None:
        _, options = parse_options_header(self._headers.get(b"content-disposition"))
        if b"content-transfer-encoding" in self._headers:
            raise BadRequest("a transfer encoding is not accepted in parts of the form. Send them without it.")
        field_name = options.get(b"name", b"").decode("utf-8", "replace")
        if field_name in self.texts:
            self._begin_text(field_name, has_file=b"filename" in options)
            return
        if field_name != self.field_name:
            known = ", ".join(repr(name) for name in sorted(self.texts))
            may = f"Beside it there may be {known}" if self.texts else "Send only that field"
            raise BadRequest(f"the form has a field other than '{self.field_name}'. {may}.")
        if len(self.uploads) >= self.most:
            self._refuse_more()
        name = _extended_name(self._headers[b"content-disposition"])
        if b"filename" not in options and name is None:
            raise NoImage(f"'{self.field_name}' is not a file. Send the photograph itself, with a file name.")
        self._name = _short(options[b"filename"].decode("utf-8", "replace") if name is None else name)

    def _begin_text(self, name: str, *, has_file: bool) -> None:
        if has_file:
            raise BadRequest(f"'{name}' is a file. Send it as text.")
        if len(self.values.setdefault(name, [])) >= self.most:
            raise BadRequest(f"'{name}' is there more than {self.most} times.")
        self._text = name

    def _end_part(self) -> None:
        if self._text:
            text = bytes(self._content).decode("utf-8", "replace").strip()
            self.values[self._text].append(text)
            self._content = bytearray()
            return
        self.uploads.append(Upload(self._name or f"image {len(self.uploads) + 1}", bytes(self._content)))
        self._content = bytearray()

    def _end(self) -> None:
        self.is_ended = True


@dataclass(slots=True)
class _Preamble:
    """What stands before the first boundary of a form, which readers have to pass over (RFC 2046, 5.1.1)."""

    boundary: bytes
    is_over: bool = False
    _tail: bytes = b"\r\n"  # the boundary begins a line, and the body begins one

    def without(self, chunk: bytes) -> bytes:
        """Return what of the next piece of the body belongs to the form."""
        if self.is_over:
            return chunk
        mark, seen = b"\r\n--" + self.boundary, self._tail + chunk
        place = seen.find(mark)
        if place < 0:
            self._tail = seen[1 - len(mark) :]
            return b""
        self.is_over = True
        return seen[place + 2 :]


# The parameters of a header, those in quotes whole, so that nothing within a quoted name is taken for one.
_PARAMETER: Final = re.compile(rb';\s*([^\s=;"]+)\s*=\s*("(?:[^"\\]|\\.)*"|[^;]*)')


def _extended_name(disposition: bytes) -> str | None:
    """Return the file name that `filename*` gives in the form of RFC 5987; None where there is none.

    Raises:
        BadRequest: its character set is another than the two that the RFC names.
    """
    found = {name.lower(): value.strip() for name, value in _PARAMETER.findall(disposition)}.get(b"filename*")
    if found is None:
        return None
    charset, _, rest = found.decode("latin-1").partition("'")
    _, quote, name = rest.partition("'")
    if not quote or charset.lower() not in {"utf-8", "iso-8859-1"}:
        raise BadRequest("a file name in the form of RFC 5987 begins with UTF-8''.")
    return unquote(name, encoding=charset, errors="replace")


def _short(name: str) -> str:
    text = name.replace("\\", "/").rsplit("/", 1)[-1]
    return "".join(letter for letter in text if letter.isprintable())[:LONGEST_NAME]
