"""What a strategy goes by besides its context is told, with the bar or the line."""

import json

import pytest

from tests.backtest.past import market, ran, written
from tools.backtest.loading import BUILT_IN

OFTEN = "if context.bars('IBM') == 5:\n    "


def reached(run):
    return [one["sentence"] for one in run["reached"]]


def peeking(tmp_path, body, head=""):
    path = written(tmp_path, body)
    if head:
        own = tmp_path / "mine.py"
        own.write_text(f"{head}\n{own.read_text()}")
    return ran(market(12), path)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("open(__file__.replace('mine.py', 'later.csv')).read()", "reads the file later.csv"),
        ("__import__('pathlib').Path(__file__).with_name('kept.txt').write_text('x')",
         "writes the file kept.txt"),
        ("import sys; sys._getframe()", "looks into the program that plays it"),
        ("import inspect; inspect.currentframe().f_back", "looks into the program that plays it"),
        ("import gc; gc.get_objects()", "looks into the program that plays it"),
        ("import subprocess, sys; subprocess.run([sys.executable, '-V'], capture_output=True)",
         "starts another program"),
        ("import socket; socket.socket().connect_ex(('127.0.0.1', 1))", "asks the network"),
    ],
)  # fmt: skip
def test_what_it_reaches_for_is_told_with_the_bar(tmp_path, body, said):
    (tmp_path / "later.csv").write_text("2010-01-09,1\n")
    found = reached(peeking(tmp_path, OFTEN + body))
    assert len(found) == 1
    assert said in found[0]
    assert "first on the bar of 2010-01-08 21:00 UTC" in found[0]


def test_what_is_read_while_it_is_loaded_is_told(tmp_path):
    (tmp_path / "later.csv").write_text("1\n")
    head = f"PRICES = open({str(tmp_path / 'later.csv')!r}).read()"
    (said,) = reached(peeking(tmp_path, "pass", head))
    assert "reads the file later.csv (while it was loaded)" in said


def test_a_thread_of_its_own_that_reads_is_told_too(tmp_path):
    (tmp_path / "later.csv").write_text("1\n")
    body = f"""
import threading
one = threading.Thread(target=lambda: open({str(tmp_path / "later.csv")!r}).read())
one.start()
one.join()"""
    assert any("reads the file later.csv" in one for one in reached(peeking(tmp_path, body)))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("import datetime\nNOW = datetime.datetime.now()", "line 2: it asks this computer's clock"),
        ("from time import time", "line 1: it asks this computer's clock"),
        ("import os\nX = os.urandom(2)", "line 2: it draws luck that no seed decides"),
        ("import numpy as np\nR = np.random.default_rng()", "line 2: it draws luck"),
        ("import threading", "line 1: it can work beside its bars"),
        ("import bokeh_sampledata.stocks", "line 1: it imports what knows prices of any day"),
    ],
)
def test_signs_in_its_text_are_told_with_the_line(tmp_path, text, said):
    assert any(said in one for one in reached(peeking(tmp_path, "pass", text)))


def test_a_seed_is_no_sign_of_luck(tmp_path):
    text = "import numpy as np\nR = np.random.default_rng(7)"
    assert reached(peeking(tmp_path, "pass", text)) == []


def test_what_the_context_and_libraries_do_for_it_is_not_held_against_it(tmp_path):
    body = """
context.indicator('IBM', 'rsi_3')
context.closes('IBM', 5, timeframe='1w')
from collections import namedtuple
namedtuple('Pair', 'a b')
import logging, json.decoder, colorsys
logging.getLogger('mine').debug('bar')
context.order('IBM', 1)"""
    assert reached(peeking(tmp_path, body)) == []


@pytest.mark.parametrize("name", BUILT_IN)
def test_those_of_tollgate_reach_for_nothing(name):
    run = ran(market(300, IBM=1, MSFT=2), name, ("IBM", "MSFT"))
    assert run["reached"] == []


def test_what_was_reached_changes_no_hash_and_stands_on_the_page(tmp_path):
    from tools.backtest.report import page

    (tmp_path / "later.csv").write_text("1\n")
    body = f"open({str(tmp_path / 'later.csv')!r}).read()"
    first, again = (peeking(tmp_path, body) for _ in range(2))
    assert first["hash"] == again["hash"]
    assert first["reached"]
    assert "reads the file later.csv" in page(json.loads(json.dumps(first)))
