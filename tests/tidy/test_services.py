"""What the test services promise: private, below the ephemeral ports, and surely stopped."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pymysql
import pytest
import redis

from tests.services import (
    ROOT,
    Services,
    find_free_port,
    find_program,
    is_alive,
    read_answer,
    start_keeper,
    stop_keeper,
)


@pytest.fixture(scope="module")
def owner_and_services(tmp_path_factory: pytest.TempPathFactory):
    """A process that owns services, and those services."""
    owner = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    answer = tmp_path_factory.mktemp("keeper") / "services.json"
    services = start_keeper(answer, owner.pid)
    yield owner, services, answer
    owner.kill()
    owner.wait()
    stop_keeper(services)


def wait_until_gone(services: Services) -> None:
    deadline = time.monotonic() + 20
    while (is_alive(services.keeper_pid) or Path(services.folder).exists()) and (
        time.monotonic() < deadline
    ):
        time.sleep(0.1)


def test_services_answer_and_end_with_their_owner(owner_and_services):
    owner, services, answer = owner_and_services
    assert read_answer(answer) == services
    assert 1024 < services.mariadb_port < 32768
    assert 1024 < services.redis_port < 32768
    with pymysql.connect(host="127.0.0.1", port=services.mariadb_port, user="root") as connection:
        cursor = connection.cursor()
        cursor.execute("SELECT @@character_set_server, @@collation_server, @@bind_address")
        assert cursor.fetchone() == ("utf8mb4", "utf8mb4_bin", "127.0.0.1")
        connection.commit()
    with redis.Redis(port=services.redis_port) as client:
        assert client.ping()

    os.kill(owner.pid, signal.SIGKILL)
    owner.wait()
    wait_until_gone(services)
    assert not Path(services.folder).exists()
    with pytest.raises(pymysql.err.OperationalError):
        pymysql.connect(host="127.0.0.1", port=services.mariadb_port, user="root")


def test_free_port_lies_below_the_ephemeral_range():
    assert all(1024 < find_free_port() < 32768 for _ in range(50))


def test_missing_program_is_a_sentence_that_says_what_to_do():
    with pytest.raises(RuntimeError, match=r"is not installed. Run `make test`"):
        find_program("no-such-database-server")


TESTS = """
import pathlib, time, pytest

@pytest.mark.parametrize("n", range(4))
def test_url(n, mariadb_server_url):
    with pathlib.Path({urls!r}).open("a") as f:
        f.write(mariadb_server_url + "\\n")
    time.sleep({sleep_s})
"""


@pytest.fixture
def start_suite(tmp_path: Path):
    """Starts a parallel run of tests that use MariaDB; its process and the file of its URLs."""
    urls = tmp_path / "urls"

    def start(sleep_s: int) -> tuple[subprocess.Popen[bytes], Path]:
        (tmp_path / "conftest.py").write_text(
            f"import sys\nsys.path.insert(0, {str(ROOT)!r})\n"
            'pytest_plugins = ["tests.plugins.databases"]\n'
        )
        (tmp_path / "pytest.ini").write_text("[pytest]\n")
        (tmp_path / "test_it.py").write_text(TESTS.format(urls=str(urls), sleep_s=sleep_s))
        inherited = {k: v for k, v in os.environ.items() if not k.startswith("IQX_TEST_")}
        process = subprocess.Popen(
            [sys.executable, "-m", "pytest", "-q", "-p", "xdist.plugin", "-n", "2"],
            cwd=tmp_path,
            env={"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"} | inherited,
            stdout=subprocess.DEVNULL,
        )
        return process, urls

    return start


def is_answering(server_url: str) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", int(server_url.rpartition(":")[2]))) == 0


def test_plain_pytest_shares_one_set_of_services_and_stops_them(start_suite):
    process, urls = start_suite(sleep_s=0)
    assert process.wait(60) == 0
    used = urls.read_text().splitlines()
    assert (len(used), len(set(used))) == (4, 1)
    assert not is_answering(used[0])


@pytest.mark.parametrize("kind", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_interrupted_run_stops_its_services(start_suite, kind):
    process, urls = start_suite(sleep_s=60)
    deadline = time.monotonic() + 60
    while not urls.exists() and time.monotonic() < deadline:
        time.sleep(0.1)
    used = urls.read_text().splitlines()[0]
    assert is_answering(used)

    process.send_signal(kind)
    assert process.wait(90) != 0
    deadline = time.monotonic() + 20
    while is_answering(used) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not is_answering(used)
