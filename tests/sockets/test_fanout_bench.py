"""The benchmark measures what it says, and notices a wrong byte."""

import select
import socket

import pytest

from bench.fanout import KINDS, build_stream, receive_round, run


def test_small_run_has_every_figure():
    result = run((12,), rounds=1, deliveries=dict.fromkeys(KINDS, 600))
    assert {
        *(
            f"fanout.{kind}.12.{figure}"
            for kind in KINDS
            for figure in ("events_per_s", "server_cpu_us", "members_cpu_us")
        ),
        "fanout.raw_write_us",
        "socket.memory_kb",
        "socket.stock.memory_kb",
    } == set(result)
    assert all(
        value > 0 for name, value in result.items() if name.endswith(("events_per_s", "write_us"))
    )


@pytest.mark.parametrize(
    ("sent", "is_right"),
    [
        (build_stream(5, 3), True),
        (build_stream(5, 1) + build_stream(7, 1) + build_stream(6, 1), False),
        (build_stream(5, 2) + build_stream(5, 1), False),
        (build_stream(5, 4), False),
    ],
)
def test_member_notices_events_that_are_missing_doubled_or_out_of_order(sent, is_right):
    server, member = socket.socketpair()
    poll = select.epoll()
    poll.register(member.fileno(), select.EPOLLIN)
    with server, member, poll:
        server.sendall(sent)
        if is_right:
            assert receive_round(poll, {member.fileno(): member}, build_stream(5, 3)) > 0
        else:
            with pytest.raises(AssertionError, match="something else at byte 0"):
                receive_round(poll, {member.fileno(): member}, build_stream(5, 3))
