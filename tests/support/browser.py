"""A headless Chromium, driven over a pipe by the DevTools protocol."""

from __future__ import annotations

import base64
import contextlib
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any

import cv2
import numpy as np

from limner.core.arrays import Image

_NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
# The pipes are POSIX's.
_USABLE = _NAMES if os.name == "posix" else ()
CHROMIUM = next((path for name in _USABLE if (path := shutil.which(name))), None)
# It does nothing of its own: no updates, no reports.
_QUIET = (
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
    *("--no-first-run", "--disable-quic", "--hide-scrollbars", "--mute-audio"),
)
# The browser reads commands from descriptor 3 and writes to 4.
_LAUNCH = "import os, sys; os.dup2({0}, 3); os.dup2({1}, 4); os.execv(sys.argv[1], sys.argv[1:])"
_SECONDS = 60.0
_KEYS = {" ": "Space", ",": "Comma", ".": "Period", "+": "Equal", "-": "Minus", "0": "Digit0"}


class Browser:
    """One page in a browser."""

    def __init__(self, profile: Path) -> None:
        import fcntl

        assert CHROMIUM is not None
        reads, self._writes = os.pipe()
        self._reads, writes = os.pipe()
        # Descriptors that are not in the way of 3 and 4.
        far = [fcntl.fcntl(each, fcntl.F_DUPFD, 10) for each in (reads, writes)]
        self._process = subprocess.Popen(
            [
                *(sys.executable, "-c", _LAUNCH.format(*far), CHROMIUM, "--headless"),
                *("--no-sandbox", "--disable-gpu", "--remote-debugging-pipe", *_QUIET),
                *("--autoplay-policy=no-user-gesture-required", f"--user-data-dir={profile}"),
                "about:blank",
            ],
            pass_fds=far,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for each in (reads, writes, *far):
            os.close(each)
        self._buffer = b""
        self._count = 0
        self._session: str | None = None
        self.errors: list[str] = []
        pages = self.send("Target.getTargets")["targetInfos"]
        target = next(each for each in pages if each["type"] == "page")["targetId"]
        attached = self.send("Target.attachToTarget", targetId=target, flatten=True)
        self._session = attached["sessionId"]
        for domain in ("Page", "Runtime"):
            self.send(f"{domain}.enable")

    def __enter__(self) -> Browser:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._session = None
        with contextlib.suppress(OSError, EOFError):
            self.send("Browser.close")
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        os.close(self._reads)
        os.close(self._writes)

    def send(self, method: str, **parameters: Any) -> Any:
        """Send a command and return its answer."""
        self._count += 1
        message = {"id": self._count, "method": method, "params": parameters}
        if self._session is not None:
            message["sessionId"] = self._session
        os.write(self._writes, json.dumps(message).encode() + b"\0")
        for answer in self._messages():
            if answer.get("method") == "Runtime.exceptionThrown":
                details = answer["params"]["exceptionDetails"]
                self.errors.append(details.get("exception", details).get("description", "error"))
            if answer.get("id") == self._count:
                assert "error" not in answer, answer
                return answer["result"]
        raise EOFError("the browser has ended")

    def _messages(self) -> Iterator[Any]:
        while True:
            while b"\0" in self._buffer:
                message, self._buffer = self._buffer.split(b"\0", 1)
                yield json.loads(message)
            piece = os.read(self._reads, 1 << 20)
            if not piece:
                return
            self._buffer += piece

    def open(self, page: Path, width: int = 1440, height: int = 900, phone: bool = False) -> None:
        """Open a file at a size of the window."""
        self.send(
            "Emulation.setDeviceMetricsOverride",
            width=width, height=height, deviceScaleFactor=1, mobile=phone,
        )  # fmt: skip
        self.send("Emulation.setTouchEmulationEnabled", enabled=phone, maxTouchPoints=1)
        self.send("Page.navigate", url=page.as_uri())
        self.until("document.readyState === 'complete' && !location.href.startsWith('about')")

    def run(self, script: str) -> Any:
        """Return the value of an expression, of what it promises if it is a promise."""
        result = self.send(
            "Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True
        )
        assert "exceptionDetails" not in result, result["exceptionDetails"]
        return result["result"].get("value")

    def until(self, script: str) -> Any:
        """Wait until an expression is true, and return its value."""
        end = time.monotonic() + _SECONDS
        while not (value := self.run(script)):
            assert time.monotonic() < end, f"never came true: {script}"
            time.sleep(0.02)
        return value

    def dark(self, on: bool = True) -> None:
        """Prefer dark pages."""
        feature = {"name": "prefers-color-scheme", "value": "dark" if on else "light"}
        self.send("Emulation.setEmulatedMedia", features=[feature])

    def press(self, key: str) -> None:
        """Press and release a key."""
        named = {"key": key, "code": _KEYS.get(key, key)}
        text = {"text": key} if len(key) == 1 else {}
        self.send("Input.dispatchKeyEvent", type="keyDown", **named, **text)
        self.send("Input.dispatchKeyEvent", type="keyUp", **named)

    def box(self, selector: str) -> tuple[float, float, float, float]:
        """Return left, top, width and height of an element that is scrolled into view."""
        x, y, width, height = self.run(
            f"""(() => {{
                const element = document.querySelector({json.dumps(selector)});
                element.scrollIntoView({{block: "center", behavior: "instant"}});
                const {{x, y, width, height}} = element.getBoundingClientRect();
                return [x, y, width, height];
            }})()"""
        )
        return x, y, width, height

    def drag(self, start: tuple[float, float], end: tuple[float, float], steps: int = 8) -> None:
        """Drag with the mouse."""
        for number in range(steps + 1):
            x, y = (a + (b - a) * number / steps for a, b in zip(start, end, strict=True))
            kind = "mousePressed" if number == 0 else "mouseMoved"
            self._mouse(kind, x, y)
        self._mouse("mouseReleased", *end)

    def click(self, x: float, y: float) -> None:
        """Click with the mouse."""
        self.drag((x, y), (x, y), 1)

    def _mouse(self, kind: str, x: float, y: float) -> None:
        self.send(
            "Input.dispatchMouseEvent",
            type=kind, x=x, y=y, button="left", buttons=1, clickCount=1,
        )  # fmt: skip

    def swipe(self, start: tuple[float, float], way: tuple[float, float]) -> None:
        """Move a finger over the screen."""
        for number in range(11):
            x, y = (a + b * number / 10 for a, b in zip(start, way, strict=True))
            kind = "touchStart" if number == 0 else "touchMove"
            self.send("Input.dispatchTouchEvent", type=kind, touchPoints=[{"x": x, "y": y}])
        self.send("Input.dispatchTouchEvent", type="touchEnd", touchPoints=[])

    def screenshot(self, path: Path | None = None, whole: bool = False) -> bytes:
        """Return what is shown, as a PNG."""
        shot = self.send("Page.captureScreenshot", format="png", captureBeyondViewport=whole)
        data = base64.b64decode(shot["data"])
        if path is not None:
            path.write_bytes(data)
        return data

    def pdf(self) -> bytes:
        """Print the page."""
        printed = self.send("Page.printToPDF", printBackground=False, preferCSSPageSize=True)
        return base64.b64decode(printed["data"])

    def pixels(self, source: str) -> Image:
        """Return the image of a video or canvas, named by a selector."""
        address = self.run(
            f"""(() => {{
                const source = document.querySelector({json.dumps(source)});
                const canvas = document.createElement("canvas");
                canvas.width = source.videoWidth || source.width;
                canvas.height = source.videoHeight || source.height;
                canvas.getContext("2d").drawImage(source, 0, 0);
                return canvas.toDataURL();
            }})()"""
        )
        data = np.frombuffer(base64.b64decode(address.partition(",")[2]), np.uint8)
        image = cv2.imdecode(data, cv2.IMREAD_COLOR_RGB)
        assert image is not None
        return np.asarray(image, np.uint8)
