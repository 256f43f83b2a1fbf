"""ONNX external data: weights that a model keeps in files beside it.

A tensor says there where it lies (https://onnx.ai/onnx/repo-docs/ExternalData.html); models beyond
2 GB must do that, and PyTorch does it with smaller ones.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path, PurePosixPath
from typing import Any

from google.protobuf import message, message_factory

from limner.runtime.messages import Fields, message_pool

# The messages of onnx.proto as far as tensors are in them. What is text there may be anything in a
# damaged file.
_MESSAGES: dict[str, Fields] = {
    "Entry": (("key", 1, "bytes", False), ("value", 2, "bytes", False)),
    "Tensor": (("external_data", 13, "Entry", True),),
    "Attribute": (
        ("t", 5, "Tensor", False),
        ("g", 6, "Graph", False),
        ("tensors", 10, "Tensor", True),
        ("graphs", 11, "Graph", True),
    ),
    "Node": (("attribute", 5, "Attribute", True),),
    "Graph": (("node", 1, "Node", True), ("initializer", 5, "Tensor", True)),
    "Model": (("graph", 7, "Graph", False),),
}


def external_files(path: Path) -> list[Path]:
    """Return the files beside a model that hold weights of it, as far as they are there.

    Args:
        path: the model; of one that is damaged they may be less.

    Raises:
        OSError: it cannot be read.
    """
    model = _model()()
    try:
        model.ParseFromString(path.read_bytes())
    except message.DecodeError:
        return []
    files: dict[Path, None] = {}
    for tensor in _tensors(model.graph):
        for entry in tensor.external_data:
            place = PurePosixPath(entry.value.decode(errors="replace").replace("\0", "\ufffd"))
            # Elsewhere none can be, by the format's rules.
            if entry.key == b"location" and not place.is_absolute() and ".." not in place.parts:
                files[path.parent / place] = None
    return [file for file in sorted(files) if file.is_file()]


def _tensors(graph: Any) -> Iterator[Any]:
    """Yield the constants of a graph and of those within it."""
    yield from graph.initializer
    for attribute in (each for node in graph.node for each in node.attribute):
        yield attribute.t
        yield from attribute.tensors
        for inner in (attribute.g, *attribute.graphs):
            # One that is not there reads as an empty one, without end.
            if inner.ByteSize():
                yield from _tensors(inner)


@cache
def _model() -> Any:
    """Return the class of the outermost message."""
    pool = message_pool("onnx_part", _MESSAGES)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName("onnx_part.Model"))
