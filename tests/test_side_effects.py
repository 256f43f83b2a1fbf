"""limner is a guest in somebody's process: it leaves what all of the process shares as it was."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from support.clips import Clip, make

TESTS = Path(__file__).parent

# What others do when they are imported is theirs, so they are imported before.
SHARED = """
import gc, json, locale, logging, os, signal, socket, sys, threading, warnings
from pathlib import Path
import av, cv2, matplotlib.figure, numpy, pyarrow.parquet, requests

def shared():
    root = logging.getLogger()
    return {
        "environment": {name: hash(value) for name, value in os.environ.items()},
        "stubs": sorted(name for name, module in sys.modules.items() if module is None),
        "telemetry": [name for name in sys.modules if name.startswith("openvino_telemetry")],
        "path": list(sys.path),
        "hooks": [sys.excepthook, threading.excepthook, sys.stdout, sys.stderr],
        "folder": os.getcwd(),
        "OpenCV's threads": cv2.getNumThreads(),
        "OpenCV's log level": cv2.utils.logging.getLogLevel(),
        "logging": [root.level, root.handlers, logging.getLogger("limner").level,
                    logging.getLogger("limner").handlers, logging.root.manager.disable],
        "warnings": list(warnings.filters),
        "numpy's errors": numpy.geterr(),
        "garbage": [gc.isenabled(), gc.get_threshold(), gc.get_freeze_count()],
        "signals": [signal.getsignal(number) for number in signal.valid_signals()],
        "locale": locale.setlocale(locale.LC_ALL),
        "interpreter": [sys.getswitchinterval(), sys.getrecursionlimit()],
        "sockets": socket.getdefaulttimeout(),
        "niceness": os.getpriority(os.PRIO_PROCESS, 0),
        "threads": threading.enumerate(),
    }

before = shared()
"""

USE = """
sys.path.insert(0, str({tests!r}))
import limner
from limner.media.inputs import expand
from limner.pipeline.annotate import annotate_input
from limner.settings import Settings
from limner.report.page import report_file
from limner.report.plot import plot_file
from limner.runtime import Runtime, load_network
from support.people import FakeModel

formats = ("csv", "jsonl", "parquet", "coco", "openpose", "trc")
(source,) = expand(["walk.mp4"])
settings = Settings(codec="av1", output=Path("walk_pose.mkv"), format=formats[:-1])
made = annotate_input(source, FakeModel(), settings)
limner.load("walk_pose.jsonl")
report_file("walk_pose.jsonl", embed=False)
plot_file("walk_pose.jsonl")
for backend in ("opencv", "openvino"):
    network = load_network(Path("toy.onnx"), Runtime(backend, threads=1))
    network(numpy.zeros((1, 6, 8, 3), numpy.float32))
try:
    load_network(Path("damaged.onnx"), Runtime("opencv"))
except limner.LimnerError:
    pass
sys.path.pop(0)
"""

COMPARE = """
after = shared()
for name, value in before.items():
    assert after[name] == value, (name, value, after[name])
"""

# The package is there, nothing in the user's home forbids it, and no CI is named, where it would
# keep still: whatever it did would be seen here.
WATCHED = """
import sys
seen = []

def watch(event, details):
    if event.startswith(("socket.", "subprocess.", "os.fork", "os.posix_spawn")):
        seen.append((event, details))
    if event == "import" and details[0].startswith("openvino_telemetry."):
        seen.append((event, details[0]))

import numpy, openvino_telemetry
from pathlib import Path
for name in [name for name in sys.modules if name.startswith("openvino_telemetry")]:
    del sys.modules[name]
sys.addaudithook(watch)
from limner.runtime import load_network
load_network(Path("toy.onnx"))(numpy.zeros((1, 6, 8, 3), numpy.float32))
assert not seen, seen
assert "openvino" in sys.modules and "openvino_telemetry" not in sys.modules
import openvino_telemetry
assert seen  # others can still have it
"""


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder with a clip and a network."""
    onnx: Any = pytest.importorskip("onnx")
    make(tmp_path / "walk.mp4", Clip(frames=12, width=160, height=120, audio="aac"))
    helper, kind = onnx.helper, onnx.TensorProto.FLOAT
    image = helper.make_tensor_value_info("image", kind, ["n", 3, "h", "w"])
    twice = helper.make_tensor_value_info("twice", kind, ["n", 3, "h", "w"])
    graph = helper.make_graph(
        [helper.make_node("Add", ["image", "image"], ["twice"])], "toy", [image], [twice]
    )
    opsets = [helper.make_opsetid("", 17)]
    onnx.save(helper.make_model(graph, opset_imports=opsets, ir_version=8), tmp_path / "toy.onnx")
    (tmp_path / "damaged.onnx").write_bytes(b"no network" * 20)
    return tmp_path


def python(script: str, place: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if name not in ("CI", "SVT_LOG")}
    return subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        check=False,
        cwd=place,
        env=kept | {"LIMNER_CACHE": str(place / "cache")} | environment,
    )


def test_the_process_is_left_as_it_was(place: Path) -> None:
    done = python(SHARED + USE.format(tests=str(TESTS)) + COMPARE, place)
    assert done.returncode == 0, done.stderr
    assert done.stdout == ""
    assert done.stderr == ""  # OpenCV and SVT-AV1 are told not to talk


def test_nobody_is_told_of_a_run(place: Path) -> None:
    """OpenVINO's own Python package reports every import, in a process of its own."""
    pytest.importorskip("openvino_telemetry")
    home = place / "home"
    home.mkdir()
    done = python(WATCHED, place, HOME=str(home), USERPROFILE=str(home))
    assert done.returncode == 0, done.stderr
    assert list(home.iterdir()) == []  # it would note there who is told about
