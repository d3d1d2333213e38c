"""The passport of a trade that was ruled: whole, for both parties and who decides, and checked."""

import io
import zipfile

import orjson
import pytest
from sqlalchemy import select

from models.files import Attachment
from server.files.pdf import check_pdf
from server.proofs.archive import JSON_PART, PDF_PART, check_passport
from server.proofs.signing import ProofBroken
from tests.api.proofs.conftest import run_command, run_script
from tests.pictures import draw
from tests.staff_world import ask_as_staff

WORDS = "Sao kê của tôi <b>5.200.000</b> ₫ & biên lai"
OBJECTION = "The bank confirms it in writing."


async def fetch(court, person, path, **query):
    """The status and content of a passport; a path of staff begins with /admin."""
    root = "/api" if path.startswith("/admin") else "/api/v1"
    headers = {"Authorization": f"Bearer {person.token}"}
    async with court.world.client.get(root + path, headers=headers, params=query) as reply:
        return reply.status, await reply.read()


async def fill_case(court):
    """A case with an offer, a file that was shown, words of both sides, a ruling and an objection
    to it; its identifier, and who was given it then."""
    case_id = await court.open_case()
    sent = {
        "Authorization": f"Bearer {court.buyer.token}", "Content-Type": "image/jpeg",
        "Idempotency-Key": "proof",
    }  # fmt: skip
    path = f"/api/v1/trades/{court.trade_id}/attachments"
    async with court.world.client.post(path, data=draw((90, 90)), headers=sent) as reply:
        file_id = (await reply.json())["id"]
    shown = {"kind": "statement", "statement": WORDS, "attachment_ids": [file_id]}
    path = f"/disputes/{case_id}"
    await court.buyer.must("POST", f"{path}/evidence", shown)
    story = {"kind": "story", "statement": "Nothing came.", "attachment_ids": []}
    await court.seller.must("POST", f"{path}/evidence", story)
    await court.buyer.must("POST", f"{path}/offers", {"kind": "release"})
    await court.rule(case_id, outcome="release")
    await court.pass_time(hours=1)
    fresh = await court.new_evidence(court.seller, case_id)
    body = {"statement": OBJECTION, "evidence_ids": [fresh]}
    await court.seller.must("POST", f"{path}/objection", body)
    return case_id, await court.give(case_id)


def check_said(said, sha256, rulings):
    case = said["case"]
    assert [(one["outcome"], one["status"]) for one in case["rulings"]] == rulings
    assert [(one["by"], one["statement"]) for one in case["evidence"]] == [
        ("buyer", WORDS), ("seller", "Nothing came."), ("seller", "See line 7."),
    ]  # fmt: skip
    assert case["objection"]["evidence"] == [case["evidence"][-1]["id"]]
    (file,) = case["evidence"][0]["files"]
    assert file["sha256"] == sha256 == said["evidence"][0]["sha256"]
    assert [(one["offered_by"], one["kind"], one["status"]) for one in case["offers"]] == [
        ("buyer", "release", "lapsed")
    ]
    assert (case["objection"]["by"], case["objection"]["statement"]) == ("seller", OBJECTION)
    steps = [step["version"] for step in case["timeline"]]
    assert steps == list(range(1, len(steps) + 1))
    assert (said["claim"], said["offers"]) == (None, [])


async def test_passport_of_a_ruled_trade_is_whole_and_checked_for_all_who_may_have_it(
    court, tmp_path
):
    case_id, ruler = await fill_case(court)
    keys = tmp_path / "keys.json"
    keys.write_bytes((await fetch(court, court.buyer, "/proofs/keys"))[1])
    published = orjson.loads(keys.read_bytes())
    (row,) = await court.world.read(select(Attachment.kept_digest))
    own, fetched = f"/trades/{court.trade_id}/passport", {}
    rulings = [("release", "objected")]
    for person, path in (
        (ruler, f"/admin/disputes/{case_id}/passport"), (court.buyer, own), (court.seller, own)
    ):  # fmt: skip
        if person is court.buyer:
            await court.rule(case_id, ruler, outcome="split", buyer_amount="40")
            await court.pass_time(seconds=1)
            rulings.append(("split", "carried_out"))
        for language in ("en", "vi"):
            status, content = await fetch(court, person, path, language=language)
            assert status == 200, content
            fetched[language] = content
        said = check_passport(content, published)
        check_said(said, bytes(row.kept_digest).hex(), rulings)
        # Nothing that the two may not see of each other or of the staff.
        text = str(said)
        assert not any(each.name in text or each.id in text for each in court.rulers.values())
        shown = (await fetch(court, person, path, format="json"))[1]
        assert check_passport(shown, published)["case"] == said["case"]

    good = fetched["vi"]
    for name, content in {"en.zip": fetched["en"], "vi.zip": good, "shown.json": shown}.items():
        kept = tmp_path / name
        kept.write_bytes(content)
        code, told = run_script("verify_passport.py", kept, keys)
        assert (code, "2 rulings" in told) == (0, True), told
        code, told = run_command("verify-passport", kept, "--keys", keys)
        assert (code, "2 rulings" in told) == (0, True), told
    papers = []
    for content in fetched.values():
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            check_pdf(archive.read(PDF_PART))
            papers.append(archive.read(PDF_PART))
            at = content.index(archive.read(JSON_PART))
    assert papers[0] != papers[1]
    # Any byte of the case, and some of everything.
    begin, end = good.index(b'"case":', at), good.index(b'"chat":', at)
    assert begin < end
    for place in [*range(begin, end, 37), *range(0, len(good), len(good) // 200)]:
        changed = good[:place] + bytes((good[place] ^ 1,)) + good[place + 1 :]
        with pytest.raises(ProofBroken):
            check_passport(changed, published)

    read = await court.audited("passport_read")
    assert {(str(each.actor_id), each.object_id) for each in read} == {(ruler.id, court.trade_id)}
    assert len(read) == 3


async def test_passport_of_a_case_is_for_who_was_given_it(court):
    case_id = await court.open_case()
    ruler = await court.give(case_id)
    path = f"/disputes/{case_id}/passport"
    others = [each for each in court.rulers.values() if each is not ruler]
    for person in (*others, court.cora):
        status, problem = await ask_as_staff(person, "GET", path)
        assert (status, problem["code"]) == (403, "case_not_yours")
    status, problem = await ask_as_staff(court.buyer, "GET", path)
    assert (status, problem["code"]) == (403, "forbidden")
    assert (await ask_as_staff(ruler, "GET", f"/disputes/{court.trade_id}/passport"))[0] == 404
    assert await court.audited("passport_read") == []
    refused = await court.audited("dispute_read_refused")
    assert {str(each.actor_id) for each in refused} == {each.id for each in (*others, court.cora)}
    before = len(await court.audited("dispute_read"))
    assert (await fetch(court, ruler, f"/admin{path}"))[0] == 200
    assert len(await court.audited("dispute_read")) == before + 1
