"""What goes over the wire: JSON, packets, frames; and the versions this was checked with."""

from collections.abc import Iterable
from importlib.metadata import version
from struct import pack
from typing import Any

import orjson
from engineio.packet import MESSAGE
from engineio.packet import Packet as EnginePacket
from socketio.packet import EVENT
from socketio.packet import Packet as SocketPacket

CHECKED_VERSIONS = {"python-socketio": "5.18.1", "python-engineio": "4.15.1", "aiohttp": "3.14.5"}

Event = tuple[str, Any]
"""Event name and payload; a tuple as payload means several arguments, None means no argument."""

Encoded = tuple[list[EnginePacket], bytes | None]
"""Packets for the queue, and the same as finished frames (None where a part is binary)."""


def require_checked_versions(installed: dict[str, str]) -> None:
    """Refuse library versions that the ordering and delivery tests have not been run with.

    Raises RuntimeError naming both versions. Falling back to the stock classes instead would
    lose the bound on slow clients without anybody noticing.
    """
    for name, checked in CHECKED_VERSIONS.items():
        if installed[name] != checked:
            raise RuntimeError(
                f"sockets.fanout was checked with {name} {checked}, but {installed[name]} is "
                "installed: run tests/sockets with it, then change CHECKED_VERSIONS."
            )


require_checked_versions({name: version(name) for name in CHECKED_VERSIONS})


class OrjsonShim:
    """The two functions that the libraries expect of a JSON module, by orjson."""

    @staticmethod
    def dumps(value: Any, **_: Any) -> str:
        """Return compact JSON; `separators` and the like are given by callers and not needed."""
        return orjson.dumps(value).decode()

    @staticmethod
    def loads(text: str | bytes, **_: Any) -> Any:
        """Return the parsed value. Raises orjson.JSONDecodeError, which is a ValueError."""
        return orjson.loads(text)


class JsonPacket(SocketPacket):  # type: ignore[misc]  # the library has no types
    """A Socket.IO packet with our JSON. A class of its own: the `json` option is process-wide."""

    json = OrjsonShim


def build_text_frame(text: str) -> bytes:
    """Return the websocket frame a server sends for `text`: final, TEXT, not masked."""
    payload = text.encode()
    length = len(payload)
    if length < 126:
        return pack("!BB", 0x81, length) + payload
    if length < 65536:
        return pack("!BBH", 0x81, 126, length) + payload
    return pack("!BBQ", 0x81, 127, length) + payload


def list_arguments(payload: Any) -> list[Any]:
    """Return the arguments that a payload stands for: several, one or none."""
    if isinstance(payload, tuple):
        return list(payload)
    return [] if payload is None else [payload]


def encode_events(
    events: Iterable[Event], namespace: str, packet_class: type[Any], ack_id: int | None = None
) -> Encoded:
    """Return the packets of the events and, where all is text, their frames in one piece."""
    texts: list[str | bytes] = []
    for event, payload in events:
        arguments = [event, *list_arguments(payload)]
        encoded = packet_class(EVENT, namespace=namespace, data=arguments, id=ack_id).encode()
        texts += encoded if isinstance(encoded, list) else [encoded]
    packets = [EnginePacket(MESSAGE, text) for text in texts]
    if any(packet.binary for packet in packets):
        return packets, None
    return packets, b"".join(build_text_frame(packet.encode()) for packet in packets)


def require_text(events: Iterable[Event]) -> None:
    """Raise TypeError if a payload has binary parts."""
    for name, payload in events:
        if SocketPacket.data_is_binary(list_arguments(payload)):
            raise TypeError(f"{name}: a batch of events carries text only")
