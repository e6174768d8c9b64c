"""Whether the weights of an ONNX file lie in other files: read from its structure, before any runtime opens it.

Only what can hold a tensor is looked into; everything else is stepped over by its length. The fields and their numbers
are those of onnx.proto (IR version 13), https://github.com/onnx/onnx/blob/main/onnx/onnx.proto.
"""

from collections.abc import Iterator, Mapping
from typing import Final

from lentigo.errors import BundleError

# Message -> field number -> message of that field, for all paths that end in a TensorProto.
_MESSAGES: Final[Mapping[str, Mapping[int, str]]] = {
    "model": {7: "graph", 20: "training", 25: "function"},
    "training": {1: "graph", 2: "graph"},
    "function": {7: "node", 11: "attribute"},
    "graph": {1: "node", 5: "tensor", 15: "sparse"},
    "node": {5: "attribute"},
    "attribute": {5: "tensor", 6: "graph", 10: "tensor", 11: "graph", 22: "sparse", 23: "sparse"},
    "sparse": {1: "tensor", 2: "tensor"},
    "tensor": {},
}
_EXTERNAL_DATA: Final = 13  # of a tensor: where its values lie
_DATA_LOCATION: Final = 14  # of a tensor: 0 inside, 1 elsewhere
_DEEPEST: Final = 100  # protobuf's own limit
_DAMAGED: Final = "model.onnx cannot be read: it is damaged. Export it again."
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5


def has_external_weights(content: bytes) -> bool:
    """Return whether a tensor of a serialised ONNX model names another file, or says that its values lie in one.

    Raises:
        BundleError: the bytes are not a protobuf message, or nested too deeply.

    Example:
        >>> has_external_weights((bundle_folder / "model.onnx").read_bytes())
        False
    """
    waiting = [("model", memoryview(content), 0)]
    while waiting:
        message, part, depth = waiting.pop()
        if depth > _DEEPEST:
            raise BundleError("model.onnx cannot be read: it is nested too deeply. Export it again.")
        inside = _MESSAGES[message]
        for number, value in _fields(part):
            if message == "tensor" and number == _EXTERNAL_DATA and isinstance(value, memoryview):
                return True
            if message == "tensor" and number == _DATA_LOCATION and isinstance(value, int) and value & 0xFFFFFFFF:
                return True
            if number in inside and isinstance(value, memoryview):
                waiting.append((inside[number], value, depth + 1))
    return False


def _fields(part: memoryview) -> Iterator[tuple[int, int | memoryview]]:
    """Yield number and value of each field: an integer, or the bytes of a text, a message or a list.

    Raises:
        BundleError: they end in the middle, or are of a kind that ONNX does not use.
    """
    at = 0
    while at < len(part):
        tag, at = _varint(part, at)
        number, kind = tag >> 3, tag & 7
        if number == 0:
            raise BundleError(_DAMAGED)
        if kind == _VARINT:
            value, at = _varint(part, at)
            yield number, value
            continue
        length = 8 if kind == _FIXED64 else 4
        if kind == _BYTES:
            length, at = _varint(part, at)
        elif kind not in {_FIXED64, _FIXED32}:
            raise BundleError(_DAMAGED)
        if at + length > len(part):
            raise BundleError(_DAMAGED)
        if kind == _BYTES:
            yield number, part[at : at + length]
        at += length


def _varint(part: memoryview, at: int) -> tuple[int, int]:
    """Return the integer that begins at a place, and the place behind it.

    Raises:
        BundleError: it does not end.
    """
    value = 0
    for place in range(10):  # 64 bits in groups of seven
        if at + place >= len(part):
            raise BundleError(_DAMAGED)
        byte = part[at + place]
        value |= (byte & 0x7F) << (7 * place)
        if byte < 0x80:
            return value, at + place + 1
    raise BundleError(_DAMAGED)
