"""Fixtures that every test may use."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.database import DirectoryBasedExampleDatabase

from limner import annotate
from limner.errors import ModelError
from limner.models.catalogue import DEFAULT_MODEL, catalogue
from limner.models.store import ensure
from support.cli_run import Limner
from support.clips import Clip, make
from support.material import not_there
from support.people import FakeModel

ROOT = Path(__file__).parents[1]


# Each profile says all that Hypothesis would else take from the clock or from the variable CI: no
# test fails because the machine is busy, and it explores the same way wherever it runs.
settings.register_profile(
    "default",
    max_examples=50,
    deadline=None,
    derandomize=False,
    # What failed once is tried first the next time.
    database=DirectoryBasedExampleDatabase(ROOT / ".hypothesis" / "examples"),
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile("nightly", settings.get_profile("default"), max_examples=1000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))


@pytest.fixture
def unmeasured(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep coverage out of what a test starts: on a full disk it could not write its own file."""
    for name in [name for name in os.environ if name.startswith("COVERAGE")]:
        monkeypatch.delenv(name)


@pytest.fixture(scope="session")
def shared() -> Path:
    """Return the folder of real images, clips and weights that lies beside the project."""
    folder = ROOT.parent / "shared"
    if not folder.is_dir():
        not_there(f"needs the real material in {folder}")
    return folder


@pytest.fixture(scope="session")
def weights() -> list[Path]:
    """Return BlazePose's files, fetched where they are not there yet."""
    return _files("blazepose-full")


@pytest.fixture(scope="session")
def default_weights() -> list[Path]:
    """Return the default model's files, fetched where they are not there yet."""
    return _files(DEFAULT_MODEL)


def _files(model: str) -> list[Path]:
    try:
        return ensure(catalogue().model(model).files)
    except ModelError as error:
        not_there(f"needs {model}: {error}")


@pytest.fixture(scope="session")
def demo_recording(
    default_weights: list[Path], shared: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """Return the recording of the sample clip, measured once with the default model."""
    source = shared / "data" / "videos" / "sports2d_demo.mp4"
    folder = tmp_path_factory.mktemp("demo")
    return annotate(source, output=folder, video=False, format=("jsonl",)).paths[0]


@pytest.fixture
def limner(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Limner:
    """Run the command line with the real models."""
    monkeypatch.setenv("COLUMNS", "100")
    return Limner(monkeypatch, capsys)


@pytest.fixture
def fake(limner: Limner) -> Limner:
    """Run the command line with a model that sees one walker."""
    limner.see(FakeModel())
    return limner


@pytest.fixture(scope="session")
def make_clip(tmp_path_factory: pytest.TempPathFactory) -> Callable[[], bytes]:
    """Return what gives the bytes of a clip of one second with audio."""
    path = make(
        tmp_path_factory.mktemp("clip") / "walk.mp4",
        Clip(frames=30, width=160, height=120, audio="aac"),
    )
    return path.read_bytes


@pytest.fixture
def clip(tmp_path: Path, make_clip: Callable[[], bytes], monkeypatch: pytest.MonkeyPatch) -> Path:
    """A clip, alone in the current folder."""
    monkeypatch.chdir(tmp_path)
    Path("walk.mp4").write_bytes(make_clip())
    return Path("walk.mp4")
