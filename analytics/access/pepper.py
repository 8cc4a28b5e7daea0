"""The text of keys, and the pepper under which their digests are kept, in a file apart from them."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from typing import TYPE_CHECKING

from scalix.errors import StoreError

if TYPE_CHECKING:
    from scalix.folder import Folder

START = "sk-scalix-"
PEPPER_BYTES = 32
_PREFIX_BYTES = 6


def pepper_of(folder: Folder) -> bytes:
    """The folder's pepper, made when there is none. Raises StoreError when it cannot be kept."""
    path = folder.root / "pepper"
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        found = path.read_bytes()
        if len(found) != PEPPER_BYTES:
            raise StoreError(f"{path} is not a pepper of {PEPPER_BYTES} bytes: restore it from a backup") from None
        return found
    except OSError as error:
        raise StoreError(f"{path} cannot be written: {error}") from error
    with os.fdopen(descriptor, "wb") as file:
        made = secrets.token_bytes(PEPPER_BYTES)
        file.write(made)
    return made


def new_key() -> str:
    """A key: its prefix, which is no secret and looks it up, and 256 random bits."""
    return f"{START}{secrets.token_hex(_PREFIX_BYTES)}-{secrets.token_urlsafe(32)}"


def prefix_of(key: str) -> str:
    """A key's prefix; empty when it is no key of ours."""
    prefix, dash, _ = key.removeprefix(START).partition("-")
    return prefix if dash and key.startswith(START) else ""


def digest(pepper: bytes, key: str) -> str:
    """What is kept of a key. HMAC-SHA256: 256 random bits need no slow hash."""
    return hmac.new(pepper, key.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()
