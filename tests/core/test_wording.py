"""Messages count in words that fit."""

import pytest

from limner.core.wording import counted


@pytest.mark.parametrize(("number", "text"), [(0, "0 frames"), (1, "1 frame"), (12, "12 frames")])
def test_many_end_in_s(number: int, text: str) -> None:
    assert counted(number, "frame") == text


def test_what_does_not_end_in_s() -> None:
    assert counted(1, "person", "people") == "1 person"
    assert counted(2, "person", "people") == "2 people"
