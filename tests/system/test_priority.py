"""Threads that give way: only what is started that way does, and errors come through."""

import os
import sys
import threading

import pytest

from limner.system.priority import give_way


def niceness() -> int:
    return os.getpriority(os.PRIO_PROCESS, threading.get_native_id())


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux gives threads priorities")
def test_threads_that_it_starts_give_way_and_the_caller_does_not() -> None:
    found = []
    before = niceness()

    def start() -> threading.Thread:
        thread = threading.Thread(target=lambda: found.append(niceness()))
        thread.start()
        return thread

    give_way(start).join()
    assert found == [min(before + 10, 19)]
    assert niceness() == before


def test_what_is_returned_and_raised_comes_through() -> None:
    assert give_way(lambda: 5) == 5
    with pytest.raises(ZeroDivisionError):
        give_way(lambda: 1 // 0)
