"""Free memory goes back to the system, also where something in use lies behind it."""

from __future__ import annotations

import os
import platform
from pathlib import Path

import pytest

from limner.system.memory import give_back_memory


def resident() -> int:
    """Return the bytes of this process that are in memory."""
    pages = Path("/proc/self/statm").read_text().split()[1]
    return int(pages) * os.sysconf("SC_PAGE_SIZE")


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc keeps it")
def test_free_memory_is_given_back() -> None:
    give_back_memory()
    before = resident()
    blocks = [bytes(b"\1" * 100_000) for _ in range(1000)]
    in_use = blocks[::50]
    assert resident() - before > 80_000_000
    del blocks
    give_back_memory()
    assert len(in_use) == 20
    assert resident() - before < 20_000_000
