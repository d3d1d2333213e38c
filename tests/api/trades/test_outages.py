"""GET /outages."""

from server.trades.outages import announce_outage, end_outage


async def test_the_log_of_outages_is_public(api):
    async def announce(unit):
        return await announce_outage(unit, "maintenance")

    ids = []
    for _ in range(3):
        outage_id = await api.world.run(announce)
        ids.append(str(outage_id))

        async def end(unit, outage_id=outage_id):
            await end_outage(unit, outage_id)

        api.world.clock.advance(minutes=1)
        await api.world.run(end)
    first = await (await api.get("/outages", None, limit=2)).json()
    rest = await (await api.get("/outages", None, limit=2, cursor=first["next_cursor"])).json()
    assert [item["id"] for item in first["items"] + rest["items"]] == ids[::-1]
    assert first["items"][0]["reason"] == "maintenance"
