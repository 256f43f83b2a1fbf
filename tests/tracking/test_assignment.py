"""Who gets which track: the optimum, and no solver loaded where there are few to tell apart."""

from __future__ import annotations

import subprocess
import sys
from itertools import permutations
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from limner.core.arrays import Floats
from limner.tracking import tracker
from limner.tracking.tracker import _assign

COSTS = arrays(
    np.float32,
    array_shapes(min_dims=2, max_dims=2, min_side=0, max_side=4),
    elements=st.sampled_from([0.0, 0.125, 0.25, 0.5, 1.0, np.inf]),
)


def best(costs: Floats) -> tuple[int, float]:
    """Return how many pairs an optimal assignment has, negative, and their cost."""
    if costs.shape[0] > costs.shape[1]:
        costs = costs.T
    ways = permutations(range(costs.shape[1]), costs.shape[0])
    return min(worth(costs, list(enumerate(way))) for way in ways)


def worth(costs: Floats, pairs: list[tuple[int, int]]) -> tuple[int, float]:
    possible = [float(costs[pair]) for pair in pairs if np.isfinite(costs[pair])]
    return -len(possible), sum(possible)


# With no way tried by hand, all is left to scipy.
@pytest.mark.parametrize("few", [0, tracker._FEW])
@given(costs=COSTS)
def test_the_assignment_is_optimal(few: int, costs: Floats) -> None:
    with patch.object(tracker, "_FEW", few):
        pairs = _assign(costs)
    assert all(np.isfinite(costs[pair]) for pair in pairs)
    for side in (0, 1):
        assert len({pair[side] for pair in pairs}) == len(pairs)
    assert worth(costs, pairs) == best(costs)


def test_few_people_need_no_solver() -> None:
    script = """
import sys
import numpy as np
from limner.tracking.tracker import _assign

costs = np.full((9, 9), np.inf, np.float32)
costs[[0, 1, 3], [2, 0, 3]] = 0.5
costs[4:, 4:] = 0.25
print(sorted(_assign(costs)), "scipy.optimize" in sys.modules)
costs[3:, 3:] = 0.25
print(len(_assign(costs)), "scipy.optimize" in sys.modules)
"""
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    pairs = [(0, 2), (1, 0), (3, 3), (4, 4), (5, 5), (6, 6), (7, 7), (8, 8)]
    assert run.stdout.splitlines() == [f"{pairs} False", "8 True"]
