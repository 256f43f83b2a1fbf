"""What each kind of option takes, from the command line's text or from Python."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from limner.core.options import (
    Option,
    Reader,
    choice,
    either,
    names,
    number,
    pixels,
    seconds,
    switch,
    text,
    whole,
)
from limner.errors import UsageError

TAKEN: list[tuple[Reader[Any], Any, Any]] = [
    (switch, True, True),
    (text, "a b", "a b"),
    (text, Path("a/b"), str(Path("a/b"))),
    (choice(["near", "far"]), "far", "far"),
    (names(choice(["near", "far"])), "near, far", ("near", "far")),
    (names(choice(["near", "far"])), ["far"], ("far",)),
    (names(choice(["near"])), "none", ()),
    (names(choice(["near"])), " ", ()),
    (names(choice(["near"])), (), ()),
    (whole(), "-3", -3),
    (whole(), 4.0, 4),
    (whole(1), "1", 1),
    (number("0 to 1", most=1), "0.25", 0.25),
    (number("any"), "1e3", 1000.0),
    (seconds, "90", 90.0),
    (seconds, "1:30", 90.0),
    (seconds, "01:01:01.5", 3661.5),
    (seconds, 2, 2.0),
    (pixels, "432", (432,)),
    (pixels, 432, (432,)),
    (pixels, "368,656", (368, 656)),
    (pixels, [368, 656], (368, 656)),
]

REFUSED: list[tuple[Reader[Any], Any, str]] = [
    (switch, "yes", "it: expected True or False, got 'yes'"),
    (switch, 1, "it: expected True or False, got 1"),
    (text, 3, "it: expected text, got 3"),
    (choice(["near", "far"]), "up", "it: expected near or far, got 'up'"),
    (names(choice(["near", "far"])), "near,up", "it: expected near or far, got 'up'"),
    (names(choice(["near"])), 3, "it: expected names, got 3"),
    (whole(), "2.5", "it: expected a whole number, got '2.5'"),
    (whole(), 2.5, "it: expected a whole number, got 2.5"),
    (whole(), float("inf"), "it: expected a whole number, got inf"),
    (whole(), float("nan"), "it: expected a whole number, got nan"),
    (whole(), None, "it: expected a whole number, got None"),
    (whole(1), 0, "it: expected 1 or more, got 0"),
    (number("0 to 1", most=1), "half", "it: expected 0 to 1, got 'half'"),
    (number("0 to 1", most=1), 1.5, "it: expected 0 to 1, got 1.5"),
    (number("0 or more"), float("nan"), "it: expected 0 or more, got nan"),
    (seconds, "soon", "it: expected seconds or h:mm:ss, got 'soon'"),
    (seconds, "1:2:3:4", "it: expected seconds or h:mm:ss, got '1:2:3:4'"),
    (seconds, "1:-2", "it: expected seconds or h:mm:ss, got '1:-2'"),
    (seconds, "nan", "it: expected seconds or h:mm:ss, got 'nan'"),
    (seconds, "inf", "it: expected seconds or h:mm:ss, got 'inf'"),
    (seconds, -1, "it: expected 0 seconds or more, got -1"),
    (pixels, "big", "it: expected pixels such as 432, or several such as 368,656,960, got 'big'"),
    (pixels, "1,,2", "it: expected pixels such as 432, or several such as 368,656,960, got '1,,2'"),
    (pixels, 4.5, "it: expected pixels such as 432, or several such as 368,656,960, got 4.5"),
]


@pytest.mark.parametrize(("read", "given_", "value"), TAKEN)
def test_taken(read: Reader[Any], given_: Any, value: Any) -> None:
    found = read("it", given_)
    assert (found, type(found)) == (value, type(value))


@pytest.mark.parametrize(("read", "given_", "said"), REFUSED)
def test_refused_in_a_sentence(read: Reader[Any], given_: Any, said: str) -> None:
    with pytest.raises(UsageError) as caught:
        read("it", given_)
    assert str(caught.value) == said


@given(
    st.integers(0, 99),
    st.integers(0, 59),
    st.decimals(0, 59, places=3, allow_nan=False, allow_infinity=False),
)
def test_a_time_is_its_hours_minutes_and_seconds(hours: int, minutes: int, rest: Any) -> None:
    expected = hours * 3600 + minutes * 60 + float(rest)
    assert seconds("it", f"{hours}:{minutes:02}:{rest}") == pytest.approx(expected)
    assert seconds("it", str(expected)) == expected


def test_none_is_the_default_and_a_message_has_the_words_of_the_command_line() -> None:
    option = Option(7, whole(1), "How many.", "N")
    assert option.value("max_people", None) == 7
    assert option.value("max_people", "3") == 3
    with pytest.raises(UsageError, match="max-people: expected 1 or more, got 0"):
        option.value("max_people", 0)


def test_words_as_a_choice() -> None:
    assert [either(["a"]), either(["a", "b"]), either("abc")] == ["a", "a or b", "a, b or c"]
