"""The folder where limner keeps what it fetched or worked out once."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs


def cache_folder() -> Path:
    """Return the cache folder: ``LIMNER_CACHE`` or one in the user's cache folder."""
    configured = os.environ.get("LIMNER_CACHE")
    return Path(configured) if configured else Path(platformdirs.user_cache_dir("limner", False))
