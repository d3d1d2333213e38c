"""Private MariaDB and Redis servers for tests, started once a run and surely stopped.

A keeper process (`python -m tests.services keep`) owns the servers. It stops them and removes
their folder when it is told to or when the process it serves is gone; the kernel ends the servers
when the keeper itself is killed. So nothing outlives an interrupted run.
"""

import argparse
import contextlib
import fcntl
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
START_TIMEOUT_S = 60.0
STOP_TIMEOUT_S = 10.0
# Below the range from which the kernel takes ports for outgoing connections (32768 and up).
PORT_MIN, PORT_MAX = 12_000, 32_000
START_TRIES_MAX = 4


class ServiceUnavailableError(RuntimeError):
    """A server program is missing or does not start; the text says what to do."""


@dataclass(frozen=True)
class Services:
    """Where the running servers are. `mariadb_url` ends before the schema's name."""

    mariadb_url: str
    redis_url: str
    mariadb_port: int
    redis_port: int
    folder: str
    keeper_pid: int

    @property
    def environment(self) -> dict[str, str]:
        return {"IQX_TEST_MARIADB_URL": self.mariadb_url, "IQX_TEST_REDIS_URL": self.redis_url}


def find_free_port() -> int:
    """A port below 32768 on which nothing listens now."""
    for _ in range(200):
        port = random.randint(PORT_MIN, PORT_MAX)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    msg = "No free port between 12000 and 32000."
    raise ServiceUnavailableError(msg)


def find_program(*names: str) -> str:
    """The path of the first program of these names; sbin is searched too."""
    path = os.environ.get("PATH", "") + ":/usr/local/sbin:/usr/sbin:/sbin"
    for name in names:
        found = shutil.which(name, path=path)
        if found:
            return found
    msg = (
        f"{names[0]} is not installed. Run `make test`, which installs it through apt, or: "
        "sudo apt-get install -y --no-install-recommends mariadb-server redis-server"
    )
    raise ServiceUnavailableError(msg)


def make_folder() -> Path:
    """A temporary folder that the user mysql may enter."""
    for parent in (tempfile.gettempdir(), "/tmp", "/var/tmp"):
        above = [Path(parent).resolve(), *Path(parent).resolve().parents]
        if all(folder.stat().st_mode & 0o001 for folder in above):
            folder = Path(tempfile.mkdtemp(prefix="iqx-test-", dir=parent))
            folder.chmod(0o755)
            return folder
    msg = "No temporary folder that other users may enter: set TMPDIR to one."
    raise ServiceUnavailableError(msg)


def start_process(
    command: list[str], log: Path, user: str | None = None
) -> subprocess.Popen[bytes]:
    """Starts a program that the kernel ends with us, as another user when `user` is given."""
    own = [f"--reuid={user}", f"--regid={user}", "--clear-groups"] if user else []
    with log.open("ab") as output:
        return subprocess.Popen(
            [find_program("setpriv"), *own, "--pdeathsig=KILL", *command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )


def stop_process(process: subprocess.Popen[bytes], kind: signal.Signals = signal.SIGTERM) -> None:
    """Ends a process that we started; SIGKILL when it does not listen."""
    if process.poll() is not None:
        return
    process.send_signal(kind)
    try:
        process.wait(STOP_TIMEOUT_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(STOP_TIMEOUT_S)


def wait_for_port(port: int, process: subprocess.Popen[bytes]) -> bool:
    """True when something answers on the port, False when the process ended before that."""
    deadline = time.monotonic() + START_TIMEOUT_S
    while time.monotonic() < deadline:
        if process.poll() is not None:
            return False
        with socket.socket() as probe:
            probe.settimeout(1)
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return True
        time.sleep(0.05)
    stop_process(process, signal.SIGKILL)
    return False


def mariadb_user() -> str | None:
    """MariaDB refuses to run as root."""
    return "mysql" if os.geteuid() == 0 else None


def install_mariadb(folder: Path) -> list[str]:
    """Makes an empty MariaDB in the folder; the arguments that its server needs always."""
    user = mariadb_user()
    if user:
        shutil.chown(folder, user)
    made = subprocess.run(
        [
            find_program("mariadb-install-db", "mysql_install_db"),
            "--no-defaults",
            *([f"--user={user}"] if user else []),
            f"--datadir={folder}/data",
            "--auth-root-authentication-method=normal",
            "--skip-test-db",
        ],
        capture_output=True,
        text=True,
        check=False,
        timeout=START_TIMEOUT_S,
    )
    if made.returncode != 0:
        msg = (
            f"MariaDB could not make its folder {folder}:\n{made.stdout[-800:]}{made.stderr[-800:]}"
        )
        raise ServiceUnavailableError(msg)
    return [
        "--no-defaults",
        f"--datadir={folder}/data",
        # A server that starts takes away temporary tables of others from a common folder.
        f"--tmpdir={folder}",
        f"--socket={folder}/my.sock",
        f"--pid-file={folder}/pid",
        "--bind-address=127.0.0.1",
        "--character-set-server=utf8mb4",
        "--collation-server=utf8mb4_bin",
        "--skip-name-resolve",
        "--max-connections=500",
    ]


# What tests do not need to wait for: nothing here survives the run anyway.
QUICK = (
    "--innodb-flush-log-at-trx-commit=2",
    "--innodb-doublewrite=0",
    "--innodb-log-file-size=32M",
    "--sync-frm=0",
)


def start_mariadb(
    folder: Path, *, durable: bool = False, arguments: tuple[str, ...] = (), port: int | None = None
) -> tuple[subprocess.Popen[bytes], int]:
    """Starts a MariaDB whose files lie in `folder` (made when missing).

    `durable` keeps the default flush at each commit. Returns the process and its port; the server
    ends with the calling process.
    """
    folder.mkdir(exist_ok=True)
    if (folder / "data").exists():
        raise ServiceUnavailableError(f"{folder}/data exists: call restart_mariadb")
    folder.chmod(0o755)
    base = install_mariadb(folder)
    (folder / "arguments.json").write_text(
        json.dumps([*base, *(() if durable else QUICK), *arguments])
    )
    return restart_mariadb(folder, port=port)


def restart_mariadb(
    folder: Path, *, port: int | None = None
) -> tuple[subprocess.Popen[bytes], int]:
    """Starts the server of a folder that `start_mariadb` made, after a stop or a kill."""
    arguments = json.loads((folder / "arguments.json").read_text())
    log = folder / "mariadbd.log"
    for _ in range(START_TRIES_MAX):
        chosen = port or find_free_port()
        process = start_process(
            [find_program("mariadbd", "mysqld"), *arguments, f"--port={chosen}"],
            log,
            mariadb_user(),
        )
        if wait_for_port(chosen, process):
            return process, chosen
        stop_process(process, signal.SIGKILL)
    msg = f"MariaDB does not start:\n{log.read_text(errors='replace')[-2000:]}"
    raise ServiceUnavailableError(msg)


def start_redis(folder: Path, *, port: int | None = None) -> tuple[subprocess.Popen[bytes], int]:
    """Starts a Redis that stores nothing. Returns the process, ending with ours, and its port."""
    folder.mkdir(exist_ok=True)
    log = folder / "redis.log"
    for _ in range(START_TRIES_MAX):
        chosen = port or find_free_port()
        process = start_process(
            [
                find_program("redis-server"),
                *("--port", str(chosen), "--bind", "127.0.0.1", "--dir", str(folder)),
                *("--save", "", "--appendonly", "no"),
            ],
            log,
        )
        if wait_for_port(chosen, process):
            return process, chosen
        stop_process(process, signal.SIGKILL)
    msg = f"Redis does not start:\n{log.read_text(errors='replace')[-2000:]}"
    raise ServiceUnavailableError(msg)


def keep(answer: Path, owner_pid: int | None) -> None:
    """The keeper: starts both servers, writes where they are, waits, stops them."""

    def leave(*_: object) -> None:
        raise SystemExit(0)

    for kind in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(kind, leave)
    folder = make_folder()
    running: list[subprocess.Popen[bytes]] = []
    try:
        mariadb, mariadb_port = start_mariadb(folder / "mariadb")
        running.append(mariadb)
        redis, redis_port = start_redis(folder / "redis")
        running.append(redis)
        services = Services(
            mariadb_url=f"mysql+aiomysql://root@127.0.0.1:{mariadb_port}",
            redis_url=f"redis://127.0.0.1:{redis_port}/0",
            mariadb_port=mariadb_port,
            redis_port=redis_port,
            folder=str(folder),
            keeper_pid=os.getpid(),
        )
        write_answer(answer, json.dumps(asdict(services)))
        while owner_pid is None or is_alive(owner_pid):
            time.sleep(0.2)
    except ServiceUnavailableError as error:
        sys.exit(str(error))
    finally:
        for process in reversed(running):
            stop_process(process)
        for path in answer.parent.glob(f"{answer.stem}.*"):
            path.unlink(missing_ok=True)
        shutil.rmtree(folder, ignore_errors=True)


def write_answer(answer: Path, text: str) -> None:
    """Writes the file at once, so that no reader meets half of it."""
    partial = answer.with_suffix(".partial")
    partial.write_text(text)
    partial.rename(answer)


def is_alive(pid: int) -> bool:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return False
    return stat.rpartition(")")[2].split()[0] != "Z"


def start_keeper(answer: Path, owner_pid: int | None) -> Services:
    """Starts a keeper that serves `owner_pid` (None: until told to stop); waits for its answer."""
    log = answer.with_suffix(".log")
    command = [sys.executable, "-m", "tests.services", "keep", "--answer", str(answer)]
    if owner_pid is not None:
        command += ["--owner", str(owner_pid)]
    with log.open("wb") as output:
        keeper = subprocess.Popen(
            command,
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    deadline = time.monotonic() + 2 * START_TIMEOUT_S
    while not answer.exists():
        if keeper.poll() is not None or time.monotonic() > deadline:
            stop_process(keeper)
            raise ServiceUnavailableError(log.read_text(errors="replace")[-2000:].strip())
        time.sleep(0.05)
    # The keeper outlives this object on purpose; without a return code, Popen would warn of it.
    keeper.returncode = 0
    return read_answer(answer)


def read_answer(answer: Path) -> Services:
    return Services(**json.loads(answer.read_text()))


def obtain_services(shared: Path, owner_pid: int) -> Services:
    """The servers of this test run: started by whoever asks first, shared by all its processes.

    `shared` is the folder of the run, `owner_pid` the process whose end ends the servers.
    """
    shared.mkdir(parents=True, exist_ok=True)
    answer = shared / f"services-{owner_pid}.json"
    with (shared / f"services-{owner_pid}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        return read_answer(answer) if answer.exists() else start_keeper(answer, owner_pid)


def stop_keeper(services: Services) -> None:
    """Asks the keeper to stop its servers and waits until it is gone."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(services.keeper_pid, signal.SIGTERM)
    deadline = time.monotonic() + 2 * STOP_TIMEOUT_S
    while is_alive(services.keeper_pid) and time.monotonic() < deadline:
        time.sleep(0.05)


def release_services(shared: Path, owner_pid: int) -> None:
    """Stops the servers of this run, if anybody started them."""
    answer = shared / f"services-{owner_pid}.json"
    if answer.exists():
        stop_keeper(read_answer(answer))
    for path in shared.glob(f"services-{owner_pid}.*"):
        path.unlink(missing_ok=True)


def main() -> int:
    """`keep` is the keeper; `start` and `stop` serve tools/services."""
    parser = argparse.ArgumentParser(prog="tests.services")
    parser.add_argument("action", choices=("keep", "start", "stop"))
    parser.add_argument("--answer", type=Path, default=ROOT / ".run" / "services.json")
    parser.add_argument("--owner", type=int)
    chosen = parser.parse_args()
    chosen.answer.parent.mkdir(exist_ok=True)
    if chosen.action == "keep":
        keep(chosen.answer, chosen.owner)
        return 0
    current = None
    if chosen.answer.exists():
        current = read_answer(chosen.answer)
        if not is_alive(current.keeper_pid):
            chosen.answer.unlink()
            current = None
    if chosen.action == "stop":
        if current:
            stop_keeper(current)
        return 0
    try:
        current = current or start_keeper(chosen.answer, chosen.owner)
    except ServiceUnavailableError as error:
        print(f"iqx: {error}", file=sys.stderr)
        return 1
    for name, value in current.environment.items():
        print(f"export {name}={value}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
