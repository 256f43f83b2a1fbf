"""TensorFlow.js graph models: tiny ones made here, run by OpenVINO, and damaged ones."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from limner.errors import ModelError
from limner.runtime import Runtime, digest, load_network

# y = relu6(x * w + b), a 1x1 convolution with its bias and activation fused, as the converter does.
WEIGHT = np.array([[1.0, -2.0], [0.5, 4.0], [-1.0, 0.25]], np.float32)
BIAS = np.array([0.5, -1.0], np.float32)


def node(name: str, op: str, inputs: tuple[str, ...] = (), **attributes: Any) -> dict[str, Any]:
    return {"name": name, "op": op, "input": list(inputs), "attr": attributes}


def constant(name: str) -> dict[str, Any]:
    return node(name, "Const", dtype={"type": "DT_FLOAT"}, value={"tensor": {"dtype": "DT_FLOAT"}})


def shape(*sides: int) -> dict[str, Any]:
    return {"shape": {"dim": [{"size": str(side)} for side in sides]}}


def graph() -> dict[str, Any]:
    words = ["Qmlhc0FkZA==", "UmVsdTY="]  # BiasAdd and Relu6, as bytes are written in JSON
    strides = {"list": {"i": ["1", "1", "1", "1"]}}
    return {
        "node": [
            node("x", "Placeholder", dtype={"type": "DT_FLOAT"}, shape=shape(1, 4, 5, 3)),
            constant("w"),
            constant("b"),
            node(
                "y",
                "_FusedConv2D",
                ("x", "w", "b"),
                T={"type": "DT_FLOAT"},
                strides=strides,
                dilations=strides,
                padding={"s": "U0FNRQ=="},
                data_format={"s": "TkhXQw=="},
                fused_ops={"list": {"s": words}},
            ),
        ]
    }


def write(
    folder: Path,
    quantised: str | None = None,
    *,
    shards: int = 1,
    change: Callable[[dict[str, Any]], None] | None = None,
) -> Path:
    """Write the model; return its JSON's path."""
    specs, parts = [], []
    for name, value in (("w", WEIGHT.reshape(1, 1, 3, 2)), ("b", BIAS)):
        spec: dict[str, Any] = {"name": name, "shape": list(value.shape), "dtype": "float32"}
        if quantised in ("uint8", "uint16"):
            # Steps of a 32nd from the least value on: all values are on the grid.
            least = float(value.min())
            spec["quantization"] = {"dtype": quantised, "min": least, "scale": 1 / 32}
            parts.append(np.round((value - least) * 32).astype(quantised).tobytes())
        else:
            if quantised == "float16":
                spec["quantization"] = {"dtype": "float16"}
            parts.append(value.astype(quantised or "float32").tobytes())
        specs.append(spec)
    data = b"".join(parts)
    names = [f"model_{number}.bin" for number in range(shards)]
    for number, name in enumerate(names):
        begin, end = (len(data) * part // shards for part in (number, number + 1))
        (folder / name).write_bytes(data[begin:end])
    content = {
        "format": "graph-model",
        "modelTopology": graph(),
        "weightsManifest": [{"paths": names, "weights": specs}],
    }
    if change is not None:
        change(content)
    path = folder / "model.json"
    path.write_text(json.dumps(content))
    return path


def answer(path: Path, values: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    (result,) = load_network(path, Runtime(threads=1)).start(values)().values()
    return result


@pytest.mark.parametrize("quantised", [None, "float16", "uint8", "uint16"])
@pytest.mark.parametrize("shards", [1, 3])
def test_fused_operations_and_weights_of_every_kind(
    tmp_path: Path, quantised: str | None, shards: int
) -> None:
    values = np.random.default_rng(1).normal(0, 2, (1, 4, 5, 3)).astype(np.float32)
    expected = np.clip(values @ WEIGHT + BIAS, 0, 6)
    found = answer(write(tmp_path, quantised, shards=shards), values)
    np.testing.assert_allclose(found, expected, atol=1e-5)
    assert 0 < (expected == 6).mean() < (expected > 0).mean() < 1


def test_other_weights_are_another_network(tmp_path: Path) -> None:
    path = write(tmp_path)
    before = digest(path)
    weights = tmp_path / "model_0.bin"
    weights.write_bytes(bytes(reversed(weights.read_bytes())))
    assert digest(path) != before


def manifest(content: dict[str, Any]) -> dict[str, Any]:
    group: dict[str, Any] = content["weightsManifest"][0]
    return group


DAMAGED: list[tuple[Callable[[dict[str, Any]], None], str]] = [
    (lambda c: manifest(c).update(paths=["../model_0.bin"]), "in files beside it, got '../model"),
    (lambda c: manifest(c).update(paths=["/etc/passwd"]), "in files beside it, got '/etc/passwd'"),
    (lambda c: manifest(c).update(paths=[".."]), "in files beside it, got '..'"),
    (lambda c: manifest(c).update(paths=[""]), "in files beside it, got ''"),
    (lambda c: manifest(c).update(paths=["a\0b"]), "in files beside it"),
    (lambda c: manifest(c).update(paths=[None]), "in files beside it, got None"),
    (lambda c: manifest(c).update(paths="abc"), "names no files"),
    (lambda c: manifest(c).pop("paths"), "names no files"),
    (lambda c: manifest(c).update(paths=["gone.bin"]), "its weights gone.bin are not beside it"),
    (lambda c: manifest(c)["weights"][0].update(shape=[9, 9]), "its weights end after 32 bytes"),
    (lambda c: manifest(c)["weights"].pop(), "expected 24 bytes of weights, got 32"),
    (lambda c: manifest(c)["weights"][0].update(shape=[2**70]), "cannot be read"),
    (lambda c: manifest(c)["weights"][0].update(shape="wide"), "cannot be read"),
    (lambda c: manifest(c)["weights"][0].update(dtype="int4"), "w is kept as int4"),
    (
        lambda c: manifest(c)["weights"][0].update(quantization={"dtype": "int4"}),
        "w is kept as int4, which is not known",
    ),
    (lambda c: c.update(format="layers-model"), "graph model, got a layers model"),
    (lambda c: c.pop("modelTopology"), "expected a TensorFlow.js graph model"),
    (lambda c: c.update(modelTopology={}), "expected a TensorFlow.js graph model"),
    (lambda c: c["modelTopology"]["node"][1].update(name="v"), "constant v has no weights"),
    (lambda c: c["modelTopology"]["node"][3].update(op=7), "graph cannot be read"),
    (
        lambda c: c["modelTopology"]["node"][3]["attr"].update(
            fused_ops={"list": {"s": ["TWlzaA=="]}}
        ),
        "_FusedConv2D y is fused with Mish, which is not known",
    ),
    (lambda c: c["modelTopology"]["node"][3].update(op="Nonsense"), "operations: Nonsense"),
]


@pytest.mark.parametrize(("change", "message"), DAMAGED)
def test_what_is_damaged_is_a_sentence(
    tmp_path: Path, change: Callable[[dict[str, Any]], None], message: str
) -> None:
    path = write(tmp_path, change=change)
    with pytest.raises(ModelError) as refused:
        load_network(path, Runtime(threads=1))
    assert message in str(refused.value)
    assert str(refused.value).startswith(str(path))
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("text", ["", "nonsense", "[]", "7", '{"a": ' * 5000])
def test_what_is_no_model_is_a_sentence(tmp_path: Path, text: str) -> None:
    path = tmp_path / "model.json"
    path.write_text(text)
    with pytest.raises(ModelError, match=r"expected a TensorFlow\.js graph model"):
        load_network(path)
