"""Fixtures that every test may use."""

from __future__ import annotations

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def shared() -> Path:
    """Return the folder of real pictures, clips and weights that lies beside the project."""
    folder = Path(__file__).parents[1].parent / "shared"
    if not folder.is_dir():
        reason = f"needs the real material in {folder}"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    return folder
