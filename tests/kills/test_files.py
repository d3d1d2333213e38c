"""The server dies while a file is sent: what was answered is there whole and once."""

import contextlib
import hashlib
import itertools

from tests.kills.points import FILE, is_late
from tests.kills.site import GONE, open_deal
from tests.pictures import JPEG, draw

PICTURE = draw((120, 90))
_keys = itertools.count()


class Sender:
    """Sends the picture with one key until it is answered."""

    def __init__(self, site, deal):
        self.site = site
        self.deal = deal
        self.key = f"kill-file-{next(_keys)}"

    async def call(self):
        sent = {
            "Authorization": f"Bearer {self.deal.buyer.token}",
            "Idempotency-Key": self.key,
            "Content-Type": JPEG,
        }
        path = f"/api/v1/trades/{self.deal.id}/attachments"
        async with self.site.world.client.post(path, data=PICTURE, headers=sent) as reply:
            replayed = reply.headers.get("Idempotency-Replayed") == "true"
            return reply.status, await reply.json(), replayed


async def test_no_file_is_lost_halved_or_doubled_wherever_its_sending_is_killed(site, rounds):
    deal = await open_deal(site, 0)
    said = []
    for point in FILE * rounds:
        if len(said) % 6 == 0:
            deal, said = await open_deal(site, 1 + next(_keys)), []
        sender = Sender(site, deal)
        await site.server.arm(point)
        with contextlib.suppress(*GONE):
            raise AssertionError(f"{point} was not reached: {await sender.call()}")
        await site.restart()
        status, body, replayed = await sender.call()
        kept = is_late(point) and point.endswith("@keep_attachment")
        assert (status, replayed) == (201, kept), (point, body)
        assert await sender.call() == (201, body, True), point
        said.append(body)

        page = await deal.seller.must("GET", f"/trades/{deal.id}/attachments")
        assert page["items"] == said, point
        shown = await deal.seller.must("GET", f"/attachments/{body['id']}")
        async with site.world.client.get(shown["link"]["download"]) as reply:
            content = await reply.read()
            assert reply.status == 200, point
        assert hashlib.sha256(content).hexdigest() == body["sha256"]
        chat = await deal.seller.must("GET", f"/trades/{deal.id}/messages?limit=100")
        told = [one["attachment_id"] for one in chat["items"][::-1] if one["attachment_id"]]
        assert told == [one["id"] for one in said], point
