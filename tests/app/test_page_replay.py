"""Prices that move on the page: a replay in a real browser, and a socket that is lost."""

import re
import shutil

import pytest

from tests.app.running import start

playwright = pytest.importorskip("playwright.sync_api")
expect = playwright.expect

pytestmark = [pytest.mark.browser, pytest.mark.slow]

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
QUIET = "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-sync".split()
SLOW = 30_000


@pytest.fixture(scope="module")
def server(tmp_path_factory, built_knowledge):
    home = tmp_path_factory.mktemp("replayed")
    shutil.copytree(built_knowledge, home / "knowledge")
    server = start(home, "--replay", "IBM,MSFT", "--speed", "4", "--from", "2010-06-01")
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


@pytest.fixture
def page(browser):
    context = browser.new_context(viewport={"width": 1400, "height": 900})
    page = context.new_page()
    page.set_default_timeout(SLOW)
    failures = []
    page.on("pageerror", lambda error: failures.append(str(error)))
    yield page
    context.close()
    assert failures == []


def row(page, symbol):
    return page.get_by_test_id("tape-row").filter(has_text=symbol)


def test_prices_move_and_say_that_they_are_a_replay(server, page):
    page.goto(server.url)
    expect(page.get_by_test_id("replay")).to_have_text("REPLAY", timeout=SLOW)
    price = row(page, "IBM").get_by_test_id("tape-price")
    expect(price).to_have_text(re.compile(r"\d"), timeout=SLOW)
    first = price.inner_text()
    expect(price).not_to_have_text(first, timeout=SLOW)
    expect(row(page, "IBM").get_by_test_id("tape-label")).to_have_text("replay")
    expect(row(page, "MSFT").get_by_test_id("tape-label")).to_have_text("replay")
    expect(page.get_by_test_id("tape-line")).to_contain_text("replay · 201")
    clock = page.get_by_test_id("account").locator(".muted").first
    before = clock.inner_text()
    expect(clock).not_to_have_text(before, timeout=SLOW)


def test_features_move_below_the_price_and_say_that_they_are_a_replay(server, page):
    page.goto(server.url)
    told = page.locator('[data-testid="tape-features"][data-symbol="IBM"]')
    expect(told).to_have_text(re.compile(r"^replay · 1d bar · log_move_1 −?0"), timeout=SLOW)
    first = told.inner_text()
    expect(told).not_to_have_text(first, timeout=SLOW)


def test_a_lost_socket_says_that_prices_stand_still_and_comes_back(server, page):
    lost, sockets = [False], []

    def carry(socket):
        if lost[0]:
            socket.close(code=1001)
            return
        socket.connect_to_server()
        sockets.append(socket)

    page.route_web_socket(re.compile("/ws/market"), carry)
    page.goto(server.url)
    price = row(page, "IBM").get_by_test_id("tape-price")
    expect(price).to_have_text(re.compile(r"\d"), timeout=SLOW)
    lost[0] = True
    sockets[-1].close(code=1001)
    line = page.get_by_test_id("tape-line")
    expect(line).to_contain_text("Prices stand still: no connection since", timeout=SLOW)
    stood = price.inner_text()
    lost[0] = False
    expect(line).to_contain_text("replay ·", timeout=SLOW)
    expect(price).not_to_have_text(stood, timeout=SLOW)
