"""Single files are taken out of archives, and nothing that an archive says leads elsewhere."""

from __future__ import annotations

import io
import stat
import tarfile
import zipfile
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from limner.errors import DownloadError
from limner.models.store.archives import Wanted, extract
from support.web_site import tarball

CONTENT = b"weights" * 20_000
PATH = "package/models/net.bin"
ABSOLUTE = ["/etc/passwd", "C:/net.bin", "\\\\host\\net.bin", "C:net.bin"]
OUTSIDE = ["../net.bin", "package/../../net.bin", "package\\..\\..\\net.bin", "..", *ABSOLUTE]


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "out" / "net.bin"


@pytest.fixture(autouse=True)
def out(target: Path) -> Path:
    target.parent.mkdir()
    return target.parent


def packed(folder: Path, kind: str, members: dict[str, bytes]) -> Path:
    path = folder / f"toys{kind}"
    if kind == ".tgz":
        path.write_bytes(tarball(members))
        return path
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


@pytest.mark.parametrize("kind", [".tgz", ".whl"])
class TestBothKinds:
    def test_what_is_wanted_is_copied(self, kind: str, tmp_path: Path, target: Path) -> None:
        archive = packed(tmp_path, kind, {"package/other": b"other", PATH: CONTENT})
        extract(archive, [Wanted(PATH, len(CONTENT), target)])
        assert target.read_bytes() == CONTENT
        assert list(target.parent.iterdir()) == [target]

    def test_what_is_missing_is_named(self, kind: str, tmp_path: Path, target: Path) -> None:
        archive = packed(tmp_path, kind, {"package/other": b"other"})
        with pytest.raises(DownloadError, match=rf"^{PATH} is not in toys\{kind}$"):
            extract(archive, [Wanted(PATH, len(CONTENT), target)])

    @pytest.mark.parametrize(("size", "match"), [(-1, "has more than"), (1, "has 140,000 of the")])
    def test_another_size(
        self, size: int, match: str, kind: str, tmp_path: Path, target: Path
    ) -> None:
        archive = packed(tmp_path, kind, {PATH: CONTENT})
        with pytest.raises(DownloadError, match=match):
            extract(archive, [Wanted(PATH, len(CONTENT) + size, target)])
        assert target.stat().st_size <= len(CONTENT)

    @pytest.mark.parametrize("name", OUTSIDE)
    def test_a_path_that_leads_out(
        self, name: str, kind: str, tmp_path: Path, target: Path
    ) -> None:
        archive = packed(tmp_path, kind, {name: b"elsewhere", PATH: CONTENT})
        with pytest.raises(DownloadError, match=r"has a member whose path leads out of it"):
            extract(archive, [Wanted(PATH, len(CONTENT), target)])
        assert list(target.parent.iterdir()) == []
        assert sorted(p.name for p in tmp_path.iterdir()) == ["out", archive.name]

    def test_what_is_no_archive(self, kind: str, tmp_path: Path, target: Path) -> None:
        archive = tmp_path / f"toys{kind}"
        archive.write_bytes(b"<html>please log in</html>")
        with pytest.raises(DownloadError, match=r"cannot be read as an archive"):
            extract(archive, [Wanted(PATH, len(CONTENT), target)])

    @given(data=st.data())
    @settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
    def test_a_damaged_one_is_a_sentence(
        self, data: st.DataObject, kind: str, tmp_path: Path, target: Path
    ) -> None:
        """Wherever it is cut or changed, the file comes out as long as it was, or a sentence."""
        whole = packed(tmp_path, kind, {PATH: CONTENT}).read_bytes()
        changed = bytearray(whole[: data.draw(st.integers(0, len(whole)))])
        for place in data.draw(st.lists(st.integers(0, len(whole) - 1), max_size=3)):
            if place < len(changed):
                changed[place] ^= data.draw(st.integers(0, 255))
        archive = tmp_path / f"damaged{kind}"
        archive.write_bytes(changed)
        with suppress(DownloadError):
            extract(archive, [Wanted(PATH, len(CONTENT), target)])
            assert target.stat().st_size == len(CONTENT)


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.DIRTYPE])
def test_links_in_a_tarball(kind: bytes, tmp_path: Path, target: Path) -> None:
    archive = tmp_path / "toys.tgz"
    with tarfile.open(archive, "w:gz") as tar:
        for name, content in (("secret", b"secret"),):
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
        info = tarfile.TarInfo(PATH)
        info.type, info.linkname = kind, "secret"
        tar.addfile(info)
    with pytest.raises(DownloadError, match=rf"{PATH} in toys.tgz is a link or folder, not a file"):
        extract(archive, [Wanted(PATH, len(CONTENT), target)])
    assert list(target.parent.iterdir()) == []


def test_a_link_in_a_wheel(tmp_path: Path, target: Path) -> None:
    archive = tmp_path / "toys.whl"
    with zipfile.ZipFile(archive, "w") as packed:
        info = zipfile.ZipInfo(PATH)
        info.external_attr = (stat.S_IFLNK | 0o777) << 16
        packed.writestr(info, "/etc/passwd")
    with pytest.raises(DownloadError, match="is a link or folder, not a file"):
        extract(archive, [Wanted(PATH, len(CONTENT), target)])
