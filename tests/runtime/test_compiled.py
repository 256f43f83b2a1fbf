"""What is compiled once is kept, verified, and compiled again where it does not fit."""

from __future__ import annotations

import hashlib
import os
import sys
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from limner.runtime import Runtime, compiled, load_network
from limner.runtime.openvino import OpenVinoNetwork


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LIMNER_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache" / "compiled"


def run(path: Path, threads: int, streams: int = 1) -> NDArray[np.float32]:
    network = load_network(path, Runtime(threads=threads, streams=streams))
    assert isinstance(network, OpenVinoNetwork)
    batch = np.linspace(-1, 1, 224 * 224 * 3, dtype=np.float32).reshape(1, 224, 224, 3)
    return network(batch)["Identity_1"]


def test_a_network_is_compiled_once(
    weights: list[Path], cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = run(weights[0], threads=1)
    (kept,) = cache.iterdir()
    monkeypatch.setattr(compiled, "save", lambda *_: pytest.fail("compiled again"))
    np.testing.assert_array_equal(run(weights[0], threads=1), first)
    assert list(cache.iterdir()) == [kept]


def test_other_settings_are_compiled_apart(weights: list[Path], cache: Path) -> None:
    run(weights[0], threads=1)
    run(weights[0], threads=2, streams=2)
    assert len(list(cache.iterdir())) == 2


@pytest.mark.parametrize("damage", [b"", b"nonsense", b"x" * 5000])
def test_what_is_damaged_is_compiled_again(weights: list[Path], cache: Path, damage: bytes) -> None:
    first = run(weights[0], threads=1)
    (kept,) = cache.iterdir()
    whole = kept.read_bytes()
    kept.write_bytes(damage or whole[:-1000])
    np.testing.assert_array_equal(run(weights[0], threads=1), first)
    content = kept.read_bytes()
    assert hashlib.sha256(content[32:]).digest() == content[:32]


def test_nothing_need_be_kept(weights: list[Path], cache: Path) -> None:
    cache.parent.mkdir(parents=True)
    cache.write_text("a file where the folder should be")
    assert run(weights[0], threads=1).size == 2254


def test_the_cache_is_bounded(
    weights: list[Path], cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was not used for longest goes; what was just compiled stays in any case."""
    run(weights[0], threads=1)
    (first,) = cache.iterdir()
    run(weights[0], threads=2)
    (second,) = set(cache.iterdir()) - {first}
    os.utime(first, (1, 1))
    os.utime(second, (2, 2))
    monkeypatch.setattr(compiled, "_MOST", int(2.5 * first.stat().st_size))
    run(weights[0], threads=1)  # used again
    run(weights[0], threads=3)
    assert first.exists()
    assert not second.exists()
    monkeypatch.setattr(compiled, "_MOST", 0)
    run(weights[0], threads=4)
    assert len(list(cache.iterdir())) == 1


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such locks")
def test_what_a_killed_process_left_is_cleared(weights: list[Path], cache: Path) -> None:
    cache.mkdir(parents=True)
    (cache / "tmpabcdefgh").write_bytes(b"half")
    run(weights[0], threads=1)
    (cache / "tmpijklmnop").write_bytes(b"half")
    run(weights[0], threads=1)
    assert len(list(cache.iterdir())) == 1
