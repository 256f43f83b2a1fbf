"""Real images, clips and weights, which are not everywhere."""

from __future__ import annotations

import os
from typing import NoReturn

import pytest


def not_there(reason: str) -> NoReturn:
    """Skip a test whose material is not there, or fail it where it has to be there."""
    if os.environ.get("LIMNER_REQUIRE_SHARED") == "true":
        pytest.fail(reason)
    pytest.skip(reason)
