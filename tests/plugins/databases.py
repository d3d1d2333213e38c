"""Fixtures that give a test its database and services.

A test that takes `database_url` runs twice, on SQLite and on MariaDB, and its id ends with
`[sqlite]` or `[mariadb]`. The servers start when the first test asks for one and stop with the run.
"""

import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.databases import MariadbSchemas, SqliteTemplate, find_unbalanced, lend_schema
from tests.services import ROOT, obtain_services, release_services

DATABASES = ("sqlite", "mariadb")
SHARED = ROOT / ".run"
OWNER = "IQX_TEST_OWNER"


def is_worker(config: pytest.Config) -> bool:
    """Whether this is a helper process of a parallel run."""
    return hasattr(config, "workerinput")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options of the project."""
    parser.addoption(
        "--campaign", action="store_true", help="the long form of races, kills and random tests"
    )


def pytest_configure(config: pytest.Config) -> None:
    """Name the process whose end ends the servers: the one that the developer started."""
    config.addinivalue_line("markers", "breaks_the_ledger: money is made from nowhere on purpose")
    if not is_worker(config):
        os.environ[OWNER] = str(os.getpid())
        # Told to stop, the run stops as on Ctrl-C: fixtures are torn down, servers are ended.
        signal.signal(signal.SIGTERM, signal.default_int_handler)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the servers of this run."""
    if not is_worker(config):
        release_services(SHARED, os.getpid())


@pytest.hookimpl(trylast=True)
def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Give database-bound tests both databases, as the last part of their ids."""
    if "database_kind" in metafunc.fixturenames:
        metafunc.parametrize("database_kind", DATABASES, indirect=True)


def find_service(name: str) -> str:
    """The URL in the environment, else that of a server started for this run."""
    given = os.environ.get(name)
    if not given:
        given = obtain_services(SHARED, int(os.environ[OWNER])).environment[name]
    return given


@pytest.fixture(scope="session")
def mariadb_server_url() -> str:
    """A MariaDB server, without a schema."""
    return find_service("IQX_TEST_MARIADB_URL")


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> SqliteTemplate:
    """A migrated SQLite file to copy from."""
    return SqliteTemplate(tmp_path_factory.mktemp("template"))


@pytest.fixture(scope="session")
def mariadb_schemas(mariadb_server_url: str) -> Iterator[MariadbSchemas]:
    """The supply of migrated schemas of this process."""
    schemas = MariadbSchemas(mariadb_server_url)
    yield schemas
    schemas.close()


MEMORY = Path("/dev/shm")
MEMORY_BYTES_MIN = 512 * 1024 * 1024


@pytest.fixture(scope="session")
def memory_folder() -> Iterator[Path | None]:
    """A folder in memory, if there is room: SQLite waits for the disk at each commit."""
    if not MEMORY.is_dir() or shutil.disk_usage(MEMORY).free < MEMORY_BYTES_MIN:
        yield None
        return
    with tempfile.TemporaryDirectory(prefix="iqx-test-", dir=MEMORY) as folder:
        yield Path(folder)


@pytest.fixture
def sqlite_folder(memory_folder: Path | None, tmp_path: Path) -> Iterator[Path]:
    """Where the SQLite file of a test lies."""
    if memory_folder is None:
        yield tmp_path
        return
    with tempfile.TemporaryDirectory(dir=memory_folder) as folder:
        yield Path(folder)


@pytest.fixture
def database_kind(request: pytest.FixtureRequest) -> str:
    """`sqlite` or `mariadb`; the test runs once with each."""
    kind: str = request.param
    return kind


def check_sums(request: pytest.FixtureRequest, url: str) -> None:
    """The ledger sums to zero after a test, unless the test broke it on purpose."""
    if request.node.get_closest_marker("breaks_the_ledger") is None:
        unbalanced = find_unbalanced(url)
        assert not unbalanced, f"the ledger does not sum to zero after the test: {unbalanced}"


@pytest.fixture
def database_url(database_kind: str, request: pytest.FixtureRequest) -> Iterator[str]:
    """A migrated database of the test's own, on SQLite and then on MariaDB."""
    if database_kind == "sqlite":
        folder = request.getfixturevalue("sqlite_folder")
        url = request.getfixturevalue("sqlite_template").copy_to(folder)
        yield url
        check_sums(request, url)
        return
    with lend_schema(request.getfixturevalue("mariadb_schemas")) as url:
        yield url
        check_sums(request, url)


@pytest.fixture
def empty_database_url(
    database_kind: str, request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[str]:
    """A database without tables, for tests of the migrations themselves."""
    if database_kind == "sqlite":
        yield f"sqlite+aiosqlite:///{tmp_path / 'empty.db'}"
        return
    with lend_schema(request.getfixturevalue("mariadb_schemas"), migrated=False) as url:
        yield url


@pytest.fixture
def mariadb_url(request: pytest.FixtureRequest, mariadb_schemas: MariadbSchemas) -> Iterator[str]:
    """A migrated MariaDB schema, for races and kills between processes."""
    with lend_schema(mariadb_schemas) as url:
        yield url
        check_sums(request, url)


@pytest.fixture
def sqlite_url(
    request: pytest.FixtureRequest, sqlite_template: SqliteTemplate, sqlite_folder: Path
) -> Iterator[str]:
    """A migrated SQLite file, for what only SQLite has (its write gate)."""
    url = sqlite_template.copy_to(sqlite_folder)
    yield url
    check_sums(request, url)


@pytest.fixture
def redis_url() -> str:
    """The Redis of this run. It is shared: use keys and channels of the test's own."""
    return find_service("IQX_TEST_REDIS_URL")


@pytest.fixture
def campaign(request: pytest.FixtureRequest) -> bool:
    """Whether the long form was asked for: `make races`, `kill`, `fuzz`, `timing`."""
    return bool(request.config.getoption("--campaign"))
