"""Messages count in words that fit."""

import pytest

from limner.core.wording import counted, on_one_line


@pytest.mark.parametrize(("number", "text"), [(0, "0 frames"), (1, "1 frame"), (12, "12 frames")])
def test_many_end_in_s(number: int, text: str) -> None:
    assert counted(number, "frame") == text


def test_what_does_not_end_in_s() -> None:
    assert counted(1, "person", "people") == "1 person"
    assert counted(2, "person", "people") == "2 people"


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("two\nlines.mp4", r"two\nlines.mp4"),
        ("a\x1b[2Jb\x07\r\u2028.mp4", r"a\x1b[2Jb\x07\r\u2028.mp4"),
        # Letters, wide spaces, and bytes that are no text stay.
        ("\u00e9t\u00e9\u3000\u6b69\udcff.mp4", "\u00e9t\u00e9\u3000\u6b69\udcff.mp4"),
    ],
)
def test_control_characters_are_escaped(given: str, expected: str) -> None:
    assert on_one_line(given) == expected
