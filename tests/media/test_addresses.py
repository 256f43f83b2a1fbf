"""Names and contents that FFmpeg would take for addresses: what is a file is read as one."""

from __future__ import annotations

import os
import socket
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from limner.errors import InputError
from limner.media.inputs import Input, expand
from limner.media.read import VideoReader
from limner.pipeline.annotate import annotate_input
from limner.settings import Settings
from support.clips import Clip, make
from support.people import FakeModel

pytestmark = [
    pytest.mark.timeout(60),
    pytest.mark.skipif(sys.platform == "win32", reason="Windows allows no such names"),
]

NAMES = [
    "http:127.0.0.1:{port}?x.mp4",
    "tcp:127.0.0.1:{port}?x.mp4",
    "file:plain.mp4",
    "subfile,,start,0,end,9,,:plain.mp4",
    "concat:plain.mp4|plain.mp4",
    "crypto+file:plain.mp4",
    "pipe:0.mp4",
    "take:1.mp4",
    "take%03d.mp4",
    "-take.mp4",
]


class Server:
    """Notes who connects to a port of this machine."""

    def __init__(self) -> None:
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.port = self.listening.getsockname()[1]
        self.asked: list[bytes] = []
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def _listen(self) -> None:
        while True:
            try:
                connection, _ = self.listening.accept()
            except OSError:
                return
            with connection:
                self.asked.append(connection.recv(1000))

    def close(self) -> None:
        self.listening.shutdown(socket.SHUT_RDWR)
        self.listening.close()
        self._thread.join(10)


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server()
    yield server
    server.close()


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_no_address(
    name: str, tmp_path: Path, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    make(tmp_path / "plain.mp4", Clip(frames=12))
    name = name.format(port=server.port)
    make(tmp_path / "other.mp4", Clip(frames=20, audio="aac")).rename(name)
    (source,) = expand([name])
    done = annotate_input(source, FakeModel(), Settings(output="made"))
    assert (done.frames, done.problems) == (20, [])
    done = annotate_input(Input(Path("plain.mp4")), FakeModel(), Settings(output=f"drawn-{name}"))
    assert done.paths[0] == Path(f"drawn-{name}")
    done = annotate_input(
        Input(Path("plain.mp4")), FakeModel(), Settings(output=name, overwrite=True)
    )
    with VideoReader(name) as reader:
        assert sum(1 for _ in reader) == 12
    assert server.asked == []


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
@pytest.mark.parametrize("piped", [False, True])
@pytest.mark.parametrize("ending", [".m3u8", ".sdp", ".mp4"])
@pytest.mark.parametrize("kind", ["hls", "sdp", "concat"])
def test_what_a_file_holds_leads_to_no_network(
    kind: str, ending: str, piped: bool, tmp_path: Path, server: Server
) -> None:
    text = {
        "hls": f"#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nhttp://127.0.0.1:{server.port}/a.ts\n"
        "#EXT-X-ENDLIST\n",
        "sdp": "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\n"
        "m=video 5004 RTP/AVP 96\na=rtpmap:96 H264/90000\n",
        "concat": f"ffconcat version 1.0\nfile http://127.0.0.1:{server.port}/a.ts\n",
    }[kind]
    path = tmp_path / f"list{ending}"
    feeder = threading.Thread(target=path.write_text, args=(text,))
    if piped:
        os.mkfifo(path)
    feeder.start()
    if not piped:
        feeder.join()
    with pytest.raises(InputError, match="list"):
        VideoReader(path)
    feeder.join(10)
    assert server.asked == []


@pytest.mark.parametrize("piped", [False, True])
@pytest.mark.parametrize("ending", [".m3u8", ".sdp", ".mp4", ".ts"])
@pytest.mark.parametrize("kind", ["hls", "concat"])
def test_what_a_file_holds_leads_to_no_other_file(
    kind: str, ending: str, piped: bool, tmp_path: Path
) -> None:
    """A list that somebody sends must not put a private video beside it into the results."""
    if piped and not hasattr(os, "mkfifo"):
        pytest.skip("needs named pipes")
    make(tmp_path / "private.ts", Clip(frames=12))
    text = {
        "hls": "#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nprivate.ts\n#EXT-X-ENDLIST\n",
        "concat": "ffconcat version 1.0\nfile private.ts\n",
    }[kind]
    path = tmp_path / f"list{ending}"
    feeder = threading.Thread(target=path.write_text, args=(text,))
    if piped:
        os.mkfifo(path)
    feeder.start()
    if not piped:
        feeder.join()
        assert [each.error is None for each in expand([str(path)])] == [ending in (".mp4", ".ts")]
    with pytest.raises(InputError, match=r"list.*a video|list.*name the videos"):
        VideoReader(path)
    feeder.join(10)
