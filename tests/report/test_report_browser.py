"""What a browser makes of a report: its keys, dragging, swiping, dark mode, printing."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from limner.core.info import InputInfo
from limner.drawing.colors import LEFT, RIGHT, WHITE, hex_color, legible, person_color
from limner.export import export
from limner.recording.recording import Recording
from limner.recording.track import Track
from limner.report import content as content_module
from limner.report.content import content
from limner.report.page import report_file, write_report
from limner.report.palette import DARK
from limner.report.quantities import Curve, Quantity, curves
from support import clips, walkers
from support.browser import CHROMIUM, Browser

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium")

CLIP = clips.Clip(codec="libvpx-vp9", frames=45, width=320, height=192)
CLOCK = "document.getElementById('clock').textContent"
SHOWN = f"{CLOCK}.split(' ').pop()"


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with Browser(tmp_path_factory.mktemp("profile")) as started:
        yield started


@pytest.fixture(autouse=True)
def _quiet(request: pytest.FixtureRequest) -> Iterator[None]:
    """Start in the light, and end without an error in a script."""
    started: Browser = request.getfixturevalue("browser")
    started.errors.clear()
    started.dark(False)
    yield
    assert started.errors == []


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A report of two people with a video whose frames have numbers."""
    folder = tmp_path_factory.mktemp("report")
    clips.make(folder / "walk.webm", CLIP)
    walk = walkers.recording(seconds=CLIP.frames / 30)
    info = InputInfo("walk.webm", CLIP.width, CLIP.height, Fraction(30), CLIP.frames, 1.5)
    export(
        Recording(replace(walk.header, input=info), walk.frames),
        "jsonl",
        folder / "walk_pose.jsonl",
    )
    return report_file(folder / "walk_pose.jsonl", video=folder / "walk.webm").path


def opened(browser: Browser, page: Path, **size: Any) -> Browser:
    browser.open(page, **size)
    browser.until(
        "!document.querySelector('video') || document.querySelector('video').readyState >= 2"
    )
    return browser


def shows(browser: Browser, frame: int) -> None:
    """Wait for a frame, in the clock and in the video itself."""
    browser.until(f"{SHOWN} === '{frame}'")
    end = time.monotonic() + 20
    while (seen := clips.number_of(browser.pixels("video"))) != frame:
        assert time.monotonic() < end, f"the video shows {seen}, the clock {frame}"
        time.sleep(0.02)
    assert browser.run(SHOWN) == str(frame)


@pytest.mark.parametrize("people", [(1, 2), ()])
def test_it_is_drawn(people: tuple[int, ...], browser: Browser, tmp_path: Path) -> None:
    write_report(walkers.recording(people=people), tmp_path / "walk.html")
    opened(browser, tmp_path / "walk.html")
    assert browser.run(CLOCK) == "0.00 s, frame 0"
    # Knees and ankles' heights, left and right in one chart, for each person.
    assert browser.run("document.querySelectorAll('.chart').length") == 2 * len(people)
    for side in ("left", "right"):
        count = f"document.querySelectorAll('.line.{side}').length"
        assert browser.run(count) == 2 * len(people)
    offered = len(content(walkers.recording()).data["panels"])
    count = "document.querySelectorAll('input[type=checkbox]').length"
    assert browser.run(count) == len(people) + offered


def test_who_and_what_is_shown_can_be_chosen(browser: Browser, page: Path) -> None:
    opened(browser, page)
    browser.run("document.querySelector('#people input').click()")
    assert browser.run("document.querySelectorAll('.chart').length") == 2
    assert browser.run("document.querySelector('.chart .badge').textContent") == "2"
    browser.run(
        "for (const each of document.querySelectorAll('#choices input:checked')) each.click()"
    )
    assert "Nothing is chosen" in browser.run("document.getElementById('charts').textContent")
    browser.run("document.querySelector('#choices input').click()")
    assert browser.run("document.querySelectorAll('.chart').length") == 1


def test_keys_show_the_frame_that_they_name(browser: Browser, page: Path) -> None:
    opened(browser, page)
    steps = [
        (".", 1),
        (".", 2),
        (",", 1),
        ("ArrowRight", 31),
        ("ArrowRight", 44),
        ("ArrowLeft", 14),
    ]
    for key, frame in [*steps, ("End", 44), (".", 44), ("Home", 0), (",", 0)]:
        browser.press(key)
        shows(browser, frame)


def test_the_clock_and_the_video_agree_wherever_one_goes(browser: Browser, page: Path) -> None:
    opened(browser, page)
    places = np.random.default_rng(15).permutation(CLIP.frames)
    for frame in [*places.tolist(), 0]:
        browser.run(
            f"""(() => {{
                const slider = document.querySelector("#controls input[type=range]");
                slider.value = {frame};
                slider.dispatchEvent(new Event("input"));
            }})()"""
        )
        shows(browser, frame)


def test_space_plays_and_stops(browser: Browser, page: Path) -> None:
    opened(browser, page)
    browser.press(" ")
    browser.until(f"Number({SHOWN}) > 3")
    browser.press(" ")
    browser.until("document.querySelector('video').paused")
    frame = int(browser.until(f"!document.querySelector('video').seeking && {SHOWN}"))
    assert abs(clips.number_of(browser.pixels("video")) - frame) <= 1
    # On a button space presses the button and does not play as well.
    browser.press("Home")
    shows(browser, 0)
    browser.run("document.querySelector('#controls button[aria-label^=\"a frame on\"]').focus()")
    browser.press(" ")
    shows(browser, 1)
    assert browser.run("document.querySelector('video').paused")


@pytest.mark.parametrize("where", [".chart:last-child .plot", ".track"])
def test_dragging_moves_through_time(where: str, browser: Browser, page: Path) -> None:
    opened(browser, page)
    x, y, width, height = browser.box(where)
    left, right = (50, 8) if "plot" in where else (0, 0)
    # 45 frames lie side by side; a drag ends at the beginning of frame 30.
    end = x + left + (width - left - right) * 30.1 / 45
    browser.drag((x + left + 5, y + height / 2), (end, y + height / 2))
    shows(browser, 30)
    browser.click(x + left + (width - left - right) * 10.1 / 45, y + height / 2)
    shows(browser, 10)


def test_a_swipe_scrolls_the_page(browser: Browser, page: Path) -> None:
    opened(browser, page, width=390, height=844, phone=True)
    x, y, width, height = browser.box(".chart:last-child .plot")
    middle = (x + width / 2, y + height / 2)
    before = browser.run("scrollY")
    browser.swipe(middle, (0, 150))
    assert browser.run("scrollY") < before - 80
    assert browser.run(SHOWN) == "0"


def test_a_swipe_to_the_side_moves_through_time(browser: Browser, page: Path) -> None:
    opened(browser, page, width=390, height=844, phone=True)
    x, y, width, height = browser.box(".chart:last-child .plot")
    before = browser.run("scrollY")
    browser.swipe((x + width / 4, y + height / 2), (width / 2, 0))
    frame = int(browser.until(f"{SHOWN} !== '0' && {SHOWN}"))
    assert frame > 15
    assert browser.run("scrollY") == before


@pytest.mark.parametrize("width", [390, 1440])
def test_nothing_is_wider_than_the_window(width: int, browser: Browser, page: Path) -> None:
    opened(browser, page, width=width, height=844, phone=width < 500)
    browser.run("for (const each of document.querySelectorAll('details')) each.open = true")
    assert browser.run("document.scrollingElement.scrollWidth") <= width


def test_what_is_pressed_is_large_enough(browser: Browser, page: Path) -> None:
    opened(browser, page, width=390, height=844, phone=True)
    browser.run("for (const each of document.querySelectorAll('details')) each.open = true")
    small = browser.run(
        """[...document.querySelectorAll(
                "button, select, label, summary, input[type=range], .track, .plot")]
            .map((each) => [each.outerHTML.slice(0, 60), each.getBoundingClientRect()])
            .filter(([_, box]) => box.width < 44 || box.height < 44).map(([name]) => name)"""
    )
    assert small == []


def test_dark_mode_and_paper(browser: Browser, page: Path) -> None:
    def colours() -> tuple[str, ...]:
        style = "getComputedStyle(document.querySelector('{}')).{}"
        line = browser.run(style.format(".line.left", "stroke"))
        other = browser.run(style.format(".line.right", "stroke"))
        ground = browser.run(style.format("#numbers", "backgroundColor"))
        bar = browser.run(style.format(".track span", "backgroundColor"))
        return line, other, ground, bar

    def expected(ground: tuple[int, int, int]) -> tuple[str, ...]:
        shades = [*(legible(each, ground) for each in (LEFT, RIGHT)), ground]
        shades.append(legible(person_color(1), ground))
        return tuple(f"rgb({red}, {green}, {blue})" for red, green, blue in shades)

    opened(browser, page)
    assert colours() == expected(WHITE)
    browser.dark()
    assert colours() == expected(DARK)
    assert legible(LEFT, DARK) == LEFT  # as in the video itself
    feature = {"name": "prefers-color-scheme", "value": "dark"}
    browser.send("Emulation.setEmulatedMedia", media="print", features=[feature])
    try:
        assert colours() == expected(WHITE)
    finally:
        browser.send("Emulation.setEmulatedMedia", media="", features=[])


def test_it_prints_the_frame_that_is_shown(browser: Browser, page: Path) -> None:
    opened(browser, page)
    browser.press("ArrowRight")
    shows(browser, 30)
    assert browser.pdf().startswith(b"%PDF")
    assert clips.number_of(browser.pixels("canvas.printed")) == 30
    # Afterwards everything is as it was.
    browser.until(
        "document.querySelector('.plot svg').getAttribute('viewBox').split(' ')[2] !== '680'"
    )
    assert not browser.run("document.querySelector('#about details').open")
    assert (
        browser.run("getComputedStyle(document.querySelector('canvas.printed')).display") == "none"
    )


def test_without_its_video_the_charts_go_on(browser: Browser, page: Path, tmp_path: Path) -> None:
    text = page.read_text()
    start = text.index('<video src="data:video/webm;base64,') + len('<video src="')
    broken = tmp_path / "broken.html"
    broken.write_text(text[:start] + text[text.index('"', start) :])
    browser.open(broken)
    browser.until("document.getElementById('media').textContent.includes('cannot play the video')")
    assert browser.run("document.querySelectorAll('#controls button:not([hidden])').length") == 2
    for key, frame in (("ArrowRight", 30), (",", 29), (" ", 29)):
        browser.press(key)
        browser.until(f"{SHOWN} === '{frame}'")


def test_an_image_has_numbers_and_no_time(browser: Browser, tmp_path: Path) -> None:
    one = walkers.recording(people=(1, 2), rate=None)[:1]
    info = InputInfo("one.png", 1280, 720)
    image = Recording(replace(one.header, input=info), one.frames)
    write_report(image, tmp_path / "one.html")
    opened(browser, tmp_path / "one.html")
    assert (
        browser.run("document.querySelectorAll('svg, .cursor, button, input[type=range]').length")
        == 0
    )
    assert browser.run(CLOCK) == ""
    text = browser.run("document.querySelector('table.values').innerText")
    angles = one.track(1).angles()
    (knee,) = (line for line in text.splitlines() if line.startswith("knee"))
    values = [f"{angles[side + '_knee'][0]:.1f}\u00b0" for side in ("left", "right")]
    assert [each for each in knee.split("\t")[1:] if each] == values
    facts = dict(content(image).data["facts"])
    assert "Measured" not in facts
    assert "Frame rate" not in facts


def test_intervals_and_marked_stretches_are_drawn(
    browser: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def doubted(track: Track, shown: list[Quantity]) -> list[Curve]:
        found = curves(track, shown)
        for number, (quantity, curve) in enumerate(zip(shown, found, strict=True)):
            if quantity.name == "left_knee_deg" and track.person == 1:
                interval = np.stack([curve.values - 10, curve.values + 10])
                interval[:, 40:50] = np.nan
                marked = {"filled": [(10, 19)], "doubtful": [(60, 89)]}
                found[number] = Curve(curve.values, interval, marked)
        return found

    monkeypatch.setattr(content_module, "curves", doubted)
    write_report(walkers.recording(), tmp_path / "walk.html", names=["left_knee_deg"])
    opened(browser, tmp_path / "walk.html")
    bands = browser.run(
        "[...document.querySelectorAll('.band')].map((each) => each.getAttribute('d'))"
    )
    assert len(bands) == 1
    assert bands[0].count("Z") == 2  # in two parts about what is not known
    hatched = browser.run(
        """[...document.querySelectorAll("rect.hatched")].map((each) => {
            const plot = document.querySelector(".plot svg").viewBox.baseVal.width - 58;
            const start = (each.x.baseVal.value - 50) / plot;
            return [each.textContent, start * 90, (start + each.width.baseVal.value / plot) * 90];
        })"""
    )
    assert [kind for kind, _, _ in hatched] == ["left knee: filled", "left knee: doubtful"]
    np.testing.assert_allclose([times for _, *times in hatched], [[10, 20], [60, 90]], atol=0.2)
    keys = browser.run(
        "[...document.querySelectorAll('.key.hatched')].map((each) => each.textContent)"
    )
    assert keys == ["filled", "doubtful"]
    # The axis has room for the interval: 10 degrees about values from 0 to 60.
    path_y = [
        float(pair.split()[1])
        for pair in bands[0].replace("Z", "").replace("M", "L").split("L")[1:]
    ]
    assert min(path_y) >= 8
    assert max(path_y) <= 128


def module(browser: Browser, name: str, script: str) -> Any:
    """Return what a script makes of one of the page's modules."""
    return browser.run(f"import('limner/{name}.js').then((module) => {{ {script} }})")


class TestLevelsOfDetail:
    """Of a long line only as many points are drawn as can be told apart, and no peak is lost."""

    def points(self, browser: Browser, rows: list[int], values: list[float]) -> list[Any]:
        numbers = json.dumps([None if np.isnan(each) else each for each in values])
        found: list[Any] = module(
            browser,
            "levels",
            f"""const rows = Uint32Array.from({rows});
            const values = Float32Array.from({numbers}, (each) => each ?? NaN);
            const times = Array.from({{length: rows.at(-1) + 1}}, (_, at) => at / 100);
            const found = module.bunches(times, rows, 0, 1e9, 200);
            return module.points(times, rows, values, found);""",
        )
        return found

    def test_a_short_line_is_whole(self, browser: Browser, page: Path) -> None:
        opened(browser, page)
        found = self.points(browser, [0, 1, 2, 5, 6], [1, 2, float("nan"), 4, 5])
        assert found == [[0, 1], [0.01, 2], None, None, [0.05, 4], [0.06, 5]]

    def test_a_long_line_keeps_its_peaks_and_gaps(self, browser: Browser, page: Path) -> None:
        opened(browser, page)
        values = np.sin(np.arange(30000) / 3000)
        values[12345], values[23456] = 50, -50
        rows = [*range(15000), *range(16000, 31000)]
        found = self.points(browser, rows, values.tolist())
        assert len(found) <= 210
        known = [each for each in found if each is not None]
        assert [123.45, 50] in known
        assert [244.56, -50] in known
        gap = found.index(None)
        assert found.count(None) == 1
        assert found[gap - 1][0] < 150 < 160 <= found[gap + 1][0]
        assert known == sorted(known)


def test_zooming_shows_less_time_and_follows(browser: Browser, page: Path) -> None:
    opened(browser, page)
    width = "document.querySelector('.line').getAttribute('d').split(/[ML]/).length"
    whole = browser.run(width)
    browser.press("+")
    assert browser.run(width) < whole
    cursor = "document.querySelector('.plot .cursor').hidden"
    browser.press("End")
    shows(browser, 44)
    assert browser.run(cursor) is False
    browser.press("0")
    assert browser.run(width) == whole


def test_axes_have_round_numbers(browser: Browser, page: Path) -> None:
    opened(browser, page)
    found = module(
        browser,
        "scale",
        "return [module.ticks(0, 7.6, 8), module.ticks(-0.3, 0.3, 4), module.ticks(3, 3, 4)]",
    )
    assert found == [[0, 1, 2, 3, 4, 5, 6, 7], [-0.2, 0, 0.2], [3]]


def test_the_page_s_colours_are_the_video_s(browser: Browser, page: Path) -> None:
    opened(browser, page)
    style = "getComputedStyle(document.documentElement).getPropertyValue('--{}')"
    for name, color in {"left": LEFT, "right": RIGHT, "person-2": person_color(2)}.items():
        assert browser.run(style.format(name)) == hex_color(legible(color))
