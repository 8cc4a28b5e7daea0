# Each function gives one spool line, or None for what is not ordinary; it changes nothing, and raises nothing but what
# no hook may keep to itself, such as KeyboardInterrupt.
# ``now_ns`` and ``ticks_ns`` are the wall and the monotonic clock in nanoseconds.

from collections.abc import Callable, Mapping
from typing import Any

from collector.answers import Answer
from collector.identity import Attempt
from collector.usage import Plain

FINGERPRINT: str

# As `attempts.opened`. ``kept`` is called with metadata that holds one of ``kept_keys``.
def opened(
    attempt: Attempt,
    details: Mapping[str, Any],
    kept_keys: tuple[str, ...],
    kept: Callable[[Mapping[str, Any]], str | None],
    now_ns: int,
    ticks_ns: int,
    /,
) -> bytes | None: ...

# As `attempts.answered` of an answer with id, model and reported usage.
def answered(
    attempt: Attempt,
    body: object,
    decode: Callable[[str], Any],
    decode_usage: Callable[[bytes], Plain],
    now_ns: int,
    ticks_ns: int,
    /,
) -> bytes | None: ...

# As `attempts.streamed` of an answer with id, model and usage.
def streamed(
    attempt: Attempt,
    details: Mapping[str, Any],
    answer: Answer,
    source: str,
    plain: Callable[[object], Plain | None],
    encode: Callable[[Any], bytes],
    now_ns: int,
    ticks_ns: int,
    /,
) -> bytes | None: ...

# As `attempts.final` when the call was told before, and with it the answer and its usage, or the error.
def ended(
    attempt: Attempt,
    success: bool,
    details: Mapping[str, Any],
    response: object,
    end_time: object,
    encode: Callable[[Any], bytes],
    now_ns: int,
    ticks_ns: int,
    /,
) -> bytes | None: ...
