"""No key reaches the disk through an error's text, and no character that breaks a reader."""

from __future__ import annotations

import random
import string

import pytest

from collector.scrub import MESSAGE_LIMIT, clean, scrubbed

BASE = string.ascii_letters + string.digits


def made_up(kind: str, rng: random.Random) -> str:
    tail = "".join(rng.choices(BASE, k=32))
    return {
        "openai": f"sk-{tail}",
        "project": f"sk-proj-{tail}",
        "anthropic": f"sk-ant-api03-{tail}",
        "google": f"AIza{tail}",
        "aws": f"AKIA{tail[:16].upper()}",
        "jwt": f"eyJhbGciOi{tail}.eyJzdWIi{tail}.{tail}",
        "groq": f"gsk_{tail}",
        "huggingface": f"hf_{tail}",
        "scalix-pro": f"scalix_{tail}",
    }[kind]


FRAMES = ["Incorrect API key provided: {}.", "{}", "Authorization: Bearer {}", "url https://h/v1?key={}&x=1", "({})"]


@pytest.mark.parametrize(
    "kind", ["openai", "project", "anthropic", "google", "aws", "jwt", "groq", "huggingface", "scalix-pro"]
)
def test_everything_that_looks_like_a_key_is_hidden(kind: str) -> None:
    rng = random.Random(kind)
    for _ in range(60):
        secret = made_up(kind, rng)
        for frame in FRAMES:
            assert secret[8:] not in scrubbed(frame.format(secret))


@pytest.mark.parametrize(
    "text",
    [
        "Bearer plainlooking-token",
        "https://host/x?token=plainlooking-token",
        "https://host/x?api_key=plainlooking-token&y=2",
        "https://me:plainlooking-token@host/x",
        '{"api_key": "plainlooking-token"}',
        "api-key: plainlooking-token",
        "password=plainlooking-token",
    ],
)
def test_what_is_called_a_secret_is_hidden(text: str) -> None:
    assert "plainlooking-token" not in scrubbed(text)


def test_an_escaped_line_break_hides_no_key() -> None:
    assert "0123456789" not in scrubbed("{'message': 'no\\\\nghp_0123456789abcdef0123'}")


def test_the_keys_of_the_call_are_hidden_whatever_they_look_like() -> None:
    assert scrubbed("no access with hunter2!", ("hunter2",)) == "no access with [hidden]!"


def test_a_key_across_the_cut_is_hidden_too() -> None:
    secret = "sk-" + "a" * 40
    assert "aaaa" not in scrubbed("x" * (MESSAGE_LIMIT - 20) + " " + secret)


def test_harmless_text_stays() -> None:
    text = "litellm.RateLimitError: Rate limit reached for gpt-4o-mini in organization org-x on tokens per min"
    assert scrubbed(text) == text


def test_length_is_bounded_and_marked() -> None:
    text = scrubbed("word " * 1000)
    assert len(text) == MESSAGE_LIMIT
    assert text.endswith("…")


@pytest.mark.parametrize("character", ["\x00", "\n", "\x1b", "\ud800", "\u202e", "\u2066", "\u2028", "\ufeff"])
def test_characters_that_break_readers_become_spaces(character: str) -> None:
    assert clean(f"a{character}b", 10) == "a b"


def test_letters_of_the_world_stay() -> None:
    assert clean("añ漢字🙂", 10) == "añ漢字🙂"
