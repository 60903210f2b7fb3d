"""HTTP answers taken in with an end to them: a read-back that never stops talking must not keep the run."""

from __future__ import annotations

import io
import time
from collections.abc import Callable
from typing import BinaryIO, Final

import httpx

_TIMEOUTS: Final = 3
"""How many time-outs of one read a whole answer may last, beside the time that its bytes need."""
_SLOWEST_BYTES_PER_S: Final = 256 * 2**10


def bounded(
    client: httpx.Client,
    method: str,
    path: str,
    *,
    limit_bytes: int,
    content: bytes | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> httpx.Response:
    """The answer to a request, its content read; redirections are answers like any other, and not followed.

    Args:
        client: Whose time-outs are for one read.
        method: GET, POST or DELETE.
        path: Below the client's URL.
        limit_bytes: How long the content may be.
        content: Of the request.
        clock: Seconds.

    Raises:
        httpx.HTTPError: There was no answer, its content is too long, or it takes too long.
    """
    data = io.BytesIO()
    answer = bounded_into(data, client, method, path, limit_bytes=limit_bytes, content=content, clock=clock)
    return httpx.Response(answer.status_code, headers=answer.headers, content=data.getvalue(), request=answer.request)


def bounded_into(
    sink: BinaryIO,
    client: httpx.Client,
    method: str,
    path: str,
    *,
    limit_bytes: int,
    content: bytes | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> httpx.Response:
    """The answer to a request, its content written away as it comes: see `bounded`.

    Args:
        sink: Takes the content.

    Returns:
        The answer without its content.
    """
    timeout_s = client.timeout.read or 0.0
    end_s = clock() + _TIMEOUTS * timeout_s
    received = 0
    with client.stream(method, path, content=content, follow_redirects=False) as answer:
        for chunk in answer.iter_raw():
            received += len(chunk)
            if received > limit_bytes:
                raise httpx.DecodingError(f"{path} has more than {limit_bytes} bytes")
            if clock() > end_s + received / _SLOWEST_BYTES_PER_S:
                raise httpx.ReadTimeout(f"{path} did not end within {_TIMEOUTS * timeout_s:.0f} s")
            sink.write(chunk)
    return answer
