"""The rules of the house that a linter can't see: one rule, one test."""

from __future__ import annotations

import ast
import configparser
import importlib.util
import re
import statistics
import subprocess
import tomllib
import zipfile
from collections.abc import Iterator
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("agents", "tools", "knowledge_base", "rag_index", "mcp_server", "app", "evals")
NAMELESS = {"utils", "util", "helpers", "helper", "manager", "managers", "common", "misc"}


def product_files() -> list[Path]:
    """Every Python file that is shipped, relative to the root."""
    files = [path for name in PACKAGES for path in (ROOT / name).rglob("*.py")]
    return sorted(path.relative_to(ROOT) for path in files)


@cache
def kept_files() -> tuple[Path, ...]:
    """Every file that git keeps or would keep."""
    if not (ROOT / ".git").exists():
        pytest.skip("this copy is no git checkout, so what git keeps can't be told")
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return tuple(Path(name) for name in listed.split("\0") if name and (ROOT / name).is_file())


@cache
def parsed(file: Path) -> ast.Module:
    """The file's syntax tree."""
    return ast.parse((ROOT / file).read_text(encoding="utf-8"), str(file))


def calls(file: Path) -> Iterator[tuple[str, int]]:
    """Each call in the file, dotted as it is spelled, with its line."""
    for node in ast.walk(parsed(file)):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func), node.lineno


def names(file: Path) -> Iterator[tuple[str, int]]:
    """Each dotted name in the file, and each import as ``module.name``, with its line."""
    for node in ast.walk(parsed(file)):
        if isinstance(node, ast.Attribute):
            yield ast.unparse(node), node.lineno
        elif isinstance(node, ast.ImportFrom):
            yield from ((f"{node.module}.{alias.name}", node.lineno) for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)


def pyproject() -> dict:
    """The parsed pyproject.toml."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def constraints() -> list[str]:
    """The lines of constraints.txt that say something."""
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


# ---------------------------------------------------------------------------------- the folders


@pytest.mark.parametrize("name", PACKAGES)
def test_a_top_level_name_is_ours(name: str) -> None:
    spec = importlib.util.find_spec(name)
    assert spec is not None
    assert spec.origin is not None
    assert Path(spec.origin).resolve() == ROOT / name / "__init__.py"
    owners = {canonicalize_name(owner) for owner in packages_distributions().get(name, [])}
    assert owners <= {"tollgate"}, f"{name} is also installed by {owners}"


def test_every_folder_of_code_is_a_package_that_says_what_it_is() -> None:
    folders = {path.parent for path in product_files()}
    for folder in sorted(folders):
        init = ROOT / folder / "__init__.py"
        assert init.is_file(), f"{folder} has no __init__.py"
        assert ast.get_docstring(parsed(init.relative_to(ROOT))), f"{init} has no docstring"


def test_no_file_has_a_name_that_says_nothing() -> None:
    found = [str(path) for path in product_files() if path.stem in NAMELESS]
    assert not found


def test_files_are_short_or_say_why_not() -> None:
    long = []
    for file in product_files():
        lines = (ROOT / file).read_text(encoding="utf-8").splitlines()
        if len(lines) > 300 and "Long because" not in "\n".join(lines[:20]):
            long.append(f"{file}: {len(lines)}")
    assert not long


def test_the_median_file_is_short() -> None:
    lengths = [len((ROOT / f).read_text(encoding="utf-8").splitlines()) for f in product_files()]
    assert statistics.median(lengths) < 120


def test_no_kept_file_is_over_a_megabyte() -> None:
    found = [str(path) for path in kept_files() if (ROOT / path).stat().st_size > 1_000_000]
    assert not found


def test_no_kept_file_names_somebodys_own_folder() -> None:
    own = re.compile(r"(?<![\w.~])/(root|home/\w+|Users/\w+)/")
    found = []
    for path in kept_files():
        try:
            text = (ROOT / path).read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        found += [f"{path}: {match.group()}" for match in own.finditer(text)]
    assert not found


# ------------------------------------------------------------------------------------- one door


def test_only_the_gate_spells_an_approval() -> None:
    found = [
        f"{file}:{line}"
        for file in product_files()
        if file != Path("tools/risk/gate.py")
        for name, line in calls(file)
        if name.split(".")[-1] == "Approved"
    ]
    assert not found, "an approval is minted by the gate and nobody else"


def test_only_people_reach_the_face_that_approves() -> None:
    found = [
        f"{file}:{line} {name}"
        for file in product_files()
        if file.parts[0] != "app" and file.parts[:2] != ("tools", "desk")
        for name, line in names(file)
        if re.search(r"\.(approvals|Approvals|approve)$", name)
    ]
    assert not found, "agents, tools and the MCP server can only propose"


def test_only_the_desk_submits_to_a_broker() -> None:
    found = [
        f"{file}:{line} {name}"
        for file in product_files()
        if file.parts[:2] != ("tools", "desk")
        for name, line in calls(file)
        if re.search(r"(broker|venue)\.submit$", name)
    ]
    assert not found


def test_every_rule_of_the_gate_stands_in_the_pure_core() -> None:
    config = configparser.ConfigParser()
    config.read(ROOT / ".importlinter", encoding="utf-8")
    core = set(config["importlinter:contract:money-core"]["source_modules"].split())
    outside = {"__init__", "measures", "sizing"}  # what advises, and doesn't decide
    rules = {
        f"tools.risk.{path.stem}"
        for path in (ROOT / "tools" / "risk").glob("*.py")
        if path.stem not in outside
    }
    assert rules <= core, f"add to the contract money-core: {sorted(rules - core)}"


def test_only_the_clock_asks_what_time_it_is() -> None:
    asks = re.compile(
        r"(^|\.)(datetime|date|Timestamp)\.(now|utcnow|today)$|^time\.(time|time_ns|localtime)$"
    )
    found = [
        f"{file}:{line} {name}"
        for file in product_files()
        if file != Path("tools/clock.py")
        for name, line in calls(file)
        if asks.search(name)
    ]
    assert not found, "take a Clock instead, so that a backtest can turn it"


def test_only_the_settings_read_the_environment() -> None:
    found = [
        f"{file}:{line} {name}"
        for file in product_files()
        if file != Path("tools/settings/loading.py")
        for name, line in names(file)
        if name in ("os.environ", "os.environb", "os.getenv", "os.putenv")
    ]
    assert not found


def test_nothing_is_unpickled() -> None:
    unsafe = {"pickle", "cPickle", "joblib", "cloudpickle", "dill", "shelve", "marshal"}
    found = [
        f"{file}:{line} {name}"
        for file in product_files()
        for name, line in names(file)
        if name.split(".")[0] in unsafe or name == "torch.load"
    ]
    found += [
        f"{file}:{node.value.lineno} allow_pickle"
        for file in product_files()
        for node in ast.walk(parsed(file))
        if isinstance(node, ast.keyword)
        and node.arg == "allow_pickle"
        and ast.unparse(node.value) != "False"
    ]
    assert not found, "a pickle runs whatever its writer wished; use safetensors, JSON or Parquet"


# ------------------------------------------------------------------------------------ packaging


def test_constraints_hold_no_address() -> None:
    text = (ROOT / "constraints.txt").read_text(encoding="utf-8")
    assert "://" not in text
    assert "--" not in text


def test_constraints_pin_every_version() -> None:
    loose = [line for line in constraints() if not re.match(r"^[\w.-]+==[\w.!+-]+( ;.*)?$", line)]
    assert not loose


def test_constraints_pin_what_the_project_asks_for() -> None:
    pins: dict[str, list[Requirement]] = {}
    for line in constraints():
        pin = Requirement(line)
        pins.setdefault(canonicalize_name(pin.name), []).append(pin)
    project = pyproject()["project"]
    extras = [line for lines in project["optional-dependencies"].values() for line in lines]
    for line in project["dependencies"] + extras:
        wanted = Requirement(line)
        found = pins.get(canonicalize_name(wanted.name))
        if found is None and [pin.operator for pin in wanted.specifier] == ["=="]:
            continue  # pinned where it is named: make does not install it
        assert found, f"{wanted.name} is not in constraints.txt: make lock"
        for pin in found:
            version = str(pin.specifier).removeprefix("==")
            assert wanted.specifier.contains(version), f"{line}, but {pin}: make lock"


def test_the_default_brings_no_torch() -> None:
    pinned = {canonicalize_name(Requirement(line).name) for line in constraints()}
    assert not pinned & {"torch", "sentence-transformers", "transformers"}


def test_the_wheel_has_the_packages_with_their_data_and_no_tests(tmp_path: Path) -> None:
    from hatchling.builders.wheel import WheelBuilder

    builder = WheelBuilder(str(ROOT))
    [wheel] = builder.build(directory=str(tmp_path), versions=["standard"])
    packed = set(zipfile.ZipFile(wheel).namelist())
    tops = {name.split("/")[0] for name in packed}
    assert {top for top in tops if not top.endswith(".dist-info")} == set(PACKAGES)
    data = {".md", ".toml", ".json", ".css", ".js", ".svg", ".sql"}
    ours = {str(f) for f in kept_files() if f.parts[0] in PACKAGES and f.suffix in {".py", *data}}
    assert ours <= packed, f"not packed: {sorted(ours - packed)}"


# ---------------------------------------------------------------------------------- the documents


def commands() -> list[str]:
    """The names under ``tollgate``."""
    import typer.main

    from app.cli.main import cli

    return sorted(typer.main.get_command(cli).commands)  # type: ignore[attr-defined]


def test_the_readme_names_every_command() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    missing = [name for name in commands() if not re.search(rf"tollgate {name}\b", readme)]
    assert not missing


def test_the_licence_table_names_every_direct_dependency() -> None:
    table = (ROOT / "docs" / "licences.md").read_text(encoding="utf-8").lower()
    project = pyproject()["project"]
    extras = [line for lines in project["optional-dependencies"].values() for line in lines]
    for line in project["dependencies"] + extras:
        assert f"| {Requirement(line).name.lower()} |" in table, line


def test_the_documents_name_no_command_that_does_not_exist() -> None:
    known = set(commands())
    documents = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").rglob("*.md")]
    code = re.compile(r"^(?:\$ )?tollgate ([a-z]+)|`tollgate ([a-z]+)", re.MULTILINE)
    for document in documents:
        for match in code.finditer(document.read_text(encoding="utf-8")):
            name = match.group(1) or match.group(2)
            assert name in known, f"{document.name}: tollgate {name}"


def test_the_documents_link_to_files_that_exist() -> None:
    link = re.compile(r"\]\((?!https?:|#|mailto:)([^)#\s]+)")
    for path in kept_files():
        # The articles link among themselves; the knowledge base's own check follows those.
        if path.suffix == ".md" and path.parts[0] not in PACKAGES:
            text = (ROOT / path).read_text(encoding="utf-8")
            for target in link.findall(text):
                assert ((ROOT / path).parent / target).exists(), f"{path}: {target}"
