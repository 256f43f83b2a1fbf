"""The command line, run in this process."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from limner.cli import main
from limner.settings import Settings
from support.people import FakeModel


@dataclass
class Run:
    """What came of a command.

    Attributes:
        code: its exit code.
        out: what it wrote to stdout.
        err: what it wrote to stderr.
    """

    code: int
    out: str
    err: str


@dataclass
class Limner:
    """Runs ``limner`` with arguments.

    Attributes:
        model: what it sees people with; None for the real ones.
        settings: those of the runs so far.
    """

    monkeypatch: pytest.MonkeyPatch
    capsys: pytest.CaptureFixture[str]
    model: FakeModel | None = None
    settings: list[Settings] = field(default_factory=list)

    def __call__(self, *arguments: str | Path) -> Run:
        self.monkeypatch.setattr(sys, "argv", ["limner", *map(str, arguments)])
        self.capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        out, err = self.capsys.readouterr()
        code = ended.value.code
        assert code is None or isinstance(code, int)
        return Run(code or 0, out, err)

    def see(self, model: FakeModel) -> None:
        """See people with this model from now on."""

        def open_model(settings: Settings) -> FakeModel:
            self.settings.append(settings)
            return model

        self.model = model
        self.monkeypatch.setattr("limner.cli.run.open_model", open_model)
