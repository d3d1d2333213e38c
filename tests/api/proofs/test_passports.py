"""The passport of a trade: whole, signed, and checked without us."""

import hashlib
import io
import zipfile

import orjson
import pytest
from sqlalchemy import insert, select

from models.audit import AuditEntry
from models.chat import Author, MessageKind
from models.files import Attachment
from models.trades import TradeStatus
from server.chat.messages import Draft, append_messages, lock_chat
from server.disputes import claims
from server.disputes.checklists import Proof
from server.disputes.evidence import Shown
from server.disputes.reasons import Reason
from server.files.pdf import check_pdf
from server.http.endpoint import Actor as HttpActor
from server.proofs.archive import JSON_PART, PARTS, PDF_PART, check_passport, pack_parts
from server.proofs.signing import PASSPORT, ProofBroken, Signer
from server.trades.desk import Caller
from tests.api.proofs.conftest import KEYS, run_command, run_script, write_json
from tests.case_world import decide

S = TradeStatus
WORDS = "Tôi đã chuyển khoản <b>5.200.000</b> ₫ & chờ bạn"


async def open_talked_trade(room, status=S.DISPUTED):
    """A trade with words, a file and, by its status, a case."""
    world = room.world
    trade_id = await world.open_trade(status)

    async def talk(unit):
        chat = await lock_chat(unit, world.desk.sealer, trade_id)
        drafts = [
            Draft(
                kind=MessageKind.TEXT, author=Author.BUYER, author_id=world.buyer,
                client_id=f"c{number}", text=f"{WORDS} {number}",
            )
            for number in range(3)
        ]  # fmt: skip
        await append_messages(unit, world.desk.sealer, chat, drafts)
        for number, state in enumerate(("clean", "waiting")):
            waits = state == "waiting"
            await unit.execute(
                insert(Attachment).values(
                    id=unit.ids.new_id(), trade_id=trade_id, user_id=world.buyer, tries=0,
                    size=10, media_type="image/jpeg", digest=bytes(32),
                    kept_digest=bytes([number]) * 32, status=state, sealed_key=b"x", stored=True,
                    scanned_at=None if waits else unit.now, due_at=unit.now if waits else None,
                    created_at=unit.now,
                )
            )  # fmt: skip

    await world.run(talk)
    return trade_id


def unpack(content):
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


async def test_passport_holds_all_that_both_parties_see(room):
    trade_id = await open_talked_trade(room)
    parts = unpack(await room.must(f"/trades/{trade_id}/passport"))
    assert tuple(parts) == PARTS
    said = orjson.loads(parts[JSON_PART])
    assert (said["status"], said["escrow"]["state"]) == ("disputed", "locked")
    assert [step["version"] for step in said["timeline"]] == list(
        range(1, len(said["timeline"]) + 1)
    )
    shown = [orjson.loads(one["shown"])["text"] for one in said["chat"]["messages"] if one["shown"]]
    assert shown == [f"{WORDS} {number}" for number in range(3)]
    (file,) = said["evidence"]
    assert (file["sha256"], file["sender"]) == ("00" * 32, "buyer")
    assert (said["case"]["opened_by"], said["case"]["rulings"]) == ("clock", [])
    without = await open_talked_trade(room, S.PAID)
    told = orjson.loads(await room.must(f"/trades/{without}/passport", "seller", format="json"))
    assert told["passport"]["case"] is None


async def test_passport_is_checked_by_the_command_and_by_a_script_of_its_own(room):
    trade_id = await open_talked_trade(room)
    keys = await room.keep_keys()
    path = f"/trades/{trade_id}/passport"
    forms = {"a.zip": {}, "b.zip": {"language": "vi"}, "c.json": {"format": "json"}}
    for file, query in forms.items():
        kept = await room.keep(path, file, **query)
        code, said = run_script("verify_passport.py", kept, keys)
        assert (code, "1 files." in said) == (0, True), said
        code, said = run_command("verify-passport", kept, "--keys", keys)
        assert (code, str(trade_id) in said) == (0, True), said


async def test_paper_is_for_people_of_each_language(room):
    trade_id = await open_talked_trade(room)
    path = f"/trades/{trade_id}/passport"
    english, vietnamese = [
        unpack(await room.must(path, language=language))[PDF_PART] for language in ("en", "vi")
    ]
    assert english != vietnamese
    for paper in (english, vietnamese):
        check_pdf(paper)
        assert b"DejaVuSans" in paper
        assert b"ToUnicode" in paper
    # Who says nothing gets his own language, and the same passport is the same paper.
    assert unpack(await room.must(path))[PDF_PART] == english
    assert (await room.get(path, language="xx"))[0] == 422


async def test_any_changed_byte_is_found(room):
    trade_id = await open_talked_trade(room)
    kept = await room.keep(f"/trades/{trade_id}/passport", "good.zip")
    keys = await room.keep_keys()
    published, good = orjson.loads(keys.read_bytes()), kept.read_bytes()
    check_passport(good, published)
    spread = [*range(0, len(good), len(good) // 700), *range(len(good) - 300, len(good))]
    for part in unpack(good).values():
        at = good.index(part)
        spread += [at, at + len(part) // 2, at + len(part) - 1]
    for at in spread:
        changed = good[:at] + bytes((good[at] ^ 1,)) + good[at + 1 :]
        with pytest.raises(ProofBroken):
            check_passport(changed, published)
    for number, at in enumerate(spread[:: len(spread) // 6]):
        changed = room.folder / f"changed{number}.zip"
        changed.write_bytes(good[:at] + bytes((good[at] ^ 1,)) + good[at + 1 :])
        assert run_script("verify_passport.py", changed, keys)[0] == 1, at
        assert run_command("verify-passport", changed, "--keys", keys)[0] == 1, at
    for changed in (good + b"\0", b"x" + good, good[:-1], b"", b"PK", b"{}", b"[]"):
        with pytest.raises(ProofBroken):
            check_passport(changed, published)


async def test_parts_that_we_did_not_sign_are_found(room):
    trade_id = await open_talked_trade(room)
    path = f"/trades/{trade_id}/passport"
    keys = await room.keep_keys()
    published = orjson.loads(keys.read_bytes())
    parts = unpack(await room.must(path))
    for name in (JSON_PART, PDF_PART):
        with pytest.raises(ProofBroken):
            check_passport(pack_parts({**parts, name: parts[name] + b" "}), published)
    shown = orjson.loads(await room.must(path, format="json"))
    words = shown["passport"]["chat"]["messages"][-1]
    assert words["shown"]
    for changed in (
        {**shown, "passport": {**shown["passport"], "status": "completed"}},
        {**shown, "key_id": "old"},
        {**shown, "more": 1},
    ):
        kept = write_json(room.folder / "wrong.json", changed)
        assert run_script("verify_passport.py", kept, keys)[0] == 1
        with pytest.raises(ProofBroken):
            check_passport(kept.read_bytes(), published)


async def test_chain_of_the_chat_is_checked_besides_the_signature(room):
    trade_id = await open_talked_trade(room)
    shown = orjson.loads(await room.must(f"/trades/{trade_id}/passport", format="json"))
    keys = await room.keep_keys()

    def change_words(messages):
        messages[-1]["shown"] = messages[-1]["shown"].replace("5.200", "9.900")

    def change_event(messages):
        messages[0]["chained"][7] = "released"

    for spoil in (change_words, change_event, list.pop, list.reverse):
        spoilt = orjson.loads(orjson.dumps(shown))
        spoil(spoilt["passport"]["chat"]["messages"])
        spoilt["signature"] = Signer(KEYS).sign(PASSPORT, spoilt["passport"])
        kept = write_json(room.folder / "spoilt.json", spoilt)
        assert run_script("verify_passport.py", kept, keys)[0] == 1
        with pytest.raises(ProofBroken):
            check_passport(kept.read_bytes(), orjson.loads(keys.read_bytes()))


async def test_passport_is_there_for_the_parties_and_audited_staff(room):
    trade_id = await open_talked_trade(room)
    assert (await room.get(f"/trades/{trade_id}/passport", "stranger"))[0] == 404
    assert (await room.get(f"/trades/{trade_id}/passport", "staff"))[0] == 404
    content = await room.must(f"/admin/trades/{trade_id}/passport", "staff")
    assert hashlib.sha256(content).digest()
    assert (await room.get(f"/admin/trades/{trade_id}/passport", "buyer"))[0] == 403
    rows = await room.world.fetch(
        select(AuditEntry.actor_id, AuditEntry.object_id).where(
            AuditEntry.action == "passport_read"
        )
    )
    assert [tuple(row) for row in rows] == [(room.world.staff, str(trade_id))]
    own = await room.world.open_trade(buyer_id=room.world.staff)
    assert (await room.get(f"/admin/trades/{own}/passport", "staff"))[0] == 404


async def test_passport_tells_of_a_claim_and_of_offers_to_split(room):
    world = room.world
    trade_id = await world.open_trade(S.EXPIRED)
    caller = Caller(HttpActor(world.buyer, world.buyer, "user"))

    async def make(unit):
        shown = Shown(Proof.RECEIPT, WORDS, [])
        return await claims.open_claim(
            unit, world.desk, caller, trade_id,
            reason=Reason.PAID_LATE, statement="I paid all the same.", shown=shown,
        )  # fmt: skip

    claim_id = (await world.run(make)).id
    other = Caller(HttpActor(world.seller, world.seller, "user"))

    async def answer(unit):
        shown = Shown(Proof.STORY, "He did not.", [])
        await claims.give_claim_evidence(
            unit, world.desk, other, claim_id, shown=shown, answer=True
        )

    await world.run(answer)
    await decide(world, claim_id, "reject_claim", reason="No bank knows of it.")
    keys = orjson.loads((await room.keep_keys()).read_bytes())
    said = check_passport(await room.must(f"/trades/{trade_id}/passport"), keys)
    claim = said["claim"]
    assert (claim["kind"], claim["claimed_by"], claim["outcome"]) == ("late", "buyer", "rejected")
    assert [one["statement"] for one in claim["evidence"]] == [WORDS, "He did not."]
    assert claim["timeline"][-1]["detail"] == {"reason": "No bank knows of it."}
    assert said["case"] is None

    split = await world.open_trade(S.PAID)
    await world.do("propose_split", split, world.buyer)
    await world.do("decline_split", split, world.seller)
    await world.do("propose_split", split, world.seller)
    said = check_passport(await room.must(f"/trades/{split}/passport", "seller"), keys)
    assert [(one["offered_by"], one["status"]) for one in said["offers"]] == [
        ("buyer", "declined"), ("seller", "open"),
    ]  # fmt: skip
    assert said["claim"] is None
