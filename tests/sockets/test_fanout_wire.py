"""Frames, JSON and the versions that the fan-out accepts."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from engineio.packet import Packet

from sockets.fanout.wire import (
    CHECKED_VERSIONS,
    JsonPacket,
    build_text_frame,
    encode_events,
    require_checked_versions,
    require_text,
)

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("length", "header"),
    [
        (0, "8100"),
        (125, "817d"),
        (126, "817e007e"),
        (65535, "817effff"),
        (65536, "817f0000000000010000"),
    ],
)
def test_frame_header_has_the_shortest_length_form(length, header):
    assert build_text_frame("x" * length) == bytes.fromhex(header) + b"x" * length


def test_frame_length_counts_bytes_and_not_characters():
    assert build_text_frame("ệ" * 42) == bytes.fromhex("817e007e") + "ệ".encode() * 42


def test_batch_is_the_frames_of_its_events_in_order():
    packets, frames = encode_events([("a", 1), ("b", None), ("c", (1, 2))], "/staff", JsonPacket)
    texts = ['42/staff,["a",1]', '42/staff,["b"]', '42/staff,["c",1,2]']
    assert [packet.encode() for packet in packets] == texts
    assert frames == b"".join(map(build_text_frame, texts))


def test_binary_payload_has_no_frame():
    packets, frames = encode_events([("a", b"\x00")], "/", JsonPacket)
    assert frames is None
    assert [packet.binary for packet in packets] == [False, True]


def test_batch_refuses_binary_payload():
    with pytest.raises(TypeError, match="book_updated"):
        require_text([("a", 1), ("book_updated", {"parts": [b"\x00"]})])


def test_json_class_of_the_libraries_stays_theirs():
    assert JsonPacket.json is not JsonPacket.__mro__[1].json
    assert Packet.json.__name__ == "engineio.json"


def test_installed_versions_are_the_checked_ones():
    require_checked_versions(CHECKED_VERSIONS)


@pytest.mark.parametrize("name", CHECKED_VERSIONS)
def test_other_version_is_refused_by_name(name):
    expected = re.escape(f"{name} {CHECKED_VERSIONS[name]}, but 99.0 is installed")
    with pytest.raises(RuntimeError, match=expected):
        require_checked_versions({**CHECKED_VERSIONS, name: "99.0"})


@pytest.mark.parametrize("name", CHECKED_VERSIONS)
def test_fanout_does_not_start_with_another_version(name):
    script = (
        "import importlib.metadata as metadata\n"
        "real = metadata.version\n"
        f"metadata.version = lambda of: '99.0' if of == {name!r} else real(of)\n"
        "import sockets.app\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode != 0
    assert f"{name} {CHECKED_VERSIONS[name]}, but 99.0 is installed" in done.stderr
