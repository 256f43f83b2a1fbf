"""Damaged and odd network files, and what limner makes of them.

A few of them are tried by the tests. By hand, in processes of their own that may crash:

    PYTHONPATH=src:tests python -m support.fuzz_models --minutes 20 [--kind .json] [--seeds FILE...]
        [--keep DIR]
"""

from __future__ import annotations

import argparse
import base64
import copy
import itertools
import json
import operator
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np

from limner.core.frame import Frame
from limner.errors import LimnerError
from limner.models.loading import load_model
from limner.models.openpose.layout import CHANNELS
from limner.runtime import BACKENDS, Runtime
from limner.runtime.tfjs import weight_files

# What no network of this size may take, seconds and bytes.
PATIENCE = 60
MEMORY = 6 << 30

FRAME = Frame(np.random.default_rng(0).integers(0, 255, (96, 128, 3)).astype(np.uint8))


def tiny_network(folder: Path, *, dynamic: bool = True) -> Path:
    """Write an ONNX network of OpenPose's kind, with hardly any weights.

    Args:
        folder: where to.
        dynamic: whether it takes images of any size, else of 64x64.
    """
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    random_numbers = np.random.default_rng(1)
    kernel = random_numbers.normal(0, 0.01, (CHANNELS, 3, 1, 1)).astype(np.float32)
    size: list[Any] = ["height", "width"] if dynamic else [64, 64]
    small: list[Any] = ["rows", "columns"] if dynamic else [8, 8]
    graph = helper.make_graph(
        [
            helper.make_node("Conv", ["image", "kernel"], ["maps"], strides=[8, 8]),
            helper.make_node("Tanh", ["maps"], ["poses"]),
        ],
        "tiny",
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, [1, 3, *size])],
        [helper.make_tensor_value_info("poses", TensorProto.FLOAT, [1, CHANNELS, *small])],
        [numpy_helper.from_array(kernel, "kernel")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)])
    model.ir_version = 8
    path = folder / f"tiny{'' if dynamic else '64'}.onnx"
    onnx.save(model, path)
    return path


def as_openvino(path: Path) -> Path:
    """Write a network in OpenVINO's own format, an .xml with its .bin beside it."""
    # It imports OpenVINO without what reports that to its makers.
    import limner.runtime.openvino  # noqa: F401

    import openvino as ov  # isort: skip

    target = path.with_suffix(".xml")
    ov.save_model(ov.Core().read_model(path), target, compress_to_fp16=False)
    return target


def tiny_graph_model(folder: Path) -> Path:
    """Write such a network as a TensorFlow.js graph model, a .json with a .bin beside it."""
    random_numbers = np.random.default_rng(1)
    weights: dict[str, np.ndarray[Any, Any]] = {
        "kernel": random_numbers.normal(0, 0.01, (1, 1, 3, CHANNELS)).astype(np.float16),
        "bias": random_numbers.normal(0, 0.1, CHANNELS).astype(np.float32),
    }
    strides, once = ({"list": {"i": ["1", side, side, "1"]}} for side in ("8", "1"))
    floats = {"type": "DT_FLOAT"}
    image = {"shape": {"dim": [{"size": side} for side in ("1", "-1", "-1", "3")]}}
    convolution = {
        "T": floats,
        "strides": strides,
        "dilations": once,
        "padding": {"s": _words("SAME")},
        "data_format": {"s": _words("NHWC")},
        "fused_ops": {"list": {"s": [_words("BiasAdd"), _words("Tanh")]}},
    }
    constant = {"dtype": floats, "value": {"tensor": {"dtype": "DT_FLOAT"}}}
    nodes = [
        {
            "name": "image",
            "op": "Placeholder",
            "attr": {"dtype": floats, "shape": image},
        },
        *({"name": name, "op": "Const", "attr": constant} for name in weights),
        {"name": "poses", "op": "_FusedConv2D", "input": ["image", *weights], "attr": convolution},
    ]
    specs = [
        {"name": name, "shape": list(value.shape), "dtype": "float32"}
        | ({"quantization": {"dtype": "float16"}} if value.dtype == np.float16 else {})
        for name, value in weights.items()
    ]
    content = {
        "format": "graph-model",
        "modelTopology": {"node": nodes, "versions": {"producer": 1}},
        "weightsManifest": [{"paths": ["weights.bin"], "weights": specs}],
    }
    (folder / "weights.bin").write_bytes(b"".join(value.tobytes() for value in weights.values()))
    path = folder / "tiny.json"
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


def _words(text: str) -> str:
    """Return text as bytes are written in JSON."""
    return base64.b64encode(text.encode()).decode()


def mutate_json(data: bytes, chance: random.Random) -> bytes:
    """Return a JSON file with some of its values removed, exchanged or made odd."""
    content: Any = json.loads(data)
    for _ in range(chance.choice([1, 1, 2, 4])):
        places = list(_places(content))
        holder, key = chance.choice(places)
        other = copy.deepcopy(operator.getitem(*chance.choice(places)))
        way = chance.randrange(4)
        if way == 0:
            del holder[key]
        elif way == 1 and isinstance(holder, list):
            holder.insert(key, other)
        elif way == 2:
            holder[key] = other
        else:
            odd: list[Any] = [
                None,
                True,
                0,
                -1,
                7,
                2**31,
                2**63,
                2**70,
                1e308,
                "",
                "x",
                "\0",
                [],
                {},
            ]
            holder[key] = chance.choice(odd)
        if not content:
            break
    return json.dumps(content).encode()


def _places(content: Any) -> Iterator[tuple[Any, Any]]:
    """Yield every value's holder and its place in there."""
    items = content.items() if isinstance(content, dict) else enumerate(content)
    for key, value in list(items):
        yield content, key
        if isinstance(value, dict | list):
            yield from _places(value)


def mutate(data: bytes, chance: random.Random) -> bytes:
    """Return a file's bytes, damaged in one of the ways in which files are."""
    out = bytearray(data)
    # Most of what a network says of itself is at the beginning or the end of its file.
    for _ in range(chance.choice([1, 1, 2, 4, 16])):
        if not out:
            break
        near = chance.choice([len(out), len(out), 512])
        place = chance.randrange(min(near, len(out)))
        place = chance.choice([place, len(out) - 1 - place])
        size = chance.choice([1, 1, 2, 4, 8, 64])
        way = chance.randrange(7)
        if way == 0:
            out[place] ^= 1 << chance.randrange(8)
        elif way == 1:
            out[place] = chance.choice([0, 1, 0x7F, 0x80, 0xFF, 0x22, 0x3C])
        elif way == 2:
            out[place : place + size] = bytes([chance.choice([0, 0xFF])]) * size
        elif way == 3:
            del out[place : place + size]
        elif way == 4:
            out[place:place] = out[place : place + size]
        elif way == 5:
            other = chance.randrange(len(out))
            out[place : place + size] = out[other : other + size]
        else:
            out[place : place + 4] = np.float32(chance.choice([np.nan, np.inf, -1e38])).tobytes()
    if chance.random() < 0.05:
        del out[chance.randrange(len(out) + 1) :]
    return bytes(out)


def attempt(path: Path, backend: str, *, trial: bool = True) -> str:
    """Estimate poses with a file, as `limner --model FILE` does.

    Args:
        path: the file.
        backend: who reads it.
        trial: whether it is read in a process of its own first, as limner does. Without that it
            is ten times as fast.

    Returns:
        What came of it, in a word or a sentence.

    Raises:
        AssertionError: the sentence is none, or the poses make no sense.
        Exception: anything but a sentence.
    """
    try:
        with warnings.catch_warnings(), ExitStack() as stack:
            warnings.simplefilter("error")
            if not trial:
                stack.enter_context(patch("limner.models.loading.try_reading"))
            model = load_model(str(path), Runtime(backend, threads=1))
            (poses,) = model.estimate([FRAME])
    except LimnerError as error:
        said = str(error)
        assert "\n" not in said, said
        assert path.name in said, said
        return said
    points = poses.keypoints[~np.isnan(poses.keypoints)]
    assert np.isfinite(points).all()
    assert (poses.person_scores >= 0).all()
    return "poses"


def damaged(seeds: list[Path], number: int, folder: Path) -> tuple[Path, str]:
    """Make the damaged file of a number; return it, and the backend that is to read it."""
    chance = random.Random(number)
    seed = chance.choice(seeds)
    path = folder / f"odd{seed.suffix}"
    change = mutate_json if seed.suffix == ".json" and chance.random() < 0.7 else mutate
    path.write_bytes(change(seed.read_bytes(), chance))
    weights: list[Path] = []
    if seed.suffix == ".xml":
        weights = [seed.with_suffix(".bin")]
    elif seed.suffix == ".json":
        weights = weight_files(seed)
    for file in weights:
        data = file.read_bytes()
        # OpenVINO's weights go by the network's name, TensorFlow.js's by the name it says.
        name = "odd.bin" if seed.suffix == ".xml" else file.name
        (folder / name).write_bytes(mutate(data, chance) if chance.random() < 0.2 else data)
    able = [name for name, endings in BACKENDS.items() if seed.suffix in endings]
    return path, chance.choice(able)


def standard_seeds(folder: Path) -> list[Path]:
    """Write the networks that are damaged."""
    networks = [tiny_network(folder), tiny_network(folder, dynamic=False)]
    return [*networks, *map(as_openvino, networks), tiny_graph_model(folder)]


def _work(folder: Path, seeds: list[Path], numbers: Iterable[int], *, trial: bool) -> None:
    """Try one file after the other; each number is told before it is tried."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    for number in numbers:
        path, backend = damaged(seeds, number, folder)
        print(f"\n{number} {backend}{path.suffix}", end=" ", flush=True)
        begun = time.process_time()  # others may keep the cores busy
        try:
            said = attempt(path, backend, trial=trial)
        except Exception as error:
            said = f"FOUND {type(error).__name__}: {' '.join(str(error).split())[:150]}"
        if time.process_time() - begun > PATIENCE / 4:
            said = f"FOUND slow ({time.process_time() - begun:.0f} s) {said}"
        print(said, end="", flush=True)
        for compiled in Path(os.environ["LIMNER_CACHE"]).glob("compiled/*"):
            compiled.unlink()


def _watch(log: Path, process: subprocess.Popen[bytes], ends: float) -> bool:
    """Wait until a worker ends, hangs or has had its time; say whether it had its time."""
    told, size = time.monotonic(), -1
    while process.poll() is None:
        time.sleep(1)
        if log.stat().st_size != size:
            told, size = time.monotonic(), log.stat().st_size
        over = time.monotonic() > ends
        if over or time.monotonic() - told > PATIENCE:
            process.kill()
            process.wait()
            return over
    return False


def main() -> None:
    """Damage networks for some minutes, and say what was found."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--minutes", type=float, default=20)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--seeds", type=Path, nargs="*", default=[])
    parser.add_argument("--kind", help="damage files of this ending only, such as .json")
    parser.add_argument("--keep", type=Path, default=None)
    parser.add_argument("--work", type=Path, default=None, help=argparse.SUPPRESS)
    parser.add_argument("--trial", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.work:
        numbers = [given.first] if given.trial else itertools.count(given.first)
        _work(given.work, given.seeds, numbers, trial=given.trial)
        return
    ends = time.monotonic() + 60 * given.minutes
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        seeds = [*standard_seeds(folder), *(path.absolute() for path in given.seeds)]
        seeds = [seed for seed in seeds if given.kind in (None, seed.suffix)]
        work, log = folder / "work", folder / "log"
        work.mkdir()
        number, found, tried, over = given.first, 0, 0, False
        while not over:
            command = [sys.executable, "-m", "support.fuzz_models", "--work", str(work)]
            command += ["--first", str(number), "--seeds", *map(str, seeds)]
            environment = os.environ | {"LIMNER_CACHE": name}
            with log.open("wb") as out:
                process = subprocess.Popen(
                    command, stdout=out, stderr=subprocess.DEVNULL, env=environment
                )
                over = _watch(log, process, ends)
            lines = [line for line in log.read_text(errors="replace").split("\n") if line]
            if not lines:
                raise SystemExit("the worker does not start")
            tried += len(lines)
            last = int(lines[-1].split()[0])
            if not over:
                # On some the runtime ends the process; limner finds that out by a trial.
                again = [*command, "--trial", "--first", str(last)]
                done = subprocess.run(again, capture_output=True, env=environment, check=False)
                lines[-1] = " ".join(done.stdout.decode(errors="replace").split("\n")).strip()
                if done.returncode:
                    lines[-1] += f" FOUND exit code {done.returncode}"
            for line in lines:
                if " FOUND " in line:
                    found += 1
                    print(line, flush=True)
                    if given.keep:
                        _keep(given.keep, seeds, int(line.split()[0]))
            number = last + 1
    print(f"{tried} files in {given.minutes:g} minutes, {found} findings")


def _keep(folder: Path, seeds: list[Path], number: int) -> None:
    place = folder / str(number)
    place.mkdir(parents=True, exist_ok=True)
    damaged(seeds, number, place)


if __name__ == "__main__":
    main()
