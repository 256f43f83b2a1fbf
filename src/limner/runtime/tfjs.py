"""TensorFlow.js graph models (.json with weights beside it), as frozen TensorFlow graphs.

A graph model is a GraphDef written as JSON, and its constants in files of their own
(https://github.com/tensorflow/tfjs/tree/master/tfjs-converter, "graph-model"). What its converter
fused for the browser, no other runtime knows: it is spelled out again.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from google.protobuf import json_format, message_factory

from limner.errors import ModelError
from limner.runtime.messages import Fields, message_pool

# How weights are kept: as they are, or made smaller.
_STORED = {"float32": "<f4", "int32": "<i4", "bool": "?"}
_QUANTISED = {"float16": "<f2", "uint8": "u1", "uint16": "<u2"}
_DTYPES = {"f": "DT_FLOAT", "i": "DT_INT32", "b": "DT_BOOL"}

# A convolution and what was fused into it.
_FUSED = {"_FusedConv2D": "Conv2D", "FusedDepthwiseConv2dNative": "DepthwiseConv2dNative"}
_AFTER = {"Relu", "Relu6", "Elu", "Sigmoid", "Tanh"}
_OF_A_CONVOLUTION = {"T", "strides", "padding", "data_format", "dilations", "explicit_paddings"}

# The messages of tensorflow/core/framework (graph, node_def, attr_value, tensor, tensor_shape,
# types) as far as graph models have them: name, number, type, and whether there are many.
_MESSAGES: dict[str, Fields] = {
    "Dimension": (("size", 1, "int64", False), ("name", 2, "string", False)),
    "Shape": (("dim", 2, "Dimension", True), ("unknown_rank", 3, "bool", False)),
    "Tensor": (
        ("dtype", 1, "DataType", False),
        ("tensor_shape", 2, "Shape", False),
        ("tensor_content", 4, "bytes", False),
    ),
    "List": (
        ("s", 2, "bytes", True),
        ("i", 3, "int64", True),
        ("f", 4, "float", True),
        ("b", 5, "bool", True),
        ("type", 6, "DataType", True),
        ("shape", 7, "Shape", True),
        ("tensor", 8, "Tensor", True),
    ),
    "Attribute": (
        ("list", 1, "List", False),
        ("s", 2, "bytes", False),
        ("i", 3, "int64", False),
        ("f", 4, "float", False),
        ("b", 5, "bool", False),
        ("type", 6, "DataType", False),
        ("shape", 7, "Shape", False),
        ("tensor", 8, "Tensor", False),
    ),
    "Node": (
        ("name", 1, "string", False),
        ("op", 2, "string", False),
        ("input", 3, "string", True),
        ("attr", 5, "Node.AttrEntry", True),
    ),
    "Node.AttrEntry": (("key", 1, "string", False), ("value", 2, "Attribute", False)),
    "Graph": (("node", 1, "Node", True),),
}
_DATA_TYPES = {
    "DT_INVALID": 0,
    "DT_FLOAT": 1,
    "DT_DOUBLE": 2,
    "DT_INT32": 3,
    "DT_UINT8": 4,
    "DT_INT16": 5,
    "DT_INT8": 6,
    "DT_STRING": 7,
    "DT_INT64": 9,
    "DT_BOOL": 10,
    "DT_HALF": 19,
}


def weight_files(path: Path) -> list[Path]:
    """Return the files that hold a graph model's weights, in their order.

    Raises:
        ModelError: the file is no graph model.
    """
    return _weight_files(path, _content(path))


def frozen_graph(path: Path) -> bytes:
    """Return a graph model as a frozen GraphDef, which every runtime of TensorFlow graphs reads.

    Args:
        path: the graph model's JSON; the weights lie beside it.

    Raises:
        ModelError: the file is no graph model, its weights are missing, too short or too long,
            or it holds what is not known here.
    """
    content = _content(path)
    weights = dict(_weights(path, content))
    graph = _message("Graph")()
    try:
        json_format.ParseDict(content["modelTopology"], graph, ignore_unknown_fields=True)
    except json_format.ParseError as error:
        raise ModelError(f"{path}: its graph cannot be read: {error}") from None
    frozen = _message("Graph")()
    for node in graph.node:
        if node.op in _FUSED:
            frozen.node.extend(_spelled_out(path, node))
        else:
            if node.op == "Const":
                _fill(path, node, weights)
            frozen.node.append(node)
    return bytes(frozen.SerializeToString())


def _content(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_bytes())
    except (ValueError, RecursionError):
        content = None
    if isinstance(content, dict) and content.get("format") == "layers-model":
        raise ModelError(
            f"{path}: expected a TensorFlow.js graph model, got a layers model; convert it with "
            f"tensorflowjs_converter --output_format=tfjs_graph_model"
        )
    if (
        not isinstance(content, dict)
        or not isinstance(content.get("modelTopology"), dict)
        or not content["modelTopology"].get("node")
        or not isinstance(content.get("weightsManifest"), list)
    ):
        raise ModelError(
            f"{path}: expected a TensorFlow.js graph model, with modelTopology and weightsManifest"
        )
    return content


def _weight_files(path: Path, content: dict[str, Any]) -> list[Path]:
    try:
        lists = [group["paths"] for group in content["weightsManifest"]]
    except (KeyError, TypeError):
        raise ModelError(f"{path}: its weightsManifest names no files") from None
    if not all(isinstance(names, list) for names in lists):
        raise ModelError(f"{path}: its weightsManifest names no files")
    for name in (each for names in lists for each in names):
        if not isinstance(name, str) or not _is_beside(name):
            raise ModelError(f"{path}: expected weights in files beside it, got {name!r}")
    files = [path.with_name(name) for names in lists for name in names]
    for file in files:
        if not file.is_file():
            raise ModelError(f"{path}: its weights {file.name} are not beside it")
    return files


def _is_beside(name: str) -> bool:
    """Whether a name is that of a file in the same folder, and of nothing else."""
    return name not in ("", ".", "..") and not any(sign in name for sign in "/\\:\0")


def _weights(path: Path, content: dict[str, Any]) -> Iterator[tuple[str, np.ndarray[Any, Any]]]:
    """Yield each constant's name and value.

    Raises:
        ModelError: a file is missing, or holds more or less than there should be.
    """
    parts = []
    for file in _weight_files(path, content):
        try:
            parts.append(file.read_bytes())
        except OSError as error:
            raise ModelError(f"{path}: its weights {file.name} cannot be read: {error}") from None
    data, at = b"".join(parts), 0
    try:
        for entry in (each for group in content["weightsManifest"] for each in group["weights"]):
            name, shape = str(entry["name"]), tuple(int(side) for side in entry["shape"])
            quantised = entry.get("quantization")
            kept = entry["dtype"] if quantised is None else quantised["dtype"]
            known = _STORED if quantised is None else _QUANTISED
            if kept not in known:
                raise ModelError(f"{path}: weight {name} is kept as {kept}, which is not known")
            stored = np.dtype(known[kept])
            count = int(np.prod(shape, dtype=np.int64))
            if count < 0 or at + count * stored.itemsize > len(data):
                raise ModelError(
                    f"{path}: its weights end after {len(data):,} bytes, in {name}; fetch it again"
                )
            value = np.frombuffer(data, stored, count, at).reshape(shape)
            at += count * stored.itemsize
            yield name, value if quantised is None else _restored(value, quantised)
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise ModelError(f"{path}: its weightsManifest cannot be read: {error}") from None
    if at != len(data):
        raise ModelError(f"{path}: expected {at:,} bytes of weights, got {len(data):,}")


def _restored(value: np.ndarray[Any, Any], quantised: dict[str, Any]) -> np.ndarray[Any, Any]:
    """Return weights that were made smaller, as float32: whole numbers are steps from a least."""
    whole = value.astype(np.float32)
    if value.dtype.kind == "f":
        return whole
    return whole * np.float32(quantised["scale"]) + np.float32(quantised["min"])


def _fill(path: Path, node: Any, weights: dict[str, np.ndarray[Any, Any]]) -> None:
    """Put a constant's value into its node."""
    if node.name not in weights:
        raise ModelError(f"{path}: constant {node.name} has no weights")
    value = weights[node.name]
    kind = _DATA_TYPES[_DTYPES[value.dtype.kind]]
    node.attr["dtype"].type = kind
    tensor = node.attr["value"].tensor
    tensor.Clear()
    tensor.dtype = kind
    tensor.tensor_shape.SetInParent()
    for side in value.shape:
        tensor.tensor_shape.dim.add(size=side)
    tensor.tensor_content = value.tobytes()


def _spelled_out(path: Path, node: Any) -> Iterator[Any]:
    """Yield a fused convolution as a convolution, its bias and its activation."""
    steps = [name.decode() for name in node.attr["fused_ops"].list.s]
    unknown = [name for name in steps if name not in {"BiasAdd", *_AFTER}]
    if unknown or steps.count("BiasAdd") != len(node.input) - 2:
        raise ModelError(
            f"{path}: {node.op} {node.name} is fused with {', '.join(unknown or steps)}, which is "
            f"not known"
        )
    extra = list(node.input[2:])
    last = _message("Node")(name=node.name, op=_FUSED[node.op], input=node.input[:2])
    for name in _OF_A_CONVOLUTION & set(node.attr):
        last.attr[name].CopyFrom(node.attr[name])
    # The last of them has the name by which others know the result.
    for number, step in enumerate(steps):
        last.name = f"{node.name}/before_{number}"
        yield last
        inputs = [last.name, *([extra.pop(0)] if step == "BiasAdd" else [])]
        last = _message("Node")(name=node.name, op=step, input=inputs)
        last.attr["T"].type = _DATA_TYPES["DT_FLOAT"]
    yield last


def _message(name: str) -> Any:
    """Return the class of a message."""
    return message_factory.GetMessageClass(_pool().FindMessageTypeByName(f"tf.{name}"))


@cache
def _pool() -> Any:
    """Return the messages; which of its values an attribute has is what its "oneof" says."""
    return message_pool("tf", _MESSAGES, {"DataType": _DATA_TYPES}, one_of={"Attribute": "value"})
