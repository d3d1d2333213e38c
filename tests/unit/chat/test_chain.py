"""The chain over messages: nothing can be changed, taken out, moved or added unseen."""

from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

import pytest

from server.chat.chain import (
    GENESIS,
    Content,
    digest_content,
    find_breaks,
    hash_message,
    list_chained,
)
from server.chat.messages import Written

TRADE = UUID(int=1)
NOW = datetime(2026, 1, 1, tzinfo=UTC)


class Link:
    """A message with its hash, as a row has it."""

    def __init__(self, message, digest):
        self.message = message
        self.hash = digest

    def __getattr__(self, name):
        return getattr(self.message, name)


def write(number, text):
    content = Content("salt", text)
    return Written(
        trade_id=TRADE, number=number, id=UUID(int=100 + number), kind="text", author="buyer",
        author_id=UUID(int=2), client_id=f"c{number}", event=None, params=None,
        digest=digest_content(content), attachment_id=None, banners="", created_at=NOW,
        content=content,
    )  # fmt: skip


def chain(count=4):
    links, digest = [], GENESIS
    for number in range(1, count + 1):
        message = write(number, f"Message {number}")
        digest = hash_message(digest, list_chained(message))
        links.append(Link(message, digest))
    return links


def breaks(links, *, last=4, head=None):
    head = head or chain()[-1].hash
    return find_breaks(links, before=GENESIS, first=1, last=last, head=head)


def test_whole_chain_has_no_break():
    assert breaks(chain()) == []
    assert find_breaks([], before=GENESIS, first=1, last=0, head=None) == []


@pytest.mark.parametrize(
    "change",
    [
        {"digest": bytes(32)}, {"author": "seller"}, {"banners": "link"}, {"number": 7},
        {"author_id": UUID(int=3)}, {"client_id": "other"}, {"id": UUID(int=9)},
        {"kind": "attachment"}, {"trade_id": UUID(int=9)}, {"event": "released"},
        {"params": "{}"}, {"attachment_id": UUID(int=4)}, {"created_at": datetime.now(UTC)},
    ],
)  # fmt: skip
def test_any_changed_column_is_found(change):
    links = chain()
    links[1] = Link(replace(links[1].message, **change), links[1].hash)
    assert breaks(links)


def test_deleted_moved_added_and_cut_off_messages_are_found():
    for place in range(4):
        assert breaks(chain()[:place] + chain()[place + 1 :])
    first, second, third, fourth = chain()
    moved = [
        first,
        Link(replace(third.message, number=2), second.hash),
        Link(replace(second.message, number=3), third.hash),
        fourth,
    ]
    assert breaks(moved)
    assert breaks([first, third, second, fourth])
    added = chain(5)
    assert [one.number for one in breaks(added)] == [5]
    assert [one.number for one in breaks(chain(), head=bytes(32))] == [4]
    assert breaks(chain()[:3], last=3)


def test_words_are_in_the_chain_by_a_salted_digest_that_says_nothing_without_the_salt():
    one, other = Content("a", "Hello"), Content("b", "Hello")
    assert digest_content(one) != digest_content(other)
    assert digest_content(Content("a", "Hello", "Hello zalo")) != digest_content(one)
