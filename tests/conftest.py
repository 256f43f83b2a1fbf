"""Fixtures that every test may use."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from limner.errors import ModelError
from limner.models.catalogue import DEFAULT_MODEL, catalogue
from limner.models.store import ensure


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


@pytest.fixture(scope="session")
def weights() -> list[Path]:
    """Return the default model's files, fetched where they are not there yet."""
    try:
        return ensure(catalogue().model(DEFAULT_MODEL).files)
    except ModelError as error:
        if os.environ.get("CI") == "true":
            pytest.fail(str(error))
        pytest.skip(f"needs the default model: {error}")
