"""TensorFlow GraphDef check: tell a frozen graph (.pb) from a damaged one, or something else.

OpenVINO and OpenCV say of every file they cannot read that they cannot read it, after
protobuf has printed its own complaints. A look at the outermost level of the file is
enough to say what is wrong with it.
"""

from __future__ import annotations

from pathlib import Path

from limner.errors import ModelError

# Fields of tensorflow.GraphDef and their wire types
# (https://protobuf.dev/programming-guides/encoding, tensorflow/core/framework/graph.proto):
# nodes, function library, version as a number, versions, debug information.
_VARINT, _LENGTH = 0, 2
_FIELDS = {1: _LENGTH, 2: _LENGTH, 3: _VARINT, 4: _LENGTH, 5: _LENGTH}


def check_graph(path: Path) -> None:
    """Check that a file is a whole TensorFlow graph, at its outermost level.

    Raises:
        ModelError: it is not.
    """
    data = memoryview(path.read_bytes())
    at, nodes = 0, 0
    try:
        while at < len(data):
            tag, after = _varint(data, at)
            field, wire = tag >> 3, tag & 7
            if _FIELDS.get(field) != wire:
                found = "something else" if nodes == 0 else f"damage after {at:,} bytes"
                raise ModelError(
                    f"{path}: expected a frozen TensorFlow graph, found {found}; fetch it again"
                )
            value, after = _varint(data, after)
            at = after + value if wire == _LENGTH else after
            nodes += field == 1
        if at > len(data):
            raise IndexError
    except IndexError:
        raise ModelError(
            f"{path}: this TensorFlow graph is cut off after {len(data):,} bytes; fetch it again"
        ) from None
    if nodes == 0:
        raise ModelError(
            f"{path}: expected a frozen TensorFlow graph, found an empty file; fetch it again"
        )


def _varint(data: memoryview, at: int) -> tuple[int, int]:
    """Return the number that starts at an offset, and the offset after it.

    Raises:
        IndexError: the data ends before the number does.
    """
    value = 0
    for byte in range(10):
        part = data[at + byte]
        value |= (part & 0x7F) << (7 * byte)
        if part < 0x80:
            return value, at + byte + 1
    return value, at + 10
