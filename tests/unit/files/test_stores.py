"""Where files lie: what a folder and a bucket have in common, and what can go wrong with one."""

import asyncio
import contextlib
import hashlib
import ssl
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import botocore.endpoint
import pytest
from structlog.testing import capture_logs

from server.files import s3
from server.files.s3 import Bucket, Patience, S3Files
from server.files.store import FolderFiles, StoreFailed
from server.kyc.store import FolderStore
from server.settings import load_settings
from server.wiring.files import open_store
from server.wiring.kernel import run_in
from tests.certificates import Authority
from tests.s3_server import BAD_MOODS, BUCKET, KEY_ID, LATE_MOODS, REGION, SECRET, serve_s3, sign

ONE, OTHER = UUID(int=0xA1), UUID(int=0xB2)
ONCE = Patience(connect_s=0.5, answer_s=0.3, tries=1)


@contextlib.asynccontextmanager
async def open_bucket(url, *, patience=ONCE, **given):
    bucket = Bucket(
        **{
            "url": url,
            "name": BUCKET,
            "region": REGION,
            "key_id": KEY_ID,
            "secret": SECRET,
            **given,
        }
    )
    threads = ThreadPoolExecutor(4)
    files = S3Files(bucket, run_in(threads), patience)
    try:
        yield files
    finally:
        threads.shutdown()
        await files.close()


@contextlib.asynccontextmanager
async def open_folder(folder):
    thread = ThreadPoolExecutor(1)
    yield FolderFiles(FolderStore(folder), run_in(thread))
    thread.shutdown()


@pytest.fixture(params=["folder", "s3"])
async def store(request, tmp_path):
    async with contextlib.AsyncExitStack() as stack:
        if request.param == "folder":
            yield await stack.enter_async_context(open_folder(tmp_path))
        else:
            _, url = await stack.enter_async_context(serve_s3())
            yield await stack.enter_async_context(open_bucket(url, patience=Patience()))


@pytest.fixture
async def served():
    async with serve_s3() as (store, url):
        yield store, url


async def test_settings_choose_the_bucket(served, tmp_path):
    store, url = served
    written = {
        "IQX_FILES_S3_URL": url, "IQX_FILES_S3_BUCKET": BUCKET, "IQX_FILES_S3_REGION": REGION,
        "IQX_FILES_S3_KEY_ID": KEY_ID, "IQX_FILES_S3_SECRET": SECRET,
        "IQX_FILES_FOLDER": str(tmp_path / "files"),
    }  # fmt: skip
    thread = ThreadPoolExecutor(1)
    opened = open_store(load_settings(written), thread, thread)
    await opened.put(ONE, b"in the bucket")
    assert list(store.objects.values()) == [b"in the bucket"]
    thread.shutdown()
    await opened.close()
    assert not (tmp_path / "files").exists()


async def test_bytes_are_kept_read_written_over_and_forgotten(store):
    large = hashlib.shake_256(b"large").digest(20 * 1024 * 1024)
    for content in (large, b"\x00\xff", b"x"):
        await store.put(ONE, content)
        assert await store.get(ONE) == content
    await asyncio.gather(*(store.put(UUID(int=each), bytes([each])) for each in range(1, 9)))
    assert [await store.get(UUID(int=each)) for each in range(1, 9)] == [
        bytes([each]) for each in range(1, 9)
    ]
    await store.delete(ONE)
    await store.delete(ONE)
    for missing in (ONE, OTHER):
        with pytest.raises(FileNotFoundError):
            await store.get(missing)
    await store.close()


async def test_store_that_checks_signatures_reckons_as_the_document_does():
    # The example of a read in Amazon's description of version 4 of the signatures.
    empty = hashlib.sha256(b"").hexdigest()
    headers = {
        "host": "examplebucket.s3.amazonaws.com", "range": "bytes=0-9",
        "x-amz-content-sha256": empty, "x-amz-date": "20130524T000000Z",
    }  # fmt: skip
    scope = ["20130524", "us-east-1", "s3", "aws4_request"]
    secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
    signed = sign(
        secret,
        "GET",
        "/test.txt",
        "",
        headers,
        sorted(headers),
        empty,
        scope,
        headers["x-amz-date"],
    )
    assert signed == "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"


async def test_whatever_a_store_does_besides_saying_yes_is_a_failure(served):
    store, url = served
    async with open_bucket(url) as files:
        await files.put(ONE, b"kept")
        for mood in BAD_MOODS:
            store.mood = mood
            with capture_logs() as logs:
                for call in (lambda: files.put(OTHER, b"x"), lambda: files.delete(OTHER)):
                    with pytest.raises(StoreFailed):
                        await call()
                if mood == "garbage":
                    # Bytes that are not ours do not open; the store cannot know.
                    assert await files.get(OTHER) == b"\xff" * 40
                    continue
                with pytest.raises(StoreFailed):
                    await files.get(OTHER)
            assert all(line["event"] == "files_store_failed" for line in logs), mood
            assert SECRET not in str(logs)
            assert url not in str(logs)
        for mood in LATE_MOODS:
            store.mood = mood
            with pytest.raises(StoreFailed):
                await files.get(ONE)
        store.mood = "well"
        assert await files.get(ONE) == b"kept"
        assert list(store.objects) == [s3._name_object(ONE)]
    assert SECRET not in repr(files._bucket)


async def test_store_that_stumbles_is_asked_again(served, monkeypatch):
    store, url = served
    monkeypatch.setattr(botocore.endpoint.time, "sleep", lambda _s: None)
    patience = Patience(connect_s=1, answer_s=0.3, tries=3)
    async with open_bucket(url, patience=patience) as files:
        for mood in ("errors", "slows down", "hangs up", "hangs"):
            store.mood, store.bad_answers = mood, 2
            await files.put(ONE, mood.encode())
            assert await files.get(ONE) == mood.encode()
        store.mood, store.bad_answers = "errors", 3
        with pytest.raises(StoreFailed):
            await files.delete(ONE)
        await files.delete(ONE)
    assert store.objects == {}


async def test_store_that_is_not_there_fails_in_time():
    async with serve_s3() as (_, url):
        pass
    async with open_bucket(url) as files:
        with pytest.raises(StoreFailed):
            await asyncio.wait_for(files.put(ONE, b"x"), 5)


@pytest.mark.parametrize(
    "wrong",
    [{"secret": "another secret"}, {"key_id": "AKIDOTHER"}, {"region": "us-east-1"},
     {"name": "others"}],
    ids=lambda wrong: next(iter(wrong)),
)  # fmt: skip
async def test_wrong_key_region_or_bucket_is_a_failure_and_no_missing_file(served, wrong):
    store, url = served
    async with open_bucket(url, **wrong) as files:
        with pytest.raises(StoreFailed):
            await files.put(ONE, b"x")
        with pytest.raises(StoreFailed):
            await files.get(ONE)
    assert store.objects == {}


async def test_nothing_is_taken_from_the_environment(served, monkeypatch, tmp_path):
    store, url = served
    config = tmp_path / "config"
    config.write_text(
        "[default]\nregion = xx\naws_access_key_id = a\nendpoint_url = http://127.0.0.1:9\n"
        "s3 =\n  addressing_style = virtual\n"
    )
    for name in ("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3", "HTTP_PROXY", "http_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, str(config))
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE", "AWS_REGION"):
        monkeypatch.setenv(name, "other")
    async with open_bucket(url) as files:
        await files.put(ONE, b"x")
    assert store.asked == [("PUT", f"/{BUCKET}/{s3._name_object(ONE)}")]


async def test_other_origins_are_not_asked(served):
    _, url = served
    async with serve_s3() as (other, elsewhere), open_bucket(url) as files:
        await files.put(ONE, b"x")

        def lead_astray(request, **_):
            request.url = request.url.replace(url, elsewhere)

        files._client.meta.events.register("before-sign.s3", lead_astray)
        with pytest.raises(StoreFailed):
            await files.put(ONE, b"y")
        assert other.asked == []


async def test_certificate_of_the_store_is_checked(tmp_path):
    authority = Authority(tmp_path)
    own = authority.sign("127.0.0.1")
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(own.certificate, own.key)
    async with serve_s3(ssl=context) as (store, url):
        assert url.startswith("https:")
        for ca in ("", str(Authority(tmp_path, "others").ca)):
            async with open_bucket(url, ca=ca) as files:
                with pytest.raises(StoreFailed):
                    await files.put(ONE, b"x")
        assert store.asked == []
        async with open_bucket(url, ca=str(authority.ca)) as files:
            await files.put(ONE, b"x")
            assert await files.get(ONE) == b"x"


async def test_crowd_before_a_store_that_hangs_is_turned_away_at_once(served, monkeypatch):
    store, url = served
    monkeypatch.setattr(s3, "CALLS_MAX", 3)
    async with open_bucket(url) as files:
        await files.put(ONE, b"x")
        store.mood = "hangs"
        waiting = [asyncio.create_task(files.get(ONE)) for _ in range(3)]
        await asyncio.sleep(0)
        with capture_logs() as logs, pytest.raises(StoreFailed):
            await files.get(ONE)
        assert [line["event"] for line in logs] == ["files_store_crowded"]
        failed = await asyncio.gather(*waiting, return_exceptions=True)
        assert [type(each) for each in failed] == [StoreFailed] * 3
        store.mood = "well"
        assert await files.get(ONE) == b"x"
