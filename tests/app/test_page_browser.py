"""The page in a real browser, over a real server: ask, watch, approve, hold."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from tests.backtest.kept import grown, run_of

playwright = pytest.importorskip("playwright.sync_api")
expect = playwright.expect

pytestmark = [pytest.mark.browser, pytest.mark.slow]

ROOT = Path(__file__).resolve().parents[2]
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
QUIET = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
).split()
SLOW = 30_000


class Server:
    """``tollgate serve`` in a process of its own, on a free port and a home of its own."""

    def __init__(self, home):
        self.home = home
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.start()

    def start(self):
        environment = {k: v for k, v in os.environ.items() if not k.startswith("OPENAI_")}
        environment |= {"TOLLGATE_HOME": str(self.home), "TOLLGATE_FEED": "sample"}
        self.log = (self.home / "server.log").open("ab")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "app", "serve", "--port", str(self.port)],
            cwd=ROOT,
            env=environment,
            stdout=self.log,
            stderr=subprocess.STDOUT,
        )
        until = time.monotonic() + 120
        while time.monotonic() < until:
            assert self.process.poll() is None, self.told()
            try:
                if httpx.get(f"{self.url}/api/v1/mode", timeout=2).status_code == 200:
                    return
            except httpx.TransportError:
                time.sleep(0.2)  # a process that is starting has nothing to wait on
        raise AssertionError(self.told())

    def told(self):
        return (self.home / "server.log").read_text("utf-8", "replace")[-3000:]

    def post(self, path):
        return httpx.post(f"{self.url}/api/v1/{path}", json={}, timeout=30).json()

    def get(self, path):
        return httpx.get(f"{self.url}/api/v1/{path}", timeout=30).json()

    def stop(self, how=signal.SIGTERM):
        self.process.send_signal(how)
        self.process.wait(20)
        self.log.close()


@pytest.fixture(scope="module")
def server(tmp_path_factory, built_knowledge):
    home = tmp_path_factory.mktemp("page")
    shutil.copytree(built_knowledge, home / "knowledge")
    server = Server(home)
    yield server
    server.stop()


@pytest.fixture(scope="module")
def browser(strict_skip):
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        strict_skip("there is no Chromium on this machine")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=found, args=QUIET)
        yield browser
        browser.close()


class Tab:
    """One tab, and everything it asked of any server."""

    def __init__(self, context, server):
        self.page = context.new_page()
        self.page.set_default_timeout(SLOW)
        self.asked, self.failures = [], []
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.on("websocket", lambda socket: self.asked.append(socket.url))
        self.page.on("pageerror", lambda error: self.failures.append(str(error)))
        self.page.on("dialog", lambda dialog: self.failures.append(f"dialog: {dialog.message}"))
        self._server = server

    def open(self, path="/"):
        self.page.goto(self._server.url + path)
        expect(self.id("mode")).to_have_text(re.compile("ACTIVE|HALTED"), timeout=SLOW)
        return self

    def id(self, name):
        return self.page.get_by_test_id(name)

    @property
    def card(self):
        return self.id("transcript").get_by_test_id("order-card").last

    def ask(self, question):
        self.id("question").fill(question)
        self.id("question").press("Enter")
        turn = self.id("turn").last
        expect(turn.locator(".asked")).to_contain_text(question[:12], timeout=SLOW)
        expect(turn).not_to_have_class(re.compile("working"), timeout=SLOW)
        return turn

    def approve(self):
        self.card.get_by_test_id("approve").click()
        expect(self.card).to_have_class(re.compile("state-filled"), timeout=SLOW)


@pytest.fixture
def context(browser):
    context = browser.new_context(viewport={"width": 1280, "height": 860})
    expect.set_options(timeout=SLOW)
    yield context
    context.close()


@pytest.fixture
def tab(context, server):
    """Opens tabs; at the end no tab may have spoken to anyone but its server, or failed."""
    opened = []

    def open_tab(path="/"):
        opened.append(Tab(context, server))
        return opened[-1].open(path)

    yield open_tab
    own = (f"{server.url}/", f"ws://127.0.0.1:{server.port}/", "data:", "blob:")
    for one in opened:
        assert [url for url in one.asked if not url.startswith(own)] == []
        assert one.failures == []


def session_of(tab):
    expect(tab.page).to_have_url(re.compile(r"session=[\w-]+"))
    return "/?" + tab.page.url.split("?", 1)[1]


def test_a_question_becomes_an_answer_with_sources_and_an_approved_trade(tab):
    one = tab()
    expect(one.id("positions")).to_contain_text("No positions yet")
    expect(one.id("empty")).to_be_visible()
    turn = one.ask("Should I buy 50 shares of IBM?")
    expect(one.id("empty")).to_be_hidden()
    for agent in ("data", "signal", "risk", "execution"):
        expect(turn.get_by_test_id(f"agent-{agent}").locator(".prose").first).to_be_visible()

    call = turn.get_by_test_id("tool").first
    expect(call).to_contain_text("get_quote(symbol='IBM')")
    call.locator("summary").click()
    expect(call.locator(".json")).to_contain_text('"last_close"')

    figures = turn.get_by_test_id("figures")
    figures.locator("summary").click()
    expect(figures.locator("tbody tr").first).to_contain_text("get_quote")
    expect(turn.locator(".prose .figure").first).to_have_attribute("title", re.compile("get_quote"))

    source = turn.get_by_test_id("citation").first
    expect(source).to_contain_text(re.compile(r"\[1\].*§.*\d+–\d+"))
    source.locator("summary").click()
    expect(source.locator(".passage")).to_be_visible()

    told = turn.get_by_test_id("provenance")
    for words in ("planner", "sample feed", "prices up to 2013-03-01", "SIMULATED"):
        expect(told).to_contain_text(words)

    expect(one.card).to_contain_text("buy 50 IBM at market")
    expect(one.card).to_contain_text("G06")
    expect(one.card).to_contain_text("Expires in")
    expect(one.card.get_by_test_id("rationale")).to_contain_text("unchecked")
    expect(one.id("chart").locator("canvas")).to_be_visible()
    one.approve()
    expect(one.card.get_by_test_id("fills")).to_contain_text("Filled 50 at")
    expect(turn.get_by_test_id("agent-execution").last).to_contain_text("filled")
    expect(one.id("positions")).to_contain_text("IBM")
    expect(one.id("orders")).to_contain_text("buy 50 IBM")

    session_of(one)
    one.page.reload()
    expect(one.id("turn")).to_have_count(1)
    expect(one.id("turn").locator(".asked")).to_have_text("Should I buy 50 shares of IBM?")
    expect(one.card).to_have_class(re.compile("state-filled"))
    one.id("new-session").click()
    expect(one.id("empty")).to_be_visible()


def test_with_two_tabs_one_click_wins_and_both_see_what_was_decided(tab, server):
    one = tab()
    one.ask("Buy 11 shares of AAPL")
    expect(one.card.get_by_test_id("approve")).to_be_visible()
    two = tab(session_of(one))
    expect(two.card.get_by_test_id("approve")).to_be_visible()
    at = one.page.evaluate("Date.now()") + 700
    for each in (one, two):
        each.page.evaluate(
            "at => { setTimeout(() => document.querySelector('.transcript .approve').click(),"
            " at - Date.now()) }",
            at,
        )
    for each in (one, two):
        expect(each.card).to_have_class(re.compile("state-filled"))
        expect(each.card).to_contain_text("decided by person:page")
        expect(each.id("turn").get_by_test_id("agent-execution").last).to_contain_text("filled")
    (order,) = [o for o in server.get("orders")["orders"] if o["symbol"] == "AAPL"]
    assert [line["kind"] for line in order["history"]].count("approved") == 1
    assert order["filled"] == "11"


def test_an_order_decided_elsewhere_is_seen_within_seconds(tab, server):
    one = tab()
    one.ask("Buy 3 shares of GOOG")
    expect(one.card.get_by_test_id("reject")).to_be_visible()
    (waiting,) = server.get("approvals")["approvals"]
    server.post(f"approvals/{waiting['id']}/reject")
    expect(one.card).to_have_class(re.compile("state-declined"))
    expect(one.card.get_by_test_id("approve")).to_have_count(0)
    expect(one.id("turn").get_by_test_id("agent-execution").last).to_contain_text("eclined")


def test_an_order_of_another_session_can_be_decided_in_the_panel(tab, server):
    other, one = tab(), tab()
    other.ask("Buy 4 shares of MSFT")
    expect(one.id("waiting-pill")).to_have_text("1 waiting")
    waiting = one.id("waiting").get_by_test_id("order-card")
    expect(waiting).to_contain_text("buy 4 MSFT")
    waiting.get_by_test_id("reject").click()
    expect(one.id("waiting-pill")).to_be_hidden()
    expect(other.card).to_have_class(re.compile("state-declined"))


def test_hostile_text_is_shown_and_does_nothing(tab):
    one = tab()
    hostile = (
        'Buy 2 shares of MSFT <img src="http://evil.example/x.png" onerror="alert()"> '
        "<script>alert()</script> ![x](http://evil.example/y.png) \u202egnihton"
    )
    turn = one.ask(hostile)
    expect(turn.locator(".asked")).to_contain_text("<script>alert()</script>")
    expect(turn.locator(".asked")).to_contain_text("⟨U+202E⟩")
    assert turn.locator("img, script, iframe").count() == 0
    expect(one.card.get_by_test_id("rationale")).to_contain_text("<img src=")
    one.card.get_by_test_id("reject").click()
    expect(one.card).to_have_class(re.compile("state-declined"))


def test_a_wrong_question_gets_a_sentence_and_an_empty_one_too(tab):
    one = tab()
    one.id("question").press("Enter")
    expect(one.page.locator(".said")).to_contain_text("empty")
    turn = one.ask("Should I buy 10 shares of ZZZQX?")
    expect(turn.get_by_role("alert")).to_contain_text("ZZZQX")


def test_halt_refuses_new_orders_until_resumed(tab):
    one = tab()
    one.id("halt").click()
    expect(one.id("mode")).to_have_text("HALTED")
    one.ask("Buy 7 shares of IBM")
    expect(one.card).to_have_class(re.compile("state-denied"))
    expect(one.card).to_contain_text("G01")
    expect(one.card.get_by_test_id("approve")).to_have_count(0)
    one.id("resume").click()
    one.id("resume-no").click()
    expect(one.id("mode")).to_have_text("HALTED")
    one.id("resume").click()
    one.id("resume-yes").click()
    expect(one.id("mode")).to_have_text("ACTIVE")


def test_a_narrow_screen_shows_everything_without_scrolling_sideways(tab):
    one = tab()
    one.page.set_viewport_size({"width": 400, "height": 800})
    one.open()
    one.ask("Buy 6 shares of AAPL")
    expect(one.id("waiting-pill")).to_have_text("1 waiting")
    one.page.wait_for_function("document.documentElement.scrollWidth <= 400")
    for name in ("mode", "halt", "waiting-pill", "new-session", "panel-handle", "ask"):
        expect(one.id(name)).to_be_in_viewport(ratio=1)
    one.card.get_by_test_id("reject").click()
    expect(one.card).to_have_class(re.compile("state-declined"))
    expect(one.id("account")).not_to_be_in_viewport()
    one.id("panel-handle").click()
    expect(one.id("account")).to_be_in_viewport()


def test_a_killed_server_loses_nothing(tab, server):
    one = tab()
    one.ask("Buy 5 shares of IBM as of 2013-02-27")
    expect(one.card.get_by_test_id("approve")).to_be_visible()
    path = session_of(one)
    server.stop(signal.SIGKILL)
    server.start()
    two = tab(path)
    expect(two.id("turn")).to_contain_text("brought back after a restart")
    two.approve()
    expect(two.id("turn").get_by_test_id("agent-execution").last).to_contain_text("filled")


def test_a_kept_backtest_is_in_the_panel_and_its_report_opens_and_runs_nothing(tab, server):
    hostile = "<script>document.title='stolen'</script>"
    document = run_of(grown(300))
    document["record"] |= {"strategy": hostile}
    folder = server.home / "backtests"
    folder.mkdir(exist_ok=True)
    (folder / "0123456789ab.json").write_text(json.dumps(document))
    one = tab()
    line = one.id("backtest").first
    expect(line).to_contain_text(hostile)
    expect(line).to_contain_text("Sharpe")
    with one.page.context.expect_page() as opened:
        line.locator("a").click()
    report = opened.value
    report.on("request", lambda request: one.asked.append(request.url))
    expect(report).to_have_title(re.compile("^<script>"))
    for width in (1280, 390):
        report.set_viewport_size({"width": width, "height": 860})
        report.wait_for_function(f"document.documentElement.scrollWidth <= {width}")
        kind = "wide" if width == 1280 else "narrow"
        expect(report.locator(f"svg.{kind}").first).to_be_visible()
    expect(report.get_by_role("heading", name="By stretch of market")).to_be_visible()
    assert report.evaluate("window.opener") is None


def test_a_sweep_asked_in_the_chat_is_answered_and_its_report_opens_from_the_panel(tab):
    one = tab()
    one.ask("sweep breakout entry=10,20 on IBM in 2008")
    turn = one.id("turn").last
    expect(turn.get_by_test_id("agent-signal")).to_contain_text("swept: 2 runs SIMULATED")
    line = one.id("backtest").filter(has_text="sweep: breakout on IBM")
    expect(line).to_be_visible()
    with one.page.context.expect_page() as opened:
        line.locator("a").click()
    expect(opened.value).to_have_title(re.compile("breakout"))
    assert opened.value.evaluate("window.opener") is None
