"""Bodies of requests, within limits of bytes, parts and time, and in memory alone: nothing is spooled to a disk.

Starlette's own form reader writes files above one megabyte to a temporary folder, which is why it is not used.
"""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Collection
from dataclasses import dataclass
from typing import Final

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
from lentigo.service.http._form import HEADER_BYTES, Form, Preamble
from lentigo.service.http._settings import ServiceSettings

LONGEST_BOUNDARY: Final = 70  # RFC 2046


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


async def read_images(
    request: Request, field_name: str, settings: ServiceSettings, *, least: int = 1, texts: Collection[str] = ()
) -> Form:
    """Return a multipart form with the files of one field, and its text fields.

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
    form = Form(field_name, most, frozenset(texts))
    parser = MultipartParser(
        boundary, form.callbacks(), max_size=settings.max_body_bytes, max_header_count=8, max_header_size=HEADER_BYTES
    )
    try:
        async with contextlib.aclosing(_chunks(request, settings)) as chunks:
            before = Preamble(boundary)
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
    return form


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
