"""A height is given in metres or in centimetres."""

from __future__ import annotations

import pytest

from limner.errors import UsageError
from limner.motion.height import in_metres


@pytest.mark.parametrize(("given", "metres"), [(1.75, 1.75), (175, 1.75), (95, 0.95), (0.6, 0.6)])
def test_metres_and_centimetres_are_told_apart(given: float, metres: float) -> None:
    assert in_metres(given) == pytest.approx(metres)


@pytest.mark.parametrize("given", [0, -1.75, 5.9, 17.5, 1750, float("nan"), float("inf")])
def test_what_is_no_height_is_refused(given: float) -> None:
    with pytest.raises(UsageError, match="or in centimetres"):
        in_metres(given)
