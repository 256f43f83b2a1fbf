"""The process belongs to whoever uses limner: settings that are borrowed are given back."""

from __future__ import annotations

import os
import threading

import pytest

from limner.system.process import ProcessSetting, environment_variable


class Dial:
    """Something that the whole process shares."""

    def __init__(self) -> None:
        self.value = 5
        self.setting = ProcessSetting(lambda: self.value, self.turn)

    def turn(self, value: int) -> None:
        self.value = value


def test_the_value_is_put_back() -> None:
    dial = Dial()
    with dial.setting.held(1):
        assert dial.value == 1
    assert dial.value == 5
    with pytest.raises(KeyError), dial.setting.held(2):
        raise KeyError
    assert dial.value == 5


def test_blocks_that_overlap_put_back_what_was_before_the_first() -> None:
    dial = Dial()
    first, second = dial.setting.held(1), dial.setting.held(2)
    first.__enter__()
    second.__enter__()
    first.__exit__(None, None, None)
    assert dial.value == 2  # somebody still needs it
    second.__exit__(None, None, None)
    assert dial.value == 5


def test_many_threads() -> None:
    dial = Dial()

    def work() -> None:
        for _ in range(300):
            with dial.setting.held(0):
                assert dial.value == 0

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert dial.value == 5


def test_a_variable_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    variable = environment_variable("LIMNER_TEST")
    monkeypatch.delenv("LIMNER_TEST", raising=False)
    with variable.held("1"):
        assert os.environ["LIMNER_TEST"] == "1"
    assert "LIMNER_TEST" not in os.environ
    monkeypatch.setenv("LIMNER_TEST", "3")
    with variable.held("1"):
        pass
    assert os.environ["LIMNER_TEST"] == "3"
