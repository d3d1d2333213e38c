"""The server dies while it numbers and sends: no event is lost, none changes its number."""

from tests.kills.points import RELAY
from tests.kills.site import purchase, sale
from tests.sockets.live import Listener


class Follower:
    """Somebody who comes back after each kill and asks for what he missed."""

    def __init__(self, site, person):
        self.site = site
        self.person = person
        self.room = f"user:{person.id}"
        self.known = {}
        self.listener = None
        self.last = 0

    async def connect(self):
        listener = Listener(f"http://127.0.0.1:{self.site.server.port}")
        assert await listener.connect(token=self.person.token), listener.refused
        listener.view.start(self.room, self.last)
        self.listener = listener
        reply = await listener.subscribe(self.room, self.last)
        assert reply["status"] == "ok", reply

    async def leave(self):
        """Take over what was heard: a number always means the same event."""
        await self.listener.close()
        assert self.listener.view.gaps == []
        for _, *arguments in self.listener.heard:
            if arguments and arguments[0].get("room") == self.room:
                self.note(arguments[0])
        self.last = self.listener.view.last.get(self.room, self.last)

    def note(self, envelope):
        known = self.known.setdefault(envelope["seq"], envelope)
        assert known == envelope

    async def compare(self):
        """All that was heard is what the server has, and there is nothing else."""
        heard = dict(self.known)
        cursor = ""
        while cursor is not None:
            page = await self.person.must(
                "GET", f"/events?room={self.room}&limit=50" + (cursor and f"&cursor={cursor}")
            )
            for envelope in page["items"]:
                self.note(envelope)
            cursor = page["next_cursor"]
        assert sorted(heard) == sorted(self.known) == list(range(1, page["seq"] + 1))


async def test_relay_killed_at_any_point_loses_and_renumbers_nothing(site, rounds):
    seller = await site.world.join("seller", usdt="100000")
    await seller.add_account()
    buyer = await site.world.join("buyer")
    followers = [Follower(site, person) for person in (seller, buyer)]
    for number, point in enumerate(RELAY * rounds):
        for follower in followers:
            await follower.connect()

        kills = site.kills
        await site.server.arm(point)
        await site.persist(seller, "POST", "/orders", sale(seller), f"sell-{number}")
        await site.persist(buyer, "POST", "/orders", purchase(), f"buy-{number}")
        if site.kills == kills:
            await site.restart()

        for follower in followers:
            await follower.leave()
    for follower in followers:
        await follower.connect()
    await site.check_numbers()
    for follower in followers:
        events = await follower.person.must("GET", f"/events?room={follower.room}&limit=1")
        await follower.listener.wait_until(
            lambda heard=follower, seq=events["seq"]: heard.listener.view.last[heard.room] == seq
        )
        await follower.leave()
        await follower.compare()
