"""Apps that are too old are no longer served; one person says which, and says it back."""

import asyncio
import time

from server.http.app_version import ALWAYS_SERVED
from server.http.endpoint import Access
from server.settings import load_settings
from server.wiring import list_endpoints
from tests.api.admin.test_authorization import path_of

PATH = "/api/admin/app-versions"
NEW = {"least": "2.1.0", "message": "Install 2.1.", "reason": "1 loses messages."}
ENDPOINTS = list_endpoints(load_settings({}))


def app(text):
    return {"App-Version": text}


async def status_of_me(bureau, token, version):
    reply = await bureau.ask("GET", "/api/v1/me", token=token, headers=app(version))
    return reply.status


async def wait_for(bureau, token, version, status):
    began = time.monotonic()
    while await status_of_me(bureau, token, version) != status:
        assert time.monotonic() - began < 1, "it did not arrive within a second"
        await asyncio.sleep(0.02)


async def test_old_app_is_refused_in_every_process_until_it_is_served_again(bureau, other_bureau):
    _, token = await bureau.join("max", "market_manager")
    assert await status_of_me(bureau, token, "ios/1.0.0") == 200

    status, shown = await bureau.act(token, "POST", f"{PATH}/ios", NEW)

    assert (status, shown["least"]) == (200, "2.1.0")
    for each in (bureau, other_bureau):
        await wait_for(each, token, "ios/2.0.99999", 426)
        for version in ("ios/2.1.0", "ios/2.1.1", "ios/10.0.0", "android/0.0.1"):
            assert await status_of_me(each, token, version) == 200, version
        assert await each.status_of_me(token) == 200
    reply = await bureau.ask("GET", "/api/v1/me", token=token, headers=app("ios/2.0.9"))
    problem = await reply.json()
    assert (problem["code"], problem["detail"]) == ("app_outdated", NEW["message"])
    assert problem["params"] == {"platform": "ios", "least": "2.1.0"}
    public = await (await bureau.ask("GET", "/api/v1/app", headers=app("ios/0.0.1"))).json()
    assert public["items"] == [{"platform": "ios", "least": "2.1.0", "message": "Install 2.1."}]

    _, other = await bureau.join("fay", "finance")
    status, _ = await bureau.act(other, "POST", f"{PATH}/ios", {**NEW, "least": "1.5.0"})
    assert status == 200
    await wait_for(other_bureau, token, "ios/1.5.0", 200)
    _, listed = await bureau.act(token, "GET", PATH)
    assert [one["least"] for one in listed["items"]] == ["1.5.0"]
    audited = await bureau.audited("app_version_set")
    assert [(one.before, one.after, one.reason) for one in audited] == [
        (None, '{"least":"2.1.0"}', NEW["reason"]),
        ('{"least":"2.1.0"}', '{"least":"1.5.0"}', NEW["reason"]),
    ]


async def test_only_who_may_stop_services_sets_a_version_and_with_a_proof(bureau):
    _, auditor = await bureau.join("aud", "auditor")
    _, manager = await bureau.join("max", "market_manager")
    assert await bureau.refuse(auditor, "POST", f"{PATH}/ios", NEW) == (403, "forbidden")
    reply = await bureau.ask("POST", f"{PATH}/ios", NEW, token=manager)
    assert (reply.status, (await reply.json())["code"]) == (403, "step_up_required")
    for platform, body, refused in (
        ("windows", NEW, (404, "not_found")),
        ("ios", {**NEW, "least": "2.1"}, (422, "invalid")),
        ("ios", {**NEW, "least": "2.01.0"}, (422, "invalid")),
        ("ios", {**NEW, "least": "2.1.0\n"}, (422, "invalid")),
        ("ios", {**NEW, "message": ""}, (422, "invalid")),
    ):
        assert await bureau.refuse(manager, "POST", f"{PATH}/{platform}", body) == refused
    for header in ("ios", "ios/2", "ios/1.2.3-beta", "web/1.2.3", "", "ios/1.2.3/4", "IOS/1.2.3"):
        assert await status_of_me(bureau, manager, header) == 422, header


async def test_every_call_but_a_few_refuses_an_old_app(bureau):
    _, token = await bureau.join("ada", "administrator")
    await bureau.act(token, "POST", f"{PATH}/android", NEW)
    await bureau.office.versions.read(bureau.database)
    paths = {endpoint.path for endpoint in ENDPOINTS}
    assert paths >= ALWAYS_SERVED
    different = {}
    for endpoint in ENDPOINTS:
        sent = {**app("android/2.0.9")}
        if endpoint.access is not Access.PUBLIC:
            sent["Authorization"] = f"Bearer {token}"
        reply = await bureau.client.request(endpoint.method, path_of(endpoint), headers=sent)
        code = (await reply.json())["code"]
        if (code == "app_outdated") is (endpoint.path in ALWAYS_SERVED):
            different[endpoint.method, endpoint.path] = code
    assert different == {}
    signed_out = await bureau.ask(
        "POST", "/api/v1/auth/logout", {}, token=token, headers=app("android/1.0.0")
    )
    assert signed_out.status == 204
