"""A MariaDB of a test's own that is killed and comes back."""

import contextlib
import shutil
import signal

import pymysql

from tests.databases import migrate_database
from tests.services import make_folder, restart_mariadb, start_mariadb, stop_process


class KillableMariadb:
    """Flushes at each commit, as the service relies on."""

    def __init__(self, folder):
        self.folder = folder
        self.process, self.port = start_mariadb(folder, durable=True)

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def restart(self):
        self.process, _ = restart_mariadb(self.folder, port=self.port)

    def stop(self):
        stop_process(self.process, signal.SIGKILL)

    def make_schema(self):
        """The URL of a migrated schema."""
        with pymysql.connect(host="127.0.0.1", port=self.port, user="root") as console:
            console.cursor().execute("CREATE DATABASE iqx")
        url = f"mysql+aiomysql://root@127.0.0.1:{self.port}/iqx"
        migrate_database(url)
        return url


@contextlib.contextmanager
def run_killable():
    """Start one in a temporary folder and leave nothing of it."""
    folder = make_folder()
    with contextlib.ExitStack() as ending:
        ending.callback(shutil.rmtree, folder, ignore_errors=True)
        server = KillableMariadb(folder / "mariadb")
        ending.callback(server.stop)
        yield server
