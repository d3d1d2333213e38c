"""Fan-out of room events: encode once, frame once, write the same bytes to every member.

The stock manager makes a task, a queue entry, a wake-up and a websocket frame for each member
of a room. Here one pass over the room, without a single suspension, writes one finished frame
to each transport. The pass is exact about order:

* A member is written to directly only while its writer task waits on an empty queue. A packet
  that the writer has taken but not yet written keeps the member on the queue.
* A member that polls, that is in the middle of an upgrade, that has packets waiting or a full
  write buffer, and every packet with binary parts, takes the queue that engine.io drains.
* As nothing is awaited inside the pass, two emits never interleave, whatever path each takes.

What waits for one member (transport buffer and queue together) is bounded. Who is further
behind than `backlog_max_bytes` is dropped; the client connects again and asks for what it missed.

The classes build on private parts of three libraries, so only the versions that the tests were
run with are accepted.
"""

from sockets.fanout.coalescer import Coalescer
from sockets.fanout.engine import BACKLOG_MAX_BYTES
from sockets.fanout.manager import FanoutManager, FanoutServer, RedisFanoutManager

__all__ = [
    "BACKLOG_MAX_BYTES",
    "Coalescer",
    "FanoutManager",
    "FanoutServer",
    "RedisFanoutManager",
]
