"""The floor plan's contracts bite: each one, given a planted fault, says so by name.

The faults are planted in a small tree of empty rooms with the real names, checked with the real
``.importlinter``: a contract that could not fail would be decoration.
"""

from __future__ import annotations

import configparser
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
CONFIG = ROOT / ".importlinter"

# What the plan allows: a clean tree has these and every contract is kept.
ALLOWED = {
    "app/cli.py": "import evals\nimport agents\nimport mcp_server\nimport tools.assembly\n",
    "agents/planner.py": "import tools.domain\nfrom tools.domain import order\nimport langgraph\n",
    "mcp_server/server.py": "import tools.desk\nimport rag_index\nimport mcp\n",
    "rag_index/store.py": "import knowledge_base\nimport lancedb\n",
    "tools/assembly.py": "import tools.execution.brokers.paper\nimport tools.market_data.feeds\n",
    "tools/desk/door.py": "import tools.risk.gate\nimport tools.desk.sending\n",
    "tools/indicators/trend.py": "import numpy\nimport talib\n",
    "tools/risk/gate.py": "import decimal\nimport tools.domain.order\n",
}

# contract -> the faults that it must find, one at a time: (file, line)
FAULTS = {
    "floors": [
        ("tools/signals/trend.py", "import app.cli"),
        ("agents/toolbox.py", "import mcp_server.server"),
        ("rag_index/search.py", "import tools.domain"),
    ],
    "tools-rooms": [
        ("tools/portfolio/accounting.py", "import tools.desk"),
        ("tools/helpers.py", ""),  # a room that nobody drew
    ],
    "no-cycles": [("app/page.py", "import app.chat"), ("app/chat.py", "import app.page")],
    "agents-domain-only": [
        ("agents/nodes.py", "from tools.risk import sizing"),
        ("agents/state.py", "import tools.ports"),
    ],
    "money-core": [
        ("tools/risk/gate.py", "import numpy"),
        ("tools/domain/order.py", "import pydantic"),
        ("tools/portfolio/accounting.py", "import tools.settings"),  # which reads pydantic
    ],
    "no-model-below-agents": [
        ("tools/signals/trend.py", "import openai"),
        ("rag_index/store.py", "from langchain_openai import OpenAIEmbeddings"),
    ],
    "no-network": [("tools/portfolio/reports.py", "import httpx")],
    "brokers-by-assembly": [("app/cli.py", "from tools.execution.brokers import paper")],
    "feeds-by-assembly": [("tools/indicators/trend.py", "import tools.market_data.feeds.csv")],
    "gate-by-desk": [("mcp_server/server.py", "from tools.risk.gate import decide")],
    "sending-by-desk": [("app/cli.py", "from tools.desk.sending import Sending")],
}
# Two halves of one fault: neither file alone is wrong.
TOGETHER = {"no-cycles"}

CASES = [
    pytest.param(contract, faults, id=f"{contract}-{number}")
    for contract, planted in FAULTS.items()
    for number, faults in enumerate([planted] if contract in TOGETHER else [[f] for f in planted])
]


def contracts() -> dict[str, str]:
    """The contracts' ids and names."""
    config = configparser.ConfigParser()
    config.read(CONFIG, encoding="utf-8")
    start = "importlinter:contract:"
    return {s.removeprefix(start): config[s]["name"] for s in config.sections() if start in s}


def modules_named() -> list[str]:
    """Every module of ours that a contract names outright."""
    config = configparser.ConfigParser()
    config.read(CONFIG, encoding="utf-8")
    roots = config["importlinter"]["root_packages"].split()
    keys = ("source_modules", "forbidden_modules", "protected_modules", "allowed_importers")
    names = [n for s in config.sections() for k in keys for n in config[s].get(k, "").split()]
    return roots + sorted({name for name in names if name.split(".")[0] in roots})


def write(tree: Path, file: str, lines: str) -> None:
    """Append to a module, and make the folders above it packages."""
    path = tree / file
    folder = tree
    for part in Path(file).parent.parts:
        folder /= part
        folder.mkdir(exist_ok=True)
        (folder / "__init__.py").touch()
        folder.with_suffix(".py").unlink(missing_ok=True)
    with path.open("a", encoding="utf-8") as handle:
        handle.write(lines + "\n")


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """An empty house: every room that a contract names, furnished with what the plan allows."""
    (tmp_path / ".importlinter").write_bytes(CONFIG.read_bytes())
    for name in modules_named():
        write(tmp_path, name.replace(".", "/") + "/__init__.py", "")
    write(tmp_path, "tools/settings/__init__.py", "import pydantic_settings")
    for name in ("tools/domain/order.py", "tools/risk/sizing.py", "tools/market_data/feeds/csv.py"):
        write(tmp_path, name, "")
    write(tmp_path, "tools/execution/brokers/paper.py", "")
    for file, lines in ALLOWED.items():
        plant(tmp_path, file, lines)
    return tmp_path


def plant(tree: Path, file: str, lines: str) -> None:
    """Write into the room's file, or into its ``__init__`` where the room is a folder."""
    package = tree / file.removesuffix(".py")
    write(tree, f"{file.removesuffix('.py')}/__init__.py" if package.is_dir() else file, lines)


def lint(tree: Path) -> tuple[int, str]:
    """Run the linter there: its exit status and what it printed."""
    command = Path(sys.executable).parent / "lint-imports"
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"} | {"COLUMNS": "200"}
    done = subprocess.run(
        [command, "--no-cache", "--no-logo"],
        cwd=tree, env=environment, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    return done.returncode, done.stdout + done.stderr


def test_a_house_as_drawn_passes(tree: Path) -> None:
    status, said = lint(tree)
    assert status == 0, said
    assert f"{len(contracts())} kept, 0 broken" in said


def test_every_contract_has_a_planted_fault() -> None:
    assert set(FAULTS) == set(contracts())


@pytest.mark.parametrize(("contract", "faults"), CASES)
def test_a_planted_fault_is_found(tree: Path, contract: str, faults: list[tuple[str, str]]) -> None:
    for file, line in faults:
        plant(tree, file, line)
    status, said = lint(tree)
    assert status == 1, said
    assert f"{contracts()[contract]} BROKEN" in said
