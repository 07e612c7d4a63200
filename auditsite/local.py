"""What an installation keeps on disk: in ``.data``, or where AUDITSITE_DATA says."""

import os
import secrets
from pathlib import Path

from auditsite import env

BASE_DIR = Path(__file__).resolve().parent.parent
DATA = Path(env.text("AUDITSITE_DATA", str(BASE_DIR / ".data"))).absolute()
DATABASE = DATA / "postgres"
STATIC = DATA / "static"

_SECRET_KEY = DATA / "secret-key"


def use_kept_secret_key() -> None:
    """Let commands run beside ``make demo`` or ``make serve`` without a key of their own."""
    given = os.environ.get("SECRET_KEY") or os.environ.get("SECRET_KEY_FILE")
    if not given and _SECRET_KEY.exists():
        os.environ["SECRET_KEY_FILE"] = str(_SECRET_KEY)


def keep_secret_key() -> None:
    """Make a key unless there is one, so that sign-ins outlive a restart."""
    kept_secret(_SECRET_KEY.name, bytes_of_entropy=48)
    use_kept_secret_key()


def kept_secret(name: str, *, bytes_of_entropy: int) -> str:
    """A random secret in a file that only its owner may read: the same at every start."""
    path = DATA / name
    if not path.exists():
        DATA.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(bytes_of_entropy))
    return path.read_text()


def has_secret(name: str) -> bool:
    return (DATA / name).exists()
