"""What the test services promise: private, below the ephemeral ports, and surely stopped."""

import os
import signal
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


def test_plain_pytest_shares_one_set_of_services_and_stops_them(tmp_path: Path):
    (tmp_path / "conftest.py").write_text(
        f"import sys\nsys.path.insert(0, {str(ROOT)!r})\n"
        'pytest_plugins = ["tests.plugins.databases"]\n'
    )
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    (tmp_path / "test_it.py").write_text(
        "import pathlib, pytest\n"
        "@pytest.mark.parametrize('n', range(8))\n"
        "def test_url(n, mariadb_server_url):\n"
        f"    with pathlib.Path({str(tmp_path / 'urls')!r}).open('a') as f:\n"
        "        f.write(mariadb_server_url + '\\n')\n"
    )
    environment = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"} | {
        k: v for k, v in os.environ.items() if not k.startswith("IQX_TEST_")
    }
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "xdist.plugin", "-n", "2"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    urls = (tmp_path / "urls").read_text().splitlines()
    assert (len(urls), len(set(urls))) == (8, 1)
    with pytest.raises(pymysql.err.OperationalError):
        pymysql.connect(host="127.0.0.1", port=int(urls[0].rpartition(":")[2]), user="root")
