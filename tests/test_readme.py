"""The README is true: its commands run, its files and tables are there."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from limner.core.arrays import Image
from limner.core.skeletons import SKELETONS
from limner.errors import ModelError
from limner.export import FORMATS
from limner.media.image import write_image
from limner.media.read import VideoReader
from limner.models.catalogue import DEMO_CLIP, catalogue
from limner.models.store import ensure
from support.clips import Clip, make
from support.material import not_there

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)
COMMANDS = [
    words
    for language, block in BLOCKS
    if language == "bash"
    for line in block.splitlines()
    if (words := shlex.split(line, comments=True))[0] in ("limner", "python")
]
MADE = {
    "dance_pose.mp4",
    "dance_pose.csv",
    "dance_pose.jsonl",
}


def run(arguments: list[str], folder: Path) -> str:
    done = subprocess.run(
        [sys.executable, *arguments],
        check=False,
        cwd=folder,
        capture_output=True,
        encoding="utf-8",
        env=os.environ | {"PYTHONIOENCODING": "utf-8"},
        timeout=240,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory, default_weights: list[Path]) -> Path:
    """A second and a half of the demo clip with both people, smaller."""
    try:
        (demo,) = ensure([catalogue().files[DEMO_CLIP]])
    except ModelError as error:
        not_there(f"needs the demo clip: {error}")
    with VideoReader(demo, start=2, end=3.5) as reader:
        frames = [cv2.resize(frame.image, (960, 540)) for frame in reader]

    def draw(number: int, width: int, height: int) -> Image:
        return np.asarray(frames[number], np.uint8)

    path = tmp_path_factory.mktemp("clip") / "dance.mp4"
    return make(path, Clip(width=960, height=540, frames=len(frames), audio="aac"), draw)


@pytest.fixture(scope="module")
def made(clip: Path) -> Path:
    """The folder with the clip and what `limner dance.mp4` makes of it."""
    run(["-m", "limner", "dance.mp4"], clip.parent)
    return clip.parent


def test_the_commands_that_set_it_up_come_first() -> None:
    bash = [block.strip() for language, block in BLOCKS if language == "bash"]
    assert bash[:2] == ["pip install . && limner demo", "pip install -e '.[test]' && pytest"]


def test_the_main_command_makes_what_the_readme_says(made: Path) -> None:
    assert {path.name for path in made.iterdir()} == MADE | {"dance.mp4"}
    for name in MADE:
        assert f"`{name}`" in TEXT
    columns = re.search(r"`(frame,time,[\w,]+),\.\.\.`", TEXT)
    assert columns
    with (made / "dance_pose.csv").open() as table:
        assert table.readline().startswith(columns[1] + ",")
        people = {line.split(",")[2] for line in table}
    assert people == {"1", "2"}


def test_every_command_runs_one_after_the_other(made: Path, tmp_path: Path) -> None:
    """As somebody types them, in one folder: none is in the way of another."""
    shutil.copy(made / "dance.mp4", tmp_path)
    (tmp_path / "photos").mkdir()
    with VideoReader(made / "dance.mp4") as reader:
        write_image(tmp_path / "photos" / "park.jpg", next(iter(reader)))
    for command in COMMANDS:
        before = set(tmp_path.rglob("*"))
        program = ["-m", *command] if command[0] == "limner" else command[1:]
        told = run(program, tmp_path)
        for path in set(tmp_path.rglob("*")) - before:
            assert path.is_dir() or path.stat().st_size > 0
        if command[1] in ("eval", "models"):
            assert told
        else:
            assert told.splitlines()
            for line in told.splitlines():
                assert (tmp_path / line).exists()


def test_the_python_runs(made: Path, tmp_path: Path) -> None:
    (code,) = [block for language, block in BLOCKS if language == "python"]
    for name in (*MADE, "dance.mp4"):
        shutil.copy(made / name, tmp_path)
    *frames, last = run(["-c", code], tmp_path).splitlines()
    assert len(frames) == 45
    assert frames[-1].endswith("(2, 33, 2)")
    assert last == "(15, 2, 33, 2) (15, 2)"


def test_every_link_leads_somewhere() -> None:
    for page in (ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").glob("*.md")):
        for target in re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text(encoding="utf-8")):
            if not target.startswith("https://"):
                assert (page.parent / target).exists(), f"{page.name}: {target}"


def test_every_format_is_named_and_every_name_is_a_format() -> None:
    section = TEXT.split("## Formats")[1].split("##")[0]
    assert set(re.findall(r"`([\w-]+)`", section)) == set(FORMATS)


def test_the_table_of_models_is_the_catalogue() -> None:
    rows = re.findall(r"^\| `([\w-]+)`[^|]* \| (\d+)[^|]* \| ([^|]+) \| ([^|]+) \|$", TEXT, re.M)
    expected = [
        (model.name, str(len(SKELETONS[model.skeleton])), model.licence, model.owner)
        for model in catalogue().models.values()
    ]
    assert rows == expected


def test_the_notice_names_every_file_that_is_fetched() -> None:
    notice = (ROOT / "NOTICE").read_text(encoding="utf-8")
    for name in catalogue().files:
        assert name in notice


def test_the_picture_is_small() -> None:
    assert (ROOT / "docs" / "images" / "demo.jpg").stat().st_size < 200_000


def test_the_design_names_what_is_there() -> None:
    """Every room is described, and everything described is a room."""
    text = (ROOT / "docs" / "design.md").read_text(encoding="utf-8")
    source = ROOT / "src" / "limner"
    for name in re.findall(r"`([\w/]+\.py)`", text):
        assert (source / name).is_file() or (ROOT / name).is_file(), name
    rooms = {path.parent.name for path in source.glob("*/__init__.py")}
    assert set(re.findall(r"^\| `(\w+)/` \|", text, re.MULTILINE)) == rooms
