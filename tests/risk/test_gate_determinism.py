"""The same case gives the same bytes, whatever the hash seed, time zone and language are."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.risk.replay import recorded, verdicts

ROOT = Path(__file__).resolve().parents[2]
SETTINGS = (
    {"PYTHONHASHSEED": "0", "TZ": "UTC", "LC_ALL": "C"},
    {"PYTHONHASHSEED": "1", "TZ": "Asia/Kathmandu", "LC_ALL": "C.UTF-8"},
    {"PYTHONHASHSEED": "4242", "TZ": "America/New_York", "LC_ALL": "POSIX", "PYTHONUTF8": "0"},
)


@pytest.fixture(scope="module")
def lines():
    return list(recorded(240))


def test_the_recorded_cases_are_of_every_verdict(lines):
    _, kinds = verdicts(lines)
    assert len(lines) > 300
    assert kinds["Refused"] > 100
    assert kinds["Approved"] + kinds["NeedsHuman"] > 30
    assert min(kinds["Approved"], kinds["NeedsHuman"]) > 0


def test_verdicts_are_the_same_bytes_under_any_hash_seed_time_zone_and_locale(lines, tmp_path):
    file = tmp_path / "cases.jsonl"
    file.write_text("\n".join(lines), encoding="utf-8")
    command = [sys.executable, "-m", "tests.risk.replay", str(file)]
    hashes = [
        subprocess.run(
            command, cwd=ROOT, env=os.environ | one, capture_output=True, text=True, check=True
        ).stdout
        for one in SETTINGS
    ]
    assert len(hashes[0]) == 64
    assert set(hashes) == {verdicts(lines)[0]}
