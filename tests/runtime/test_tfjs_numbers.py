"""The networks' numbers are those that TensorFlow.js, which they were made for, computes."""

from __future__ import annotations

import json

import pytest

from limner.errors import ModelError
from limner.models.catalogue import catalogue
from limner.models.store import ensure
from limner.runtime import Runtime, load_network
from support.material import not_there
from support.tfjs_numbers import NETWORKS, STORED, figure


@pytest.mark.parametrize("name", NETWORKS)
def test_the_same_numbers_as_tensorflow_js(name: str) -> None:
    files = catalogue().files
    try:
        path, _ = ensure([files[f"{name}.json"], files[f"{name}.bin"]])
    except ModelError as error:
        not_there(f"needs {name}: {error}")
    stored = json.loads(STORED.read_text(encoding="utf-8"))[name]
    ours = load_network(path, Runtime(threads=1))(figure(name))
    left = list(ours.values())
    assert len(left) == len(stored)
    compared = 0
    for theirs in stored:
        # Outputs go by their shapes: their names are the converter's.
        output = next(each for each in left if list(each.shape) == theirs["shape"])
        flat = output.ravel()
        for place, value in theirs["numbers"].items():
            assert flat[int(place)] == pytest.approx(value, abs=1e-3), (theirs["shape"], place)
            compared += 1
    assert compared >= 8
