"""ONNX models whose weights are in files beside them: which these are, and that they count."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("onnx")
pytest.importorskip("resource", reason="the harness limits its memory by POSIX means")

import onnx

from limner.runtime import digest, load_network
from limner.runtime.external_data import external_files
from support.fuzz_models import tiny_network


def external(folder: Path, place: str = "weights.data") -> Path:
    """Write a network whose weights are beside it."""
    path = tiny_network(folder)
    model: Any = onnx.load(path)
    onnx.save(model, path, save_as_external_data=True, location=place, size_threshold=0)
    return path


def test_a_network_in_one_file(tmp_path: Path) -> None:
    assert external_files(tiny_network(tmp_path)) == []


def test_weights_beside_it(tmp_path: Path) -> None:
    assert external_files(external(tmp_path)) == [tmp_path / "weights.data"]


def test_constants_within_a_node_and_an_inner_graph(tmp_path: Path) -> None:
    """As an operator If has them for either case."""
    helper = onnx.helper
    tensors = []
    for name in ("one", "two", "gone", "../above", "/etc/hostname"):
        tensor = helper.make_tensor("w", onnx.TensorProto.FLOAT, [1], [0.0])
        tensor.ClearField("float_data")
        tensor.data_location = onnx.TensorProto.EXTERNAL
        tensor.external_data.add(key="location", value=name)
        tensor.external_data.add(key="length", value="4")
        tensors.append(tensor)
    (tmp_path / "above").touch()
    folder = tmp_path / "models"
    folder.mkdir()
    for name in ("one", "two", "other"):
        (folder / name).write_bytes(bytes(4))
    inner = helper.make_graph(
        [helper.make_node("Constant", [], ["c"], value=tensors[0])], "inner", [], []
    )
    graph = helper.make_graph(
        [helper.make_node("If", ["yes"], ["r"], then_branch=inner, else_branch=inner)],
        "outer",
        [],
        [],
        tensors[1:],
    )
    onnx.save(helper.make_model(graph), folder / "model.onnx")
    assert external_files(folder / "model.onnx") == [folder / "one", folder / "two"]


@pytest.mark.parametrize("content", [b"", b"nothing of this kind", b"\x3a\xff\xff"])
def test_what_is_no_model(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "bad.onnx"
    path.write_bytes(content)
    assert external_files(path) == []
    assert len(digest(path)) == 64


def test_other_weights_are_another_network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was compiled of the old ones is kept, and not theirs."""
    monkeypatch.setenv("LIMNER_CACHE", str(tmp_path / "cache"))
    path = external(tmp_path)
    image = np.ones((1, 64, 64, 3), np.float32)
    before = digest(path)
    (old,) = load_network(path)(image).values()
    weights = tmp_path / "weights.data"
    weights.write_bytes(bytes(weights.stat().st_size))
    (new,) = load_network(path)(image).values()
    assert digest(path) != before
    assert abs(old).max() > 0.01
    assert not new.any()
