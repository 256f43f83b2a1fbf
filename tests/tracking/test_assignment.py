"""Who gets which track: the optimum, and no solver loaded where there is nothing to solve."""

from __future__ import annotations

import subprocess
import sys
from itertools import permutations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from limner.poses import Floats
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


@settings(deadline=None)  # the first takes as long as loading scipy does
@given(COSTS)
def test_the_assignment_is_optimal(costs: Floats) -> None:
    pairs = _assign(costs)
    assert all(np.isfinite(costs[pair]) for pair in pairs)
    for side in (0, 1):
        assert len({pair[side] for pair in pairs}) == len(pairs)
    assert worth(costs, pairs) == best(costs)


def test_people_apart_need_no_solver() -> None:
    script = """
import sys
import numpy as np
from limner.tracking.tracker import _assign

apart = np.full((4, 5), np.inf, np.float32)
apart[[0, 1, 3], [2, 0, 4]] = 0.5
print(sorted(_assign(apart)), "scipy.optimize" in sys.modules)
apart[:2, :2] = 0.25
print(len(_assign(apart)), "scipy.optimize" in sys.modules)
"""
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert run.stdout.splitlines() == ["[(0, 2), (1, 0), (3, 4)] False", "3 True"]
