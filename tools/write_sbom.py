"""Lists the packages that IQX is made of, as CycloneDX documents (JSON): what `make sbom` calls.

`sbom-python.json` names every package of requirements.txt with version, hashes and licence,
`sbom-javascript.json` every package of package-lock.json. Both come from the locks, so that they
say what is installed and not what happens to lie here; only licences are read from the packages.
"""

import json
import subprocess
import sys
from importlib import metadata
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
LICENCE_NAME_CHARS_MAX = 80
OURS = "@iqx/"
CLASSIFIER = "License :: "


def list_python() -> dict[str, Any]:
    """The document about the packages of requirements.txt."""
    document = read_output(
        sys.executable,
        "-W",
        "ignore::UserWarning",  # a list of packages has no graph of what needs what
        "-m",
        "cyclonedx_py",
        "requirements",
        "requirements.txt",
        "--pyproject=pyproject.toml",
        "--output-reproducible",
        "--output-format=JSON",
    )
    for component in document["components"]:
        del component["description"]  # the line of requirements.txt, hashes and all
        component["licenses"] = list_licences(component["name"])
    return document


def list_javascript() -> dict[str, Any]:
    """The document about the packages of package-lock.json; our own workspaces are none."""
    document = read_output("npm", "sbom", "--sbom-format=cyclonedx", "--package-lock-only")
    document["components"] = [
        component
        for component in document["components"]
        if not component["bom-ref"].startswith(OURS)
    ]
    locked = json.loads((ROOT / "package-lock.json").read_text())["packages"]
    hashes = {
        each["bom-ref"]: each["hashes"] for each in document["components"] if "hashes" in each
    }
    for place, entry in locked.items():
        if "inBundle" in entry:
            # It lies in the archive of another package, which has the hash of both.
            holder = place.rpartition("/node_modules/")[0]
            hashes.setdefault(refer(place, entry), hashes[refer(holder, locked[holder])])
    for component in document["components"]:
        component["hashes"] = hashes[component["bom-ref"]]
    return document


def refer(place: str, entry: dict[str, Any]) -> str:
    """What npm calls a package of the lock in its document."""
    return f"{place.rpartition('node_modules/')[2]}@{entry['version']}"


def list_licences(package: str) -> list[dict[str, Any]]:
    """What the installed package says of its licence; empty when it says nothing."""
    facts = metadata.metadata(package)
    expression = facts.get("License-Expression")
    if expression:
        return [{"expression": expression}]
    names = [
        classifier.rpartition(" :: ")[2]
        for classifier in facts.get_all("Classifier") or []
        if classifier.startswith(CLASSIFIER) and classifier.count(" :: ") > 1
    ]
    text = (facts.get("License") or "").strip()
    # Some packages put the whole text of the licence where its name belongs.
    if not names and text:
        names = [text.splitlines()[0][:LICENCE_NAME_CHARS_MAX]]
    return [{"license": {"name": name}} for name in names]


def read_output(*command: str) -> dict[str, Any]:
    """The JSON document that a command writes; its complaints go to our own."""
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
    document: dict[str, Any] = json.loads(done.stdout)
    return document


def main() -> None:
    """Write both documents into the folder that the first argument names."""
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for name, document in (("python", list_python()), ("javascript", list_javascript())):
        path = folder / f"sbom-{name}.json"
        path.write_text(json.dumps(document, indent=2, sort_keys=True) + "\n")
        print(f"iqx: {path}: {len(document['components'])} packages")


if __name__ == "__main__":
    main()
