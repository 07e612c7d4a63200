"""What is missing on a bare machine is named, with what to do about it."""

import subprocess
from pathlib import Path
from typing import Any

import pytest

from auditsite import install


@pytest.fixture(autouse=True)
def _elsewhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(install, "VENV", tmp_path / "venv")
    monkeypatch.setattr(install, "PYTHON", tmp_path / "venv" / "bin" / "python")
    monkeypatch.setattr(install, "STAMP", tmp_path / "venv" / "installed")
    monkeypatch.setattr(install, "LOG", tmp_path / "log" / "install.log")


def test_an_old_python_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(install, "OLDEST", (99, 0))
    with pytest.raises(SystemExit, match=r"needs Python 3\.12 or newer, and this is 3\."):
        install.main()


def test_debians_missing_package_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def without_ensurepip(command: list[str], **_: Any) -> subprocess.CompletedProcess[str]:
        (tmp_path / "venv").mkdir()
        return subprocess.CompletedProcess(command, 1, "because ensurepip is not available.")

    monkeypatch.setattr(subprocess, "run", without_ensurepip)
    with pytest.raises(SystemExit, match=r"apt install python3\.\d+-venv"):
        install.main()
    assert not (tmp_path / "venv").exists()


@pytest.mark.parametrize(
    ("log", "sentence"),
    [
        ("WARNING: Retrying after NewConnectionError\n", "the package index can't be reached."),
        ("(from versions: 1.0)\n", "no ready-made package of x==2 for this Python and machine."),
        ("(from versions: none)\n", "or the package index can't be reached."),
    ],
)
def test_a_failed_installation_is_explained(log: str, sentence: str) -> None:
    install.LOG.parent.mkdir()
    install.LOG.write_text(log)
    error = "ERROR: No matching distribution found for x==2\n"
    assert install._explained(error).endswith(sentence)


def test_an_installed_lock_is_not_installed_again(monkeypatch: pytest.MonkeyPatch) -> None:
    install.PYTHON.parent.mkdir(parents=True)
    install.PYTHON.touch()
    monkeypatch.setattr(install, "_install", lambda: pytest.fail("installed again"))
    install.STAMP.write_text(install._wanted())
    install.main()

    installed = []
    monkeypatch.setattr(install, "_install", lambda: installed.append(True))
    install.STAMP.write_text("another lock")
    install.main()
    assert installed
