"""The parts of a multipart form, collected from the calls of its parser, within limits of number and length."""

import re
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote

from python_multipart.multipart import parse_options_header

from lentigo.service.http._errors import (
    BadRequest,
    NoImage,
    TooManyImages,
)
from lentigo.wording import counted

if TYPE_CHECKING:
    from python_multipart.multipart import MultipartCallbacks


LONGEST_NAME: Final = 200
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
class Form:
    """Collects the parts of a form from the calls of the parser.

    Args:
        field_name: of the files.
        most: files that there may be.
        texts: names of the text fields that there may be.
        uploads: the files so far.
        values: the values of each text field so far, in order.
        is_ended: whether its last boundary was seen.
    """

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

    def columns(self, names: Collection[str] | None = None) -> list[dict[str, str]] | None:
        """Return the text fields of each file, those of some names or all. None for no field.

        Raises:
            BadRequest: a field has another number of values than one or that of the files.
        """
        wanted = [name for name in self.values if names is None or name in names]
        each = {name: self.values_of(name) for name in wanted}
        return [{name: each[name][place] for name in wanted} for place in range(len(self.uploads))] if each else None

    def values_of(self, name: str) -> list[str]:
        """Return the value of one text field for each file: one is for all, several are one each. Empty for no field.

        Raises:
            BadRequest: the field has another number of values.
        """
        values, n_files = self.values.get(name, []), len(self.uploads)
        if len(values) not in {0, 1, n_files}:
            raise BadRequest(
                f"'{name}' is there {len(values)} times for {counted(n_files, 'file')}. Send it once, or for each."
            )
        return values * n_files if len(values) == 1 else list(values)

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
class Preamble:
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
