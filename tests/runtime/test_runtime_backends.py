"""Every runtime gives the same numbers for the same network, or one clear sentence."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from limner.errors import BackendError, ModelError, UsageError
from limner.runtime import Runtime, load_network
from limner.runtime.graphdef import check_graph
from limner.runtime.openvino import read_shapes

BATCH = np.random.default_rng(0).random((1, 6, 8, 3)).astype(np.float32)


def onnx_file(path: Path, *, channels_first: bool) -> Path:
    """Write a network that doubles its input (``twice``) and averages it (``mean``)."""
    onnx: Any = pytest.importorskip("onnx")
    helper, kinds = onnx.helper, onnx.TensorProto
    shape = ["n", 3, "h", "w"] if channels_first else ["n", "h", "w", 3]
    graph = helper.make_graph(
        [
            helper.make_node("Add", ["image", "image"], ["twice"]),
            helper.make_node("ReduceMean", ["image"], ["mean"], keepdims=0),
        ],
        "toy",
        [helper.make_tensor_value_info("image", kinds.FLOAT, shape)],
        [
            helper.make_tensor_value_info("twice", kinds.FLOAT, shape),
            helper.make_tensor_value_info("mean", kinds.FLOAT, []),
        ],
    )
    model = helper.make_model(
        graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8, producer_name="test"
    )
    onnx.save(model, path)
    return path


@pytest.mark.parametrize("channels_first", [True, False])
@pytest.mark.parametrize("backend", ["openvino", "onnxruntime"])
def test_channels_come_last_whatever_the_file_has(
    tmp_path: Path, backend: str, channels_first: bool
) -> None:
    pytest.importorskip(backend)
    path = onnx_file(tmp_path / "toy.onnx", channels_first=channels_first)
    network = load_network(path, Runtime(backend), input_shape=BATCH.shape)
    outputs = network(BATCH)
    assert outputs["twice"] == pytest.approx(BATCH * 2)
    assert float(outputs["mean"]) == pytest.approx(float(BATCH.mean()))
    assert (network.backend, network.device) == (backend, "CPU")


def test_opencv_reads_onnx(tmp_path: Path) -> None:
    path = onnx_file(tmp_path / "toy.onnx", channels_first=True)
    network = load_network(path, Runtime("opencv", threads=2), outputs=["twice"])
    assert network(BATCH)["twice"] == pytest.approx(BATCH * 2)


def test_opencv_runs_on_the_threads_asked_for_and_gives_them_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = onnx_file(tmp_path / "toy.onnx", channels_first=True)
    network = load_network(path, Runtime("opencv", threads=3), outputs=["twice"])
    before = cv2.getNumThreads()
    seen = []

    class Spy:
        def __init__(self, inner: Any) -> None:
            self.setInput = inner.setInput
            self.inner = inner

        def forward(self, names: Any) -> Any:
            seen.append(cv2.getNumThreads())
            return self.inner.forward(names)

    monkeypatch.setattr(network, "_network", Spy(network._network))  # type: ignore[attr-defined]
    network(BATCH)
    assert seen == [3]
    assert cv2.getNumThreads() == before


@pytest.mark.parametrize("backend", ["openvino", "opencv", "onnxruntime"])
def test_outputs_that_are_not_there(tmp_path: Path, backend: str) -> None:
    pytest.importorskip("onnxruntime" if backend == "onnxruntime" else "numpy")
    path = onnx_file(tmp_path / "toy.onnx", channels_first=True)
    with pytest.raises(ModelError, match=r"toy.onnx: expected outputs thrice, got .*twice"):
        load_network(path, Runtime(backend), outputs=["thrice"])


@pytest.mark.parametrize("backend", ["openvino", "opencv", "onnxruntime"])
def test_a_device_that_is_not_there(tmp_path: Path, backend: str) -> None:
    pytest.importorskip("onnxruntime" if backend == "onnxruntime" else "numpy")
    path = onnx_file(tmp_path / "toy.onnx", channels_first=True)
    with pytest.raises(BackendError, match=r"device 'abacus' is not available to .*; it has .*cpu"):
        load_network(path, Runtime(backend, device="abacus"))


def test_onnxruntime_is_optional(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "toy.onnx"
    path.write_bytes(b"")
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(BackendError, match=r"not installed; pip install 'limner\[onnxruntime\]'"):
        load_network(path, Runtime("onnxruntime"))


@pytest.mark.parametrize("backend", ["openvino", "onnxruntime"])
def test_a_file_that_is_no_network(tmp_path: Path, backend: str) -> None:
    pytest.importorskip(backend)
    path = tmp_path / "toy.onnx"
    path.write_bytes(b"no network" * 20)
    with pytest.raises(ModelError, match=r"toy.onnx: .* cannot read it") as caught:
        load_network(path, Runtime(backend))
    assert "\n" not in str(caught.value)


def test_opencv_names_a_runtime_that_can(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "toy.pb"
    # A graph of one node, "a", of a kind nobody knows.
    path.write_bytes(b"\x0a\x0b" + b"\x0a\x01a" + b"\x12\x06Abacus")
    with pytest.raises(BackendError, match=r"toy.pb: OpenCV .* use --backend openvino$") as caught:
        load_network(path, Runtime("opencv"))(BATCH)
    assert "\n" not in str(caught.value)
    # OpenCV would print pages of its own.
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("backend", ["openvino", "opencv"])
@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "found an empty file"),
        (b"this is no graph" * 9, "found something else"),
        (b"\x0a\x0b\x0a\x01a", "cut off after 5 bytes"),
        (b"\x0a", "cut off after 1 bytes"),
        (b"\x0a\xff\xff", "cut off after 3 bytes"),
        (b"\x0a\x00\x7b", "found damage after 2 bytes"),
    ],
)
def test_a_graph_that_is_damaged(
    tmp_path: Path,
    backend: str,
    content: bytes,
    message: str,
    capfd: pytest.CaptureFixture[str],
) -> None:
    path = tmp_path / "graph_opt.pb"
    path.write_bytes(content)
    with pytest.raises(ModelError, match=rf"graph_opt.pb: .*{message}.*; fetch it again$"):
        load_network(path, Runtime(backend))
    assert capfd.readouterr() == ("", "")


def test_the_real_graphs_are_whole(shared: Path) -> None:
    for path in (shared / "models/openpose-mobilenet-v2-small").glob("*.pb"):
        check_graph(path)


def test_a_picture_the_network_cannot_take(tmp_path: Path) -> None:
    pytest.importorskip("onnxruntime")
    path = onnx_file(tmp_path / "toy.onnx", channels_first=True)
    network = load_network(path, Runtime("onnxruntime"))
    with pytest.raises(BackendError, match=r"cannot run .* input of shape \(1, 5, 6, 8\)"):
        network(np.zeros((1, 6, 8, 5), np.float32))


def test_files_and_backends_that_do_not_fit(tmp_path: Path) -> None:
    path = tmp_path / "toy.tflite"
    path.write_bytes(b"")
    with pytest.raises(BackendError, match=r"cannot read .tflite files; use --backend openvino"):
        load_network(path, Runtime("opencv"))
    with pytest.raises(UsageError, match=r"unknown backend 'abacus'"):
        load_network(path, Runtime("abacus"))
    with pytest.raises(ModelError, match="no such network file"):
        load_network(tmp_path / "none.onnx")


def test_shapes_are_read_without_compiling(tmp_path: Path) -> None:
    path = onnx_file(tmp_path / "toy.onnx", channels_first=True)
    inputs, outputs = read_shapes(path)
    assert inputs == {"image": (None, 3, None, None)}
    assert outputs["twice"] == (None, 3, None, None)
    assert outputs["mean"] == ()


FIRST = """
import sys, threading
import numpy as np
from pathlib import Path
from limner.runtime import load_network
network = load_network(Path(sys.argv[1]))
sys.setswitchinterval(1e-6)  # threads meet wherever they can
begun = []
def first():
    while not begun:
        pass
    network(np.zeros((1, 6, 8, 3), np.float32))
threads = [threading.Thread(target=first, daemon=True) for _ in range(6)]
for thread in threads:
    thread.start()
begun.append(True)
for thread in threads:
    thread.join(20)
    assert not thread.is_alive()
"""


def test_threads_that_run_the_first_pictures_at_once(tmp_path: Path) -> None:
    path = onnx_file(tmp_path / "toy.onnx", channels_first=False)
    done = subprocess.run(
        [sys.executable, "-c", FIRST, path],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,  # a thread that waits for ever with the interpreter's lock stops them all
    )
    assert done.returncode == 0, done.stderr


LEFT = """
import sys
import numpy as np
from pathlib import Path
from limner.runtime import Runtime, load_network
network = load_network(Path(sys.argv[1]), Runtime(threads=2, streams=2))
for _ in range(50):
    runs = [network.start(np.zeros((1, 224, 224, 3), np.float32)) for _ in range(3)]
    del runs
"""


def test_runs_whose_results_nobody_takes(weights: list[Path]) -> None:
    # Large blocks are given back to the system at once, so that reading one afterwards shows.
    done = subprocess.run(
        [sys.executable, "-c", LEFT, weights[0]],
        env=os.environ | {"MALLOC_MMAP_THRESHOLD_": "131072"},
        check=False,
    )
    assert done.returncode == 0


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")
def test_a_signal_does_no_harm_after_networks_were_let_go(weights: list[Path]) -> None:
    """OpenVINO's own stacks for signal handlers may not outlive their memory."""
    script = f"""
import gc, os, signal
from pathlib import Path
from limner.runtime import load_network
heard = []
signal.signal(signal.SIGTERM, lambda *_: heard.append(True))
first = load_network(Path({str(weights[0])!r}))
second = load_network(Path({str(weights[2])!r}))
del first
gc.collect()
del second
gc.collect()
os.kill(os.getpid(), signal.SIGTERM)
assert heard
"""
    done = subprocess.run([sys.executable, "-c", script], timeout=60, check=False)
    assert done.returncode == 0
