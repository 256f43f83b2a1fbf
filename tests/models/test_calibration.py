"""Scores as probabilities."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from limner.models.calibration import Calibration


@given(st.lists(st.floats(0, 1), min_size=2), st.floats(0.2, 6), st.floats(-5, 7))
def test_order_stays(scores: list[float], slope: float, offset: float) -> None:
    raw = np.sort(np.array(scores, np.float32))
    after = Calibration(slope, offset)(raw)
    assert (np.diff(after) >= 0).all()
    assert ((after >= 0) & (after <= 1)).all()


def test_the_identity() -> None:
    scores = np.array([0.001, 0.2, 0.5, 0.999], np.float32)
    assert Calibration(1, 0)(scores) == pytest.approx(scores, abs=1e-4)


def test_known_values() -> None:
    # Log-odds of 0.75 are ln 3, and twice those less ln 3 are those of 0.75.
    assert Calibration(2, -np.log(3)).one(0.75) == pytest.approx(0.75, abs=1e-6)
    assert Calibration(1, np.log(3)).one(0.5) == pytest.approx(0.75, abs=1e-6)


def test_what_is_missing_stays_missing() -> None:
    assert np.isnan(Calibration(1, 0)(np.array([np.nan], np.float32))).all()
