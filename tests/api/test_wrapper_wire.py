"""The wire itself: smuggled, slow, overlong and old requests, written byte by byte."""

import asyncio
import re

import pytest

from tests.api.rig import serve_rig

HOST = b"Host: iqx.test\r\n"
EVIL = b"GET /api/v1/broken HTTP/1.1\r\nHost: x\r\n\r\n"


async def talk(rig, *pieces, wait_s=1.0, pause_s=0.0):
    """Send the pieces; the answer up to the end of the connection, and whether it ended."""
    reader, writer = await asyncio.open_connection("127.0.0.1", rig.port)
    answer = b""
    try:
        for piece in pieces:
            writer.write(piece)
            await asyncio.sleep(pause_s)
        while True:
            chunk = await asyncio.wait_for(reader.read(65536), wait_s)
            if not chunk:
                return answer, True
            answer += chunk
    except TimeoutError:
        return answer, False
    except ConnectionError:
        return answer, True
    finally:
        writer.close()


def statuses(answer):
    return [int(found) for found in re.findall(rb"HTTP/1\.1 (\d{3}) ", answer)]


UNREADABLE = {
    "length and chunks": b"POST /api/v1/sign HTTP/1.1\r\n"
    + HOST
    + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
    + EVIL,
    "two encodings": b"POST /api/v1/sign HTTP/1.1\r\n"
    + HOST
    + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n"
    + EVIL,
    "unknown encoding": b"POST /api/v1/sign HTTP/1.1\r\n"
    + HOST
    + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n"
    + EVIL,
    "two lengths": b"POST /api/v1/sign HTTP/1.1\r\n"
    + HOST
    + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef"
    + EVIL,
    "length with a sign": b"POST /api/v1/sign HTTP/1.1\r\n"
    + HOST
    + b"Content-Length: +5\r\n\r\nabcde"
    + EVIL,
    "space before the colon": b"GET /api/v1/open HTTP/1.1\r\nHost : x\r\n\r\n" + EVIL,
    "folded line": b"GET /api/v1/open HTTP/1.1\r\nHost: x\r\n a: b\r\n\r\n" + EVIL,
    "NUL in a field": b"GET /api/v1/open HTTP/1.1\r\nHost: x\r\na: \x00\r\n\r\n" + EVIL,
    "bare line feeds": b"GET /api/v1/open HTTP/1.1\nHost: x\n\n" + EVIL,
    "two hosts": b"GET /api/v1/open HTTP/1.1\r\n" + HOST + b"Host: y\r\n\r\n" + EVIL,
    "no host": b"GET /api/v1/open HTTP/1.1\r\n\r\n" + EVIL,
    "100,000 fields": b"GET /api/v1/open HTTP/1.1\r\n"
    + HOST
    + b"".join(b"A%d: 1\r\n" % n for n in range(100_000))
    + b"\r\n",
    "65 fields": b"GET /api/v1/open HTTP/1.1\r\n"
    + HOST
    + b"".join(b"A%d: 1\r\n" % n for n in range(65))
    + b"\r\n",
    "long line": b"GET /" + b"x" * 20_000 + b" HTTP/1.1\r\n" + HOST + b"\r\n",
    "long field": b"GET /api/v1/open HTTP/1.1\r\n" + HOST + b"A: " + b"x" * 9000 + b"\r\n\r\n",
    "HTTP/1.0, pipelined": b"GET /api/v1/open HTTP/1.0\r\nConnection: keep-alive\r\n\r\n" * 2,
    "HTTP/2.0": b"GET /api/v1/open HTTP/2.0\r\n" + HOST + b"\r\n" + EVIL,
    "upgrade with a body": b"POST /api/v1/sign HTTP/1.1\r\n"
    + HOST
    + b"Connection: upgrade\r\nUpgrade: websocket\r\nContent-Length: 5\r\n\r\nabcde"
    + EVIL,
    "websocket with a body": b"GET /api/v1/open HTTP/1.1\r\n"
    + HOST
    + b"Connection: upgrade\r\nUpgrade: websocket\r\nContent-Length: %d\r\n\r\n" % len(EVIL)
    + EVIL,
    "broken chunks": b"POST /api/v1/sign HTTP/1.1\r\n"
    + HOST
    + b"Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n\r\n"
    + EVIL,
    "length missed by its end": b"POST /api/v1/sign HTTP/1.1\r\n"
    + HOST
    + b"Content-Length: -1\r\n\r\n"
    + EVIL,
}


@pytest.mark.parametrize("name", UNREADABLE)
async def test_request_that_two_readers_could_read_differently_is_400_and_ends(rig, name):
    answer, ended = await talk(rig, UNREADABLE[name], wait_s=3)
    assert statuses(answer) == [400]
    assert b"application/problem+json" in answer
    assert b"Server:" not in answer
    assert b"Traceback" not in answer
    assert ended


@pytest.mark.parametrize("method", [b"FOO", b"GETT", b"get", b"\x16\x03\x01"])
async def test_unknown_method_is_405(rig, method):
    answer, ended = await talk(rig, method + b" /api/v1/open HTTP/1.1\r\n" + HOST + b"\r\n")
    assert statuses(answer) == [405]
    assert ended


async def test_head_that_is_not_complete_in_time_is_cut(database_url):
    async with serve_rig(database_url, head_wait_s=0.3) as rig:
        loop = asyncio.get_running_loop()
        started = loop.time()
        drops = [
            bytes([byte]) for byte in b"GET /api/v1/open HTTP/1.1\r\nHost: x\r\nA: aaaaaaaaaaaa"
        ]
        answer, ended = await talk(rig, *drops, pause_s=0.05, wait_s=2)
        assert statuses(answer) == [408] or answer == b""
        assert ended
        assert loop.time() - started < 3.5


async def test_slow_head_is_told_so(database_url):
    async with serve_rig(database_url, head_wait_s=0.3) as rig:
        answer, ended = await talk(rig, b"GET /api/v1/open HT", wait_s=2)
        assert (statuses(answer), ended) == ([408], True)


async def test_connection_that_says_nothing_is_cut(database_url):
    async with serve_rig(database_url, head_wait_s=0.3) as rig:
        assert await talk(rig, wait_s=2) == (b"", True)


async def test_second_head_on_a_connection_is_timed_too(database_url):
    async with serve_rig(database_url, head_wait_s=0.3) as rig:
        whole = b"GET /api/v1/open HTTP/1.1\r\n" + HOST + b"\r\n"
        answer, ended = await talk(rig, whole, b"GET /api", pause_s=0.1, wait_s=2)
        assert (statuses(answer), ended) == ([200, 408], True)


async def test_idle_connection_between_requests_stays(database_url):
    async with serve_rig(database_url, head_wait_s=0.2) as rig:
        whole = b"GET /api/v1/open HTTP/1.1\r\n" + HOST + b"\r\n"
        answer, ended = await talk(rig, whole, whole, pause_s=0.5, wait_s=0.3)
        assert (statuses(answer), ended) == ([200, 200], False)


async def test_handler_that_takes_longer_than_a_head_may_is_not_cut(database_url):
    async with serve_rig(database_url, head_wait_s=0.2) as rig:
        token = await rig.add_user()
        rig.state.hold = asyncio.Event()
        call = asyncio.create_task(
            rig.call("POST", "/api/v1/notes", token=token, key="k", json={"amount": "1"})
        )
        await asyncio.sleep(0.5)
        rig.state.hold.set()
        assert (await call)[0] == 201


async def test_body_that_is_not_complete_in_time_is_400(database_url):
    async with serve_rig(database_url, body_wait_s=0.3) as rig:
        head = (
            b"POST /api/v1/sign HTTP/1.1\r\n"
            + HOST
            + b"Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{"
        )
        answer, ended = await talk(rig, head, wait_s=4)
        assert (statuses(answer), ended) == ([400], True)


async def test_large_body_is_refused_by_its_length_alone(rig):
    head = (
        b"POST /api/v1/sign HTTP/1.1\r\n"
        + HOST
        + b"Content-Type: application/json\r\nContent-Length: 50000000\r\n\r\n{"
    )
    answer, _ = await talk(rig, head, wait_s=0.5)
    assert statuses(answer) == [413]


async def test_answer_comes_in_one_piece(rig):
    reader, writer = await asyncio.open_connection("127.0.0.1", rig.port)
    writer.write(b"GET /api/v1/open HTTP/1.1\r\n" + HOST + b"\r\n")
    first = await reader.read(65536)
    head, _, body = first.partition(b"\r\n\r\n")
    length = int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0])
    assert len(body) == length > 0
    writer.close()


async def test_answer_to_head_has_no_body(rig):
    both = b"HEAD /api/v1/open HTTP/1.1\r\n" + HOST + b"\r\n"
    both += b"GET /api/v1/open HTTP/1.1\r\n" + HOST + b"\r\n"
    answer, _ = await talk(rig, both, wait_s=0.3)
    assert statuses(answer) == [405, 200]
    assert b"method_not_allowed" not in answer


async def test_expectation_that_is_not_known_is_417_without_a_version(rig):
    request = b"POST /api/v1/sign HTTP/1.1\r\n" + HOST + b"Expect: 200-maybe\r\n"
    answer, _ = await talk(rig, request + b"Content-Length: 0\r\n\r\n", wait_s=0.3)
    assert statuses(answer) == [417]
    assert b"Server:" not in answer
    assert b"nosniff" in answer


async def test_device_whose_name_is_no_text_is_written_with_question_marks(rig):
    named = b"GET /api/v1/open HTTP/1.1\r\n" + HOST + b"User-Agent: A\xffB\r\n\r\n"
    answer, _ = await talk(rig, named)
    assert statuses(answer) == [200]
    assert b'"device":"A?B"' in answer
