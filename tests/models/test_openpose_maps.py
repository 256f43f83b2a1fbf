"""Networks that are right, wrong and broken, made here; and sizes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import openvino as ov
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openvino import opset13 as ops

from limner.core.frame import Frame
from limner.errors import BackendError, LimnerError, ModelError, UsageError
from limner.models.openpose import OpenPose, Preprocess
from limner.models.openpose.layout import CHANNELS
from limner.models.openpose.maps import LARGEST, Maps, average, fit, stretch
from limner.runtime import Runtime, load_network
from limner.runtime.graphdef import _varint


def toy_network(path: Path, channels: int = CHANNELS, rows: int | None = None) -> Path:
    """Write a network whose maps repeat the mean colours of 8x8 pixels over the channels."""
    pixels = ops.parameter([-1, -1, -1, 3], np.float32, name="image")
    first = ops.transpose(pixels, np.array([0, 3, 1, 2]))
    means = ops.avg_pool(first, [8, 8], [0, 0], [0, 0], [8, 8], exclude_pad=True)
    weights = np.zeros((channels, 3, 1, 1), np.float32)
    weights[np.arange(channels), np.arange(channels) % 3] = 1
    maps = ops.convolution(means, weights, [1, 1], [0, 0], [0, 0], [1, 1])
    if rows is not None:
        maps = ops.reshape(maps, np.array([1, channels, rows, rows]), False)
    last = ops.transpose(maps, np.array([0, 2, 3, 1]))
    ov.save_model(ov.Model([last], [pixels]), path, compress_to_fp16=False)
    return path


@pytest.fixture(scope="module")
def toy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return toy_network(tmp_path_factory.mktemp("toy") / "toy.xml")


COLOURS = np.full((64, 96, 3), (10, 60, 200), np.uint8)


@pytest.mark.parametrize(
    ("preprocess", "expected"),
    [
        (Preprocess("rgb", 0, 1), (10, 60, 200)),
        (Preprocess("bgr", 0, 1), (200, 60, 10)),
        (Preprocess("rgb", 127.5, 1), (-117.5, -67.5, 72.5)),
        (Preprocess("bgr", 100, 0.01), (1.0, -0.4, -0.9)),
    ],
)
def test_pixels_reach_the_network_as_asked(
    toy: Path, preprocess: Preprocess, expected: tuple[float, ...]
) -> None:
    maps = Maps(toy, Runtime(), preprocess)(COLOURS)
    assert maps.shape == (8, 12, CHANNELS)
    assert maps[3, 5, :3] == pytest.approx(expected, abs=1e-3)


def test_one_size_or_any_gives_the_same(toy: Path) -> None:
    network = Maps(toy, Runtime(), Preprocess())
    image = np.random.default_rng(0).integers(0, 256, (80, 128, 3)).astype(np.uint8)
    assert network(image, repeated=True) == pytest.approx(network(image), abs=1e-4)


def test_networks_for_one_size_are_bounded(toy: Path) -> None:
    network = Maps(toy, Runtime(), Preprocess())
    for side in range(64, 64 + 16 * 8, 16):
        network(np.zeros((side, side, 3), np.uint8), repeated=True)
    assert len(network._networks) == 4


def test_a_network_for_one_size_says_so(tmp_path: Path) -> None:
    path = toy_network(tmp_path / "fixed.xml", rows=20)
    assert Maps(path, Runtime(), Preprocess()).fixed == (160, 160)
    picture = Frame(np.zeros((90, 200, 3), np.uint8))
    assert OpenPose([path], name="fixed").maps(picture).shape == (20, 20, CHANNELS)
    with pytest.raises(BackendError, match="cannot be made to take images of 320x240"):
        load_network(path, input_shape=(1, 240, 320, 3))
    with pytest.raises(UsageError, match="takes images of 160x160 only, not of net size 432"):
        OpenPose([path], name="fixed", net_size=432)


def test_a_flip_averages_columns_that_mirror(toy: Path) -> None:
    network = Maps(toy, Runtime(), Preprocess("rgb", 0, 1))
    image = np.zeros((64, 64, 3), np.uint8)
    image[:, :8] = 100
    maps = network(image, flip=True)
    # The background channel has no left or right.
    assert maps[0, :, 18] == pytest.approx([100] + [0] * 7, abs=1e-3)


def test_sizes_are_averaged_on_the_largest_grid() -> None:
    small, large = np.full((4, 6, 57), 1, np.float32), np.full((8, 12, 57), 3, np.float32)
    assert average([small, large]) == pytest.approx(np.full((8, 12, 57), 2), abs=1e-5)


def test_averaging_keeps_places() -> None:
    y, x = np.mgrid[:8, :12] + 0.5
    small = np.repeat((x + y)[..., None], 57, axis=2).astype(np.float32)
    y, x = (np.mgrid[:16, :24] + 0.5) / 2
    large = np.repeat((x + y)[..., None], 57, axis=2).astype(np.float32)
    inner = np.s_[4:-4, 4:-4]
    assert average([small, large])[inner] == pytest.approx(large[inner], abs=0.06)


def test_stretching_fills_the_input() -> None:
    image = np.zeros((60, 100, 3), np.uint8)
    image[:, 50:] = 255
    patch = stretch(Frame(image), (64, 128))
    assert patch.shape == (128, 64, 3)
    assert patch[2:-2, 2:30].max() == 0
    assert patch[2:-2, 34:-2].min() == 255


@pytest.mark.parametrize(
    ("image", "net_size", "side", "multiple", "expected"),
    [
        ((640, 480), 432, "long", 16, (432, 320)),
        ((480, 640), 432, "long", 16, (320, 432)),
        ((640, 480), 368, "short", 16, (496, 368)),
        ((640, 427), 432, "long", 8, (432, 288)),
        ((1768, 994), 656, "long", 8, (656, 368)),
        ((100_000, 2), 432, "long", 16, (432, 64)),
        ((100_000, 2), 432, "short", 16, (2048, 64)),
        ((1, 1), 432, "long", 16, (432, 432)),
    ],
)
def test_the_aspect_is_kept(
    image: tuple[int, int], net_size: int, side: str, multiple: int, expected: tuple[int, int]
) -> None:
    assert fit(image, net_size, side, multiple) == expected  # type: ignore[arg-type]


@given(
    st.tuples(st.integers(1, 20_000), st.integers(1, 20_000)),
    st.integers(64, 2048),
    st.sampled_from(["long", "short"]),
    st.sampled_from([8, 16]),
)
def test_sizes_are_always_possible(
    picture: tuple[int, int], net_size: int, side: str, multiple: int
) -> None:
    width, height = fit(picture, net_size, side, multiple)  # type: ignore[arg-type]
    assert width % multiple == 0
    assert height % multiple == 0
    assert 64 <= min(width, height) <= max(width, height) <= LARGEST


@pytest.mark.parametrize("net_size", [0, -8, 63, 2049, 100_000, (432, 0)])
def test_an_impossible_net_size_is_refused(toy: Path, net_size: int | tuple[int, ...]) -> None:
    with pytest.raises(UsageError, match=r"^net size -?\d+: expected 64 to 2048 pixels$"):
        OpenPose([toy], name="toy", net_size=net_size)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"side": "both"}, "side 'both': expected long or short"),
        ({"multiple": 7}, "net size multiple 7: expected 8 or 16"),
        ({"threshold": 1.5}, "threshold 1.5: expected 0 to 1"),
        ({"max_people": 0}, "max people 0: expected 1 or more"),
    ],
)
def test_options_that_make_no_sense(toy: Path, options: dict[str, object], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        OpenPose([toy], name="toy", **options)  # type: ignore[arg-type]


def refusal(path: Path, backend: str = "auto") -> str:
    with pytest.raises(LimnerError) as caught:
        OpenPose([path], Runtime(backend), name="mine")
    assert isinstance(caught.value, ModelError)
    message = str(caught.value)
    assert str(path) in message
    assert "\n" not in message
    return message


@pytest.mark.parametrize("backend", ["auto", "opencv"])
@pytest.mark.parametrize("content", [b"", b"this is no graph\n" * 9, bytes(range(256)) * 40])
def test_a_file_that_is_no_graph(tmp_path: Path, content: bytes, backend: str) -> None:
    path = tmp_path / "graph_opt.pb"
    path.write_bytes(content)
    assert "expected a frozen TensorFlow graph" in refusal(path, backend)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    assert "no such network file" in refusal(tmp_path / "graph_opt.pb")


@pytest.mark.parametrize("channels", [19, 44, 78])
def test_a_network_without_57_channels(tmp_path: Path, channels: int) -> None:
    path = toy_network(tmp_path / "other.xml", channels=channels)
    assert "expected 57 channels out" in refusal(path)
    assert f"got {channels}" in refusal(path)


@pytest.mark.parametrize("share", [0.01, 0.3, 0.6, 0.9, 0.999])
def test_a_truncated_graph(shared: Path, tmp_path: Path, share: float) -> None:
    whole = (shared / "models/openpose-mobilenet-v2-small/graph_opt.pb").read_bytes()
    path = tmp_path / "graph_opt.pb"
    path.write_bytes(whole[: int(len(whole) * share)])
    refusal(path)


def test_a_graph_that_lacks_its_last_nodes(shared: Path, tmp_path: Path) -> None:
    whole = (shared / "models/openpose-mobilenet-v2-small/graph_opt.pb").read_bytes()
    ends = [0]
    while ends[-1] < len(whole):
        value, after = _varint(memoryview(whole), ends[-1] + 1)
        ends.append(after + value)
    path = tmp_path / "graph_opt.pb"
    path.write_bytes(whole[: ends[len(ends) // 2]])
    refusal(path)


def test_a_picture_too_thin_for_any_network(toy: Path) -> None:
    model = OpenPose([toy], name="toy")
    poses = model.estimate([Frame(np.zeros((2, 100_000, 3), np.uint8), index=3, time=0.5)])[0]
    assert (len(poses), poses.index, poses.time) == (0, 3, 0.5)
