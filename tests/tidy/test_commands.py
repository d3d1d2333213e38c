"""What the commands promise a newcomer, with a pretended Python and disk."""

import os
import shutil
import socket
import subprocess
from pathlib import Path

import pytest

from tests.services import ROOT

FAKE_PYTHON = r"""#!/usr/bin/env bash
printf '%s\n' "$*" >>"$CALLS"
[ -n "${FAIL_ON:-}" ] && [[ "$*" == *"$FAIL_ON"* ]] && { echo "${FAIL_WITH:-no}" >&2; exit 1; }
case "$*" in
  *"-m venv "*)
    mkdir -p "${@: -1}/bin"
    cp "$0" "${@: -1}/bin/python"
    ;;
  *"sys.prefix"*) cd "$(dirname "$0")/.." && pwd ;;
  *"install"*" -e ."*)
    printf '#!/bin/sh\necho "iqx $* on $IQX_PORT" >>"$CALLS"\n' >.venv/bin/iqx
    chmod +x .venv/bin/iqx
    ;;
  --version) echo "Python 3.11.9" ;;
esac
exit 0
"""


@pytest.fixture
def project(tmp_path: Path):
    """A copy of the scripts in an empty project; runs one of them: (exit code, output)."""
    (tmp_path / "bin").mkdir()
    shutil.copytree(ROOT / "tools", tmp_path / "tools")
    python = tmp_path / "bin" / "fake-python"
    python.write_text(FAKE_PYTHON)
    python.chmod(0o755)
    for name in ("requirements.txt", "requirements-dev.txt", "requirements-uv.txt"):
        (tmp_path / name).write_text("")
    shutil.copy(ROOT / "pyproject.toml", tmp_path)

    def run(*command: str, **environment: str) -> tuple[int, str]:
        done = subprocess.run(
            command,
            cwd=tmp_path,
            env={
                "PATH": f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}",
                "PYTHON": str(python),
                "CALLS": str(tmp_path / "calls"),
                **environment,
            },
            capture_output=True,
            text=True,
            check=False,
        )
        return done.returncode, done.stdout + done.stderr

    run.folder = tmp_path
    return run


def pretend(project, name: str, script: str) -> None:
    path = project.folder / "bin" / name
    path.write_text(f"#!/usr/bin/env bash\n{script}\n")
    path.chmod(0o755)


def test_make_help_explains_every_command():
    text = (ROOT / "Makefile").read_text()
    promised = [
        "run",
        "test",
        "lint",
        "format",
        "types",
        "contract",
        "migrate",
        "seed",
        "bench",
        "races",
        "kill",
        "fuzz",
        "browser",
        "screens",
        "timing",
        "demo",
        "lock",
        "test-the-tests",
        "sbom",
        "clean",
    ]
    shown = subprocess.run(
        ["make", "--no-print-directory", "help"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    for name in promised:
        assert f"\n{name}:" in text
        assert f"  make {name} " in shown


def test_setup_says_each_step_and_repeats_nothing(project):
    code, first = project("tools/setup", "run")
    assert code == 0, first
    assert [f"{step}/4" in first for step in (1, 3, 4)] == [True] * 3
    calls = (project.folder / "calls").read_text()

    code, second = project("tools/setup", "run")
    assert (code, second) == (0, "iqx: The environment is up to date, nothing to install.\n")
    assert (project.folder / "calls").read_text() == calls


def test_changed_lock_is_installed_again(project):
    project("tools/setup", "run")
    (project.folder / "requirements.txt").write_text("# changed\n")
    _, output = project("tools/setup", "run")
    assert "1/4" not in output
    assert "3/4 Installing the packages locked in requirements.txt." in output


def test_setup_for_tests_installs_the_packages_of_the_checks(project):
    project("tools/setup", "run")
    _, output = project("tools/setup", "test")
    assert "3/4 Installing the packages locked in requirements-dev.txt." in output
    assert "nothing to install" in project("tools/setup", "run")[1]


def test_packages_are_installed_by_hash_only(project):
    project("tools/setup", "test")
    installs = [
        line
        for line in (project.folder / "calls").read_text().splitlines()
        if "install" in line and "-r requirements" in line
    ]
    assert installs
    assert all("--require-hashes" in line for line in installs)


@pytest.mark.parametrize("command", [("tools/setup", "run"), ("tools/run",)])
def test_missing_python_is_a_sentence_that_says_what_to_do(project, command):
    code, output = project(*command, PYTHON="no-such-python")
    assert code == 1
    assert output.startswith("iqx: Python 3.11 or newer is missing. On Debian: sudo apt-get")
    assert output.count("\n") == 1


def test_missing_venv_module_is_a_sentence_that_says_what_to_do(project):
    code, output = project("tools/setup", "run", FAIL_ON="import ensurepip")
    assert code == 1
    assert "sudo apt-get install -y python3-venv" in output
    assert output.count("\n") == 1


def test_full_disk_before_the_start_is_a_sentence(project):
    pretend(project, "df", "printf 'Filesystem\\n/dev/x 1 1 12 99%% /\\n'")
    code, output = project("tools/setup", "run")
    assert code == 1
    assert "The disk is full: 12 MB are free" in output
    assert output.count("\n") == 1


def test_disk_that_fills_up_meanwhile_is_a_sentence(project):
    code, output = project(
        "tools/setup",
        "run",
        FAIL_ON="-r requirements.txt",
        FAIL_WITH="OSError: [Errno 28] No space left on device",
    )
    assert code == 1
    assert "iqx: The disk is full. Free about" in output


def test_failed_install_is_not_taken_for_a_good_one(project):
    assert project("tools/setup", "run", FAIL_ON="-r requirements.txt")[0] == 1
    code, output = project("tools/setup", "run")
    assert code == 0
    assert "3/4" in output


def test_taken_port_is_a_sentence_that_names_another(project):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        code, output = project("tools/run", PORT=str(port), PYTHON="")
    assert code == 1
    assert output == (
        f"iqx: Port {port} is taken by another program or not allowed. "
        f"Choose another one: make run PORT={port + 1}\n"
    )


def test_run_prepares_migrates_seeds_and_serves_on_the_port(project):
    code, output = project("tools/run", PORT="8199")
    assert code == 0, output
    calls = (project.folder / "calls").read_text().splitlines()
    assert calls[-3:] == ["iqx migrate on 8199", "iqx seed on 8199", "iqx run on 8199"]
    assert "open http://localhost:8199" in output


@pytest.mark.parametrize("port", ["http", "0", "65536", "-1", "8080x"])
def test_port_that_is_none_is_a_sentence(project, port):
    code, output = project("tools/run", PORT=port)
    assert code == 1
    assert output.startswith("iqx: PORT must ")
    assert output.count("\n") == 1


def test_missing_server_is_a_sentence_where_apt_may_not_be_used(project):
    pretend(project, "id", "echo 1000")
    pretend(project, "apt-get", "exit 1")
    pretend(project, "sudo", "exit 1")
    script = "source tools/common.sh; need_program no-such-server mariadb-server"
    code, output = project("bash", "-c", script)
    assert code == 1
    assert output == (
        "iqx: no-such-server is missing. Install it and run the command again: "
        "sudo apt-get install -y --no-install-recommends mariadb-server\n"
    )


def test_missing_server_is_installed_through_apt_where_it_may(project):
    pretend(project, "id", "echo 0")
    pretend(project, "apt-get", 'echo "apt-get $*" >>"$CALLS"')
    for name in ("tee", "chmod", "rm"):  # they hold back the packages' own services
        pretend(project, name, "exit 0")
    code, output = project(
        "bash",
        "-c",
        "source tools/common.sh; need_program no-such-server mariadb-server",
    )
    assert code == 0, output
    assert "Installing mariadb-server through apt" in output
    assert (
        "install -q -y --no-install-recommends mariadb-server"
        in (project.folder / "calls").read_text()
    )


def test_javascript_packages_are_installed_once_and_without_their_scripts(project):
    (project.folder / "package-lock.json").write_text("{}")
    (project.folder / "node_modules").mkdir()
    pretend(project, "npm", 'echo "npm $*" >>"$CALLS"')
    for _ in range(2):
        code, output = project("tools/setup", "test")
        assert code == 0, output
    assert (project.folder / "calls").read_text().count("npm ci --ignore-scripts") == 1

    (project.folder / "package-lock.json").write_text("{ }")
    assert "Installing the JavaScript packages" in project("tools/setup", "test")[1]


def test_old_node_is_a_sentence_that_says_what_to_do(project):
    (project.folder / "package-lock.json").write_text("{}")
    pretend(project, "node", "exit 1")
    code, output = project("tools/setup", "test")
    assert code == 1
    assert "Node 20 or newer with npm is missing: install it" in output


NPM = """
echo "npm $*" >>"$CALLS"
case "$*" in
  *build*) mkdir -p webapp/dist; echo "<html>" >webapp/dist/index.html; exit "${BUILD_CODE:-0}" ;;
esac
"""


def write_web_app(project):
    """Sources of a web app, and an npm that pretends to build them."""
    for name in (
        *("webapp/package.json", "webapp/src/main.ts", "package-lock.json", "package.json"),
        *("tsconfig.base.json", "contract/ts/package.json", "contract/ts/src/index.ts"),
    ):
        (project.folder / name).parent.mkdir(parents=True, exist_ok=True)
        (project.folder / name).write_text("{}")
    (project.folder / "node_modules").mkdir()
    pretend(project, "npm", NPM)


def test_web_app_is_built_when_its_sources_changed_and_only_then(project):
    write_web_app(project)
    code, first = project("tools/setup", "run")
    assert code == 0, first
    assert "Building the web app" in first
    assert "nothing to build" in project("tools/setup", "test")[1]
    assert (project.folder / "calls").read_text().count("--workspace webapp build") == 1

    (project.folder / "webapp/dist/index.html").write_text("what was built is no source")
    assert "nothing to build" in project("tools/web")[1]
    (project.folder / "contract/ts/src/index.ts").write_text("changed")
    assert "Building the web app" in project("tools/web")[1]
    (project.folder / "webapp/src/new.ts").write_text("")
    assert "Building the web app" in project("tools/web")[1]


def test_web_app_that_cannot_be_built_is_a_sentence_and_is_built_the_next_time(project):
    write_web_app(project)
    code, output = project("tools/web", BUILD_CODE="1")
    assert code == 1
    assert output.splitlines()[-1] == (
        "iqx: The web app could not be built. The whole answer is in .run/web.log."
    )
    assert "Building the web app" in project("tools/web")[1]


def test_service_without_node_starts_without_the_web_app_and_says_so(project):
    write_web_app(project)
    pretend(project, "node", "exit 1")
    code, output = project("tools/run", PORT="8199")
    assert code == 0, output
    assert "the web app is not built: / leads to the API's page" in output
    assert "open http://localhost:8199" in output
    assert project("tools/web")[0] == 1
