"""Request bodies of strangers: inflated no further than allowed, decoded by parsers that stop at bombs."""

from __future__ import annotations

import json
import zlib
from typing import TYPE_CHECKING, Any

import msgspec

from scalix.errors import ScalixError

if TYPE_CHECKING:
    from starlette.requests import Request

_GZIP_OR_ZLIB = zlib.MAX_WBITS | 32
BAD, TOO_LARGE, UNKNOWN_ENCODING = 400, 413, 415


class BodyError(ScalixError):
    """A body that is not taken; ``status`` is HTTP's word for why."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


async def read_body(request: Request, most: int) -> bytes:
    """The body, inflated where its encoding says so. Raises BodyError as soon as it is larger than ``most`` bytes."""
    encoding = request.headers.get("content-encoding", "identity").strip().lower()
    if encoding not in {"identity", "", "gzip", "deflate"}:
        raise BodyError(UNKNOWN_ENCODING, f"content encoding {encoding[:40]} is not known: use gzip or none")
    inflate = zlib.decompressobj(_GZIP_OR_ZLIB) if encoding in {"gzip", "deflate"} else None
    body = bytearray()
    try:
        async for part in request.stream():
            body += inflate.decompress(part, most + 1 - len(body)) if inflate else part
            if len(body) > most or (inflate and inflate.unconsumed_tail):
                raise BodyError(TOO_LARGE, f"at most {most} bytes at once, inflated")
    except zlib.error as error:
        raise BodyError(BAD, f"the body is not what its encoding says: {error}") from error
    if inflate and not inflate.eof:
        raise BodyError(BAD, "the compressed body ends early")
    return bytes(body)


def decoded(body: bytes) -> Any:
    """JSON. Literals such as NaN, which Python writes, are taken as they are. Raises BodyError for anything else."""
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BodyError(BAD, f"the body is not UTF-8: {error}") from error
    try:
        return msgspec.json.decode(text)
    except (msgspec.MsgspecError, RecursionError):
        pass
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BodyError(BAD, f"the body is no JSON: {str(error)[:200]}") from error
