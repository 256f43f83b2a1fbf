"""Damaged and odd network files end in one sentence, whatever the runtime makes of them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("onnx")
pytest.importorskip("onnxruntime")
pytest.importorskip("resource", reason="the harness limits its memory by POSIX means")

from limner.errors import LimnerError, ModelError
from limner.models.loading import load_model
from limner.runtime import Runtime, digest
from support.fuzz_models import (
    FRAME,
    as_openvino,
    attempt,
    damaged,
    standard_seeds,
    tiny_graph_model,
    tiny_network,
)

BACKENDS = ["openvino", "onnxruntime", "opencv"]


@pytest.fixture(autouse=True)
def _cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIMNER_CACHE", str(tmp_path / "cache"))


def with_kernel(path: Path, values: float) -> Path:
    """Fill the network's weights with a number."""
    import onnx
    from onnx import numpy_helper

    model: Any = onnx.load(path)
    weights = model.graph.initializer[0]
    shape = numpy_helper.to_array(weights).shape
    filled = numpy_helper.from_array(np.full(shape, values, np.float32), weights.name)
    weights.CopyFrom(filled)
    del model.graph.node[1]
    model.graph.node[0].output[0] = "poses"
    onnx.save(model, path)
    return path


@pytest.mark.parametrize("backend", BACKENDS)
def test_the_whole_network_gives_poses(backend: str, tmp_path: Path) -> None:
    assert attempt(tiny_network(tmp_path), backend) == "poses"


def test_the_whole_graph_model_gives_poses(tmp_path: Path) -> None:
    assert attempt(tiny_graph_model(tmp_path), "openvino") == "poses"


@pytest.mark.parametrize("value", [np.nan, np.inf, 3e38])
@pytest.mark.parametrize("backend", ["openvino", "onnxruntime"])
def test_numbers_that_are_no_maps(backend: str, value: float, tmp_path: Path) -> None:
    path = with_kernel(tiny_network(tmp_path), value)
    model = load_model(str(path), Runtime(backend))
    with pytest.raises(ModelError, match=r"tiny\.onnx: the network computes numbers that are no"):
        model.estimate([FRAME])


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_name_within_it_that_is_no_utf8(backend: str, tmp_path: Path) -> None:
    path = tiny_network(tmp_path)
    path.write_bytes(path.read_bytes().replace(b"poses", b"p\xffses"))
    with pytest.raises(LimnerError, match=r"tiny\.onnx: \w+ cannot read it"):
        load_model(str(path), Runtime(backend))


def test_a_size_beyond_reason(tmp_path: Path) -> None:
    import onnx

    path = tiny_network(tmp_path, dynamic=False)
    model: Any = onnx.load(path)
    for port in (*model.graph.input, *model.graph.output):
        for dimension in port.type.tensor_type.shape.dim[2:]:
            dimension.dim_value *= 10_000
    onnx.save(model, path)
    with pytest.raises(ModelError, match=r"tiny64\.onnx: expected maps of up to 256 rows"):
        load_model(str(path))


def without_inputs(path: Path) -> Path:
    """Take a convolution its inputs, on which OpenVINO ends the process."""
    import onnx

    model: Any = onnx.load(path)
    del model.graph.node[0].input[:]
    onnx.save(model, path)
    return path


class TestTrial:
    """What would end the process is a sentence, at no cost where a file is known."""

    @pytest.fixture
    def tried(self, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
        """Return the trials that are made."""
        commands: list[Any] = []
        real = subprocess.run

        def run(command: Any, **options: Any) -> Any:
            commands.append(command)
            return real(command, **options)

        monkeypatch.setattr(subprocess, "run", run)
        return commands

    def test_a_file_on_which_openvino_crashes(self, tmp_path: Path, tried: list[Any]) -> None:
        path = without_inputs(tiny_network(tmp_path))
        for _ in range(2):
            with pytest.raises(
                ModelError, match=r"tiny\.onnx: OpenVINO crashes when it reads this file"
            ):
                load_model(str(path))
        assert len(tried) == 2
        path.unlink()
        load_model(str(tiny_network(tmp_path)))  # the same name, other contents

    @pytest.mark.parametrize("status", [-11, 0xC0000005])
    def test_ends_of_a_process_that_are_crashes(
        self, status: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(
            subprocess, "run", lambda command, **_: subprocess.CompletedProcess(command, status)
        )
        with pytest.raises(ModelError, match="OpenVINO crashes when it reads this file"):
            load_model(str(tiny_network(tmp_path)))

    def test_a_content_is_tried_once(self, tmp_path: Path, tried: list[Any]) -> None:
        path = tiny_network(tmp_path)
        load_model(str(path))
        load_model(str(path.rename(tmp_path / "other.onnx")))
        assert len(tried) == 1
        load_model(str(with_kernel(tmp_path / "other.onnx", 0.5)))
        assert len(tried) == 2

    def test_a_bad_file_is_told_by_who_reads_it_here(
        self, tmp_path: Path, tried: list[Any]
    ) -> None:
        path = tmp_path / "bad.onnx"
        path.write_bytes(b"nothing of this kind")
        with pytest.raises(ModelError, match=r"bad\.onnx: OpenVINO cannot read it"):
            load_model(str(path))
        assert len(tried) == 1

    def test_where_no_process_can_be_had(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(sys, "executable", str(tmp_path / "gone"))
        assert len(load_model(str(tiny_network(tmp_path))).estimate([FRAME])) == 1

    def test_what_is_in_the_catalogue_is_not_tried(
        self, shared: Path, tmp_path: Path, tried: list[Any]
    ) -> None:
        path = tmp_path / "mine.pb"
        path.write_bytes((shared / "models/openpose-mobilenet-v2-small/graph_opt.pb").read_bytes())
        assert load_model(str(path)).info.name == "openpose-mobilenet-v2-small"
        assert tried == []


def test_other_weights_of_openvinos_own_format_are_another_network(tmp_path: Path) -> None:
    """They lie in a file of their own; what was compiled of the old ones is not theirs."""
    path = as_openvino(tiny_network(tmp_path))
    before, (old,) = digest(path), load_model(str(path)).estimate([FRAME])
    weights = path.with_suffix(".bin")
    weights.write_bytes(bytes(weights.stat().st_size))
    assert digest(path) != before
    (new,) = load_model(str(path)).estimate([FRAME])
    assert len(new) == 0 < len(old)


@pytest.mark.timeout(120)
def test_damage_ends_in_a_sentence(tmp_path: Path) -> None:
    """The long run of the same is by hand: see `support.fuzz_models`."""
    seeds = standard_seeds(tmp_path)
    work = tmp_path / "work"
    work.mkdir()
    for number in range(75):
        path, backend = damaged(seeds, number, work)
        attempt(path, backend, trial=False)


@pytest.mark.parametrize(
    "name", ["x" * 300 + ".pb", "./" + "x" * 300 + ".pb", "a\0b.pb", "./a\0b.onnx"]
)
def test_a_name_that_cannot_be_looked_up(name: str) -> None:
    with pytest.raises(LimnerError, match=r"no such network file|unknown model"):
        load_model(name)


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_name_that_is_no_utf8(backend: str, tmp_path: Path) -> None:
    """OpenVINO ends the process on such a name."""
    path = tiny_network(tmp_path).rename(tmp_path / os.fsdecode(b"na\xefve.onnx"))
    with pytest.raises(ModelError, match="no network whose name is not UTF-8; rename"):
        load_model(str(path), Runtime(backend))
