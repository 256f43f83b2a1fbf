"""Packages of Python are looked up where the user's pip would look."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from limner.models.store import pypi


class TestPipSettings:
    def listing(self, monkeypatch: pytest.MonkeyPatch, text: str) -> dict[str, str]:
        for name in ("PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "PIP_CERT"):
            monkeypatch.delenv(name, raising=False)
        done = subprocess.CompletedProcess([], 0, stdout=text, stderr="")
        monkeypatch.setattr(subprocess, "run", lambda *_, **__: done)
        return dict(pypi._pip_settings())

    def test_later_settings_win(self, monkeypatch: pytest.MonkeyPatch) -> None:
        text = "global.index-url='https://one.test/simple'\nuser.index-url='https://two.test'\n"
        assert self.listing(monkeypatch, text) == {"index-url": "https://two.test"}

    def test_a_list_of_lines_is_a_list(self, monkeypatch: pytest.MonkeyPatch) -> None:
        text = r"global.extra-index-url='\nhttps://one.test\nhttps://two.test'"
        settings = self.listing(monkeypatch, text)
        assert settings["extra-index-url"].split() == ["https://one.test", "https://two.test"]

    def test_without_pip_the_environment_counts(self, monkeypatch: pytest.MonkeyPatch) -> None:
        done = subprocess.CompletedProcess([], 1, stdout="", stderr="No module named pip")
        monkeypatch.setattr(subprocess, "run", lambda *_, **__: done)
        monkeypatch.setenv("PIP_INDEX_URL", "https://mirror.test/simple")
        assert dict(pypi._pip_settings())["index-url"] == "https://mirror.test/simple"

    def test_the_real_pip_is_understood(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        configuration = tmp_path / "pip.conf"
        configuration.write_text("[global]\nindex-url = https://mirror.test/it's/simple\n")
        monkeypatch.setenv("PIP_CONFIG_FILE", str(configuration))
        for name in ("PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL"):
            monkeypatch.delenv(name, raising=False)
        settings = dict(pypi._pip_settings())
        assert settings["index-url"] == "https://mirror.test/it's/simple"
