"""Text messages through Twilio's own client, against a server that speaks its wire format."""

import asyncio
import base64
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from server.messages.ports import Letter, NotSentError, UndeliverableError
from server.messages.sms import TwilioAccount, TwilioSender

LETTER = Letter(uuid.UUID(int=7), "+84901234567", "", "123456 is your code.")
SID = "AC" + "a" * 32


class Twilio:
    """Takes messages as Twilio does; `answer` is status and error code of its next answers."""

    def __init__(self):
        self.posts = []
        self.answer = None
        self.pause_s = 0.0
        self.base_url = ""

    async def take(self, request):
        form = dict(await request.post())
        self.posts.append((request.path, request.headers["Authorization"], form))
        await asyncio.sleep(self.pause_s)
        if self.answer is not None:
            status, code = self.answer
            problem = {"code": code, "message": "no", "more_info": "", "status": status}
            return web.json_response(problem, status=status)
        taken = {"sid": "SM" + "b" * 32, "status": "queued", "to": form["To"], "body": form["Body"]}
        return web.json_response(taken, status=201)


@pytest.fixture
async def twilio():
    fake = Twilio()
    app = web.Application()
    app.router.add_post("/2010-04-01/Accounts/{sid}/Messages.json", fake.take)
    async with TestServer(app) as server:
        fake.base_url = str(server.make_url("/")).rstrip("/")
        yield fake


@pytest.fixture
def thread():
    with ThreadPoolExecutor(1) as pool:
        yield pool


def open_sender(fake, thread, sender="+15005550006"):
    loop = asyncio.get_running_loop()
    account = TwilioAccount(SID, "token", sender, fake.base_url)
    return TwilioSender(account, lambda work: loop.run_in_executor(thread, work))


async def test_twilio_gets_the_message_from_our_number(twilio, thread):
    await open_sender(twilio, thread).send(LETTER)

    ((path, authorization, form),) = twilio.posts
    assert path == f"/2010-04-01/Accounts/{SID}/Messages.json"
    assert base64.b64decode(authorization.removeprefix("Basic ")).decode() == f"{SID}:token"
    assert form == {"To": LETTER.to, "From": "+15005550006", "Body": LETTER.body}


async def test_messaging_service_is_named_as_one(twilio, thread):
    service = "MG" + "c" * 32
    await open_sender(twilio, thread, service).send(LETTER)

    ((_, _, form),) = twilio.posts
    assert form["MessagingServiceSid"] == service
    assert "From" not in form


async def test_loop_runs_on_while_twilio_is_slow(twilio, thread):
    twilio.pause_s = 0.2
    sending = asyncio.create_task(open_sender(twilio, thread).send(LETTER))
    turns = 0
    while not sending.done():
        await asyncio.sleep(0.01)
        turns += 1

    assert turns > 5
    await sending


@pytest.mark.parametrize(("status", "code"), [(400, 21211), (400, 21610), (404, 20404)])
async def test_number_that_cannot_be_reached_is_final(twilio, thread, status, code):
    twilio.answer = (status, code)

    with pytest.raises(UndeliverableError):
        await open_sender(twilio, thread).send(LETTER)


@pytest.mark.parametrize(("status", "code"), [(401, 20003), (429, 20429), (500, 20500), (503, 0)])
async def test_trouble_of_twilio_or_of_our_account_is_tried_again(twilio, thread, status, code):
    twilio.answer = (status, code)

    with pytest.raises(NotSentError) as raised:
        await open_sender(twilio, thread).send(LETTER)

    assert LETTER.to not in raised.value.reason


async def test_absent_twilio_is_tried_again(twilio, thread, unused_tcp_port):
    twilio.base_url = f"http://127.0.0.1:{unused_tcp_port}"

    with pytest.raises(NotSentError):
        await open_sender(twilio, thread).send(LETTER)
