"""What the command line switches off in its own process, and gives back where it can."""

from __future__ import annotations

import gc

import pytest

from limner.cli.startup import loading


@pytest.mark.parametrize("looking", [True, False])
def test_loading_leaves_the_collector_as_it_was(looking: bool) -> None:
    before = gc.isenabled()
    (gc.enable if looking else gc.disable)()
    try:
        with loading():
            assert not gc.isenabled()
        assert gc.isenabled() == looking
    finally:
        (gc.enable if before else gc.disable)()
