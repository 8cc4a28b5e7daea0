"""Text that may be written down: no secrets, no control or direction characters, bounded length."""

from __future__ import annotations

import re
from functools import lru_cache

MESSAGE_LIMIT = 512
MARK = "…"
HIDDEN = "[hidden]"
MOST_REMEMBERED = 64

# C0/C1 controls, line and paragraph separators, bidi marks/embeddings/isolates, byte order mark, lone surrogates.
_UNSAFE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")
_SECRET = re.compile(
    r"""
    sk-[A-Za-z0-9_\-]{8,} | (?:\b|(?<=\\[nrt]))(?:pk|rk|xai|gsk|hf|ghp|gho|nvapi|tgp|pplx)[-_][A-Za-z0-9_\-]{16,}
    | scalix_[A-Za-z0-9_\-]{16,} | AIza[0-9A-Za-z_\-]{10,} | (?:AKIA|ASIA)[0-9A-Z]{12,}
    | eyJ[A-Za-z0-9_\-]{4,}\.[A-Za-z0-9_\-]{4,}(?:\.[A-Za-z0-9_\-]*)?
    | (?<=bearer\ )[^\s"',;]+ | (?<=basic\ )[A-Za-z0-9+/=]{8,}
    | (?<=://)[^/\s:@]+:[^/\s@]+(?=@)
    | (?:(?<=key=)|(?<=token=)|(?<=secret=)|(?<=password=)|(?<=signature=)|(?<=sig=)|(?<=code=))[^&\s"']+
    | (?:(?<=key":\ ")|(?<=key":")|(?<=key':\ ')|(?<=token":\ ")|(?<=token":")|(?<=secret":\ "))[^"']+
    | (?:(?<=api-key:\ )|(?<=api_key:\ )|(?<=key\ provided:\ ))[^\s"',;]+
    """,
    re.VERBOSE | re.IGNORECASE,
)


# What every match of the pattern holds some of, in lower case: looking for these is many times faster.
_HINTS = (
    "sk-", "pk-", "pk_", "rk-", "rk_", "xai", "gsk", "scalix_", "hf-", "hf_", "ghp", "gho", "nvapi", "tgp", "pplx",
    "aiza", "akia", "asia", "eyj", "bearer ", "basic ", "://", "key", "token", "secret", "password", "signature=",
    "sig=", "code=",
)  # fmt: skip


def clean(text: str, limit: int) -> str:
    """The text without characters that a terminal, a log or a database stumbles over, cut to ``limit`` with a mark."""
    if len(text) > limit:
        text = text[: limit - 1] + MARK
    if text.isprintable():
        return text
    return _UNSAFE.sub(" ", text)


def without_secrets(text: str, known: tuple[str, ...] = ()) -> str:
    """The text with every key in ``known`` and everything that looks like a credential replaced."""
    for secret in known:
        text = text.replace(secret, HIDDEN)
    return _without_credentials(text)


@lru_cache(maxsize=MOST_REMEMBERED)
def _without_credentials(text: str) -> str:
    # A provider that is down gives the same answer again and again.
    lower = text.lower()
    for hint in _HINTS:
        if hint in lower:
            return _SECRET.sub(HIDDEN, text)
    return text


def scrubbed(text: str, known: tuple[str, ...] = ()) -> str:
    """An error's text, safe to write down and at most 512 characters long."""
    # A secret that straddles the cut would escape the patterns, so the cut for speed lies far beyond the final one.
    return clean(without_secrets(text[: 8 * MESSAGE_LIMIT], known), MESSAGE_LIMIT)
