"""What is learnt from closed cases: precedents, second looks, texts, figures."""

from server.core.ids import SeededRandom
from server.disputes import staff_rules
from server.disputes.staff_audits import give_audits, learn_from_rulings
from server.disputes.staff_precedents import anonymise, keep_precedent, list_words
from tests.staff_world import ask_as_staff, join_staff

TEXT = {
    "name": "payment_seen",
    "version": 0,
    "text_en": "The payment of {fiat} {currency} by {buyer} was seen.",
    "text_vi": "Đã thấy khoản thanh toán {fiat} {currency} của {buyer}.",
}


def test_texts_of_precedents_say_nothing_of_people():
    text = (
        "Anna paid 2,600,000 to 0123456789 (VCB-99812), see https://bank.example/x, write to "
        "anna@example.com or @anna_p; anna did not pay twice."
    )
    told = anonymise(text, [("anna", "the buyer")])
    for word in ("anna", "0123", "2,600", "998", "bank.example", "@"):
        assert word not in told.casefold()
    assert "the buyer did not pay twice" in told
    assert list_words("Thanh TOÁN, đã Nhận! ab x_y paid paid") == ["thanh", "toán", "nhận", "paid"]


async def test_closed_cases_are_found_again_and_looked_at_by_somebody_else(court, monkeypatch):
    monkeypatch.setattr(staff_rules, "AUDITED_OF_THOUSAND", 1000)
    case_id = await court.open_case()
    ruler = await court.rule(case_id)
    assert await learn_from_rulings(court.desk) == 0, "nothing is learnt before it is carried out"
    await court.pass_time(hours=24)
    assert await learn_from_rulings(court.desk) == 1
    assert await learn_from_rulings(court.desk) == 0

    async def search(query):
        status, page = await ask_as_staff(ruler, "GET", f"/dispute-precedents?{query}")
        assert status == 200, page
        return page["items"]

    (found,) = await search("words=STATEMENT%20payment&outcome=release&rail=vn-one")
    assert (found["reason"], found["amount_band"]) == ("not_released", "to_100")
    shown = str(found).casefold()
    for word in (case_id, court.trade_id, "seller", "0123456789"):
        assert word not in shown
    assert "bank statement of the buyer" in found["text_en"]
    for miss in ("words=bitcoin", "outcome=refund&words=statement", "amount_band=to_500"):
        assert await search(miss) == []
    assert (await ask_as_staff(ruler, "GET", "/dispute-precedents?words=ab"))[0] == 422

    assert await give_audits(court.desk) == 1
    status, page = await ask_as_staff(court.cora, "GET", "/dispute-audits")
    (audit,) = page["items"]
    assert audit["case_id"] == case_id
    assert (await court.read_case(court.cora, case_id))[0] == 200, "who looks again reads it"
    path, body = f"/dispute-audits/{audit['id']}/verdict", {"verdict": "disagree", "note": "No."}
    auditor = await join_staff(court.world, "aud", "auditor")
    status, problem = await ask_as_staff(auditor, "POST", path, body)
    assert (status, problem["code"]) == (409, "audit_closed")
    assert (await ask_as_staff(ruler, "POST", path, body))[0] == 403
    status, done = await ask_as_staff(court.cora, "POST", path, body)
    assert (status, done["verdict"]) == (200, "disagree")
    assert (await ask_as_staff(court.cora, "POST", path, body))[0] == 409
    assert (await court.read_case(court.cora, case_id))[0] == 403, "and no longer than that"
    assert (await court.trade())["status"] == "completed"

    _, told = await ask_as_staff(auditor, "GET", "/dispute-statistics")
    (row,) = told["items"]
    assert (row["username"], row["disagreed_permille"], row["reversed"]) == (ruler.name, 1000, 0)
    assert (await ask_as_staff(ruler, "GET", "/dispute-statistics"))[0] == 403


async def test_overdue_second_look_goes_to_somebody_else_and_never_to_the_ruler(court, monkeypatch):
    monkeypatch.setattr(staff_rules, "AUDITED_OF_THOUSAND", 1000)
    case_id = await court.open_case()
    ruler = await court.rule(case_id)
    await court.pass_time(hours=24)
    await learn_from_rulings(court.desk)
    await give_audits(court.desk)
    aud = await join_staff(court.world, "aud", "auditor")
    await court.pass_time(hours=7 * 24)
    await court.sign_in(aud)
    assert await give_audits(court.desk) == 1
    (audit,) = (await ask_as_staff(aud, "GET", "/dispute-audits"))[1]["items"]
    assert audit["case_id"] == case_id
    assert (await ask_as_staff(court.cora, "GET", "/dispute-audits"))[1]["items"] == []
    assert ruler is not aud


async def test_pages_of_precedents_have_no_gap_and_no_double(court):
    case_id = await court.open_case()
    ruler = await court.rule(case_id)
    (ruling,) = await court.rulings(case_id)
    random = SeededRandom("precedents")

    async def fill(unit):
        trade = await court.read_trade(unit)
        for number in range(23):
            reason = "not_released" if number % 3 else "other"
            await keep_precedent(unit, random, ruling, trade, reason=reason, payer=None)

    await court.world.database.transact(fill, name="test")
    for query, count in (("", 23), ("reason=other", 8), ("reason=other&words=statement", 8)):
        found, cursor = [], ""
        while cursor is not None:
            path = f"/dispute-precedents?limit=5&{query}{cursor}"
            _, page = await ask_as_staff(ruler, "GET", path)
            found += [one["id"] for one in page["items"]]
            cursor = page["next_cursor"] and f"&cursor={page['next_cursor']}"
        assert found == sorted(set(found), reverse=True)
        assert len(found) == count, query


async def test_texts_have_versions_and_are_filled_for_a_case(court):
    case_id = await court.open_case()
    ruler = await court.give(case_id)
    status, written = await ask_as_staff(ruler, "POST", "/dispute-texts", TEXT)
    assert (status, written["version"]) == (201, 1)
    status, problem = await ask_as_staff(ruler, "POST", "/dispute-texts", TEXT)
    assert (status, problem["code"]) == (409, "text_changed")
    for wrong in ("{nobody}", "{buyer!r}", "{amount:10}", "{", "{0}", "{buyer.x}"):
        body = {**TEXT, "version": 1, "text_en": wrong}
        assert (await ask_as_staff(ruler, "POST", "/dispute-texts", body))[0] == 422, wrong
    assert (await ask_as_staff(court.cora, "POST", "/dispute-texts", TEXT))[0] == 403

    path = f"/disputes/{case_id}/texts/payment_seen"
    status, filled = await ask_as_staff(ruler, "GET", path)
    assert filled["text_en"] == "The payment of 2600000 VND by buyer was seen."
    assert "2600000 VND" in filled["text_vi"]
    assert (await ask_as_staff(court.cora, "GET", path))[0] == 403
    body = {**TEXT, "version": 1, "retired": True}
    assert (await ask_as_staff(ruler, "POST", "/dispute-texts", body))[0] == 201
    assert (await ask_as_staff(ruler, "GET", path))[0] == 404
    assert (await ask_as_staff(ruler, "GET", "/dispute-texts"))[1]["items"] == []
    assert len(await court.audited("dispute_text_written")) == 2
