"""Makes the virtual environment and installs the locked dependencies, if that is still to do.

Run by the Makefile with whatever Python there is, before anything is installed: only the
standard library, and nothing newer than Python 3.8 until the version has been checked.
"""

import hashlib
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

OLDEST = (3, 12)

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMP = VENV / "installed"
LOCK = ROOT / "requirements.lock"
LOG = ROOT / ".data" / "install.log"

_PIP_INSTALL = [
    *("-m", "pip", "install", "--require-hashes", "--only-binary", ":all:", "--no-input"),
    *("--disable-pip-version-check", "--requirement", str(LOCK)),
]


def main() -> None:
    if sys.version_info < OLDEST:
        found = f"{sys.version_info.major}.{sys.version_info.minor}"
        sys.exit(f"Auditsite needs Python 3.12 or newer, and this is {found}.")
    if PYTHON.exists() and STAMP.exists() and STAMP.read_text() == _wanted():
        return
    LOG.parent.mkdir(exist_ok=True)
    if not PYTHON.exists():
        _make_venv()
    _install()
    STAMP.write_text(_wanted())


def _wanted() -> str:
    """What the stamp says when all is well: scripts hold the path, so moving counts too."""
    return f"{VENV} {hashlib.sha256(LOCK.read_bytes()).hexdigest()}\n"


def _make_venv() -> None:
    shutil.rmtree(VENV, ignore_errors=True)
    _say("Making the virtual environment …")
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-m", "venv", str(VENV)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    LOG.write_text(done.stdout)
    if done.returncode != 0:
        shutil.rmtree(VENV, ignore_errors=True)
        version = f"{sys.version_info.major}.{sys.version_info.minor}"
        if "ensurepip" in done.stdout or "No module named venv" in done.stdout:
            sys.exit(
                f"{sys.executable} has no venv or no pip; on Debian and Ubuntu"
                f" “apt install python{version}-venv” brings both."
            )
        sys.exit(f"{sys.executable} can't make a virtual environment; its words are in {LOG}.")


def _install() -> None:
    total = len(re.findall(r"^[A-Za-z0-9_.-]+==", LOCK.read_text(), re.MULTILINE))
    started, seen = time.monotonic(), 0
    tail = ""
    with LOG.open("a") as log:
        pip = subprocess.Popen(  # noqa: S603
            [str(PYTHON), *_PIP_INSTALL],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )
        for line in pip.stdout or ():
            log.write(line)
            seen += line.startswith(("Collecting ", "Requirement already"))
            tail = line if line.startswith("ERROR:") else tail
            step = "installing" if "Installing collected" in line else "downloading"
            _progress(f"Dependencies: {step} {min(seen, total)} of {total}", started)
        status = pip.wait()
    _progress("", started)
    if status != 0:
        sys.exit(f"The dependencies can't be installed: {_explained(tail)} All of it is in {LOG}.")
    _say(f"Installed the dependencies in {time.monotonic() - started:.0f} s.")


def _explained(error: str) -> str:
    text = LOG.read_text()
    if "No matching distribution" in error:
        if re.search(r"NewConnectionError|ProxyError|ConnectTimeout|NameResolution|SSLError", text):
            return "the package index can't be reached."
        name = error.rpartition(" ")[2].strip()
        missing = f"there is no ready-made package of {name} for this Python and machine"
        no_answer = "(from versions: none)" in text
        return f"{missing}, or the package index can't be reached." if no_answer else f"{missing}."
    return error.replace("ERROR:", "").strip() or "pip failed."


def _progress(message: str, started: float) -> None:
    if sys.stderr.isatty():
        elapsed = f", {time.monotonic() - started:.0f} s" if message else ""
        sys.stderr.write(f"\r\x1b[K{message}{elapsed}")
        sys.stderr.flush()


def _say(message: str) -> None:
    sys.stderr.write(f"{message}\n")


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
