"""Real money needs the setting, the flag, limits that allow it, a named build, a sound ledger."""

import sqlite3
import sys
from dataclasses import replace

import pytest
from pydantic import SecretStr

from tools.assembly import arm, assemble, build_broker, halt_by_file, need_live, open_ledger
from tools.clock import SystemClock
from tools.desk.program import build
from tools.domain.errors import ConfigError, StateError
from tools.risk.limits import load_limits
from tools.settings import BrokerChoice, FeedChoice, Settings, load_settings

KEYS = {"apca_api_key_id": SecretStr("id"), "apca_api_secret_key": SecretStr("secret")}


@pytest.fixture
def settings(tmp_path):
    def over(**changes):
        return Settings(home=tmp_path, feed=FeedChoice.SAMPLE, **changes)

    return over


def live_limits():
    return replace(load_limits(), live=True, builds=(build(),))


def test_the_default_is_the_paper_venue_and_needs_no_flag(settings):
    house = assemble(settings())
    assert (house.broker.name, house.broker.real_money, house.desk.account) == (
        "paper",
        False,
        "paper",
    )
    need_live(settings(), live=False)


def test_the_flag_without_the_setting_is_refused(settings):
    for choice in (BrokerChoice.PAPER, BrokerChoice.ALPACA_PAPER):
        with pytest.raises(ConfigError, match="--live means real money"):
            assemble(settings(broker=choice), live=True)


def test_the_setting_without_the_flag_does_not_start_what_sends(settings):
    with pytest.raises(ConfigError, match="say --live as well"):
        need_live(settings(broker=BrokerChoice.ALPACA_LIVE), live=False)


def test_limits_that_do_not_allow_real_money_or_name_no_build_refuse(settings):
    live = settings(broker=BrokerChoice.ALPACA_LIVE)
    with pytest.raises(ConfigError, match="live = true"):
        arm(live, load_limits())
    with pytest.raises(ConfigError, match=build()):
        arm(live, replace(load_limits(), live=True))
    arm(live, live_limits())


def test_a_tampered_ledger_refuses_to_start_live(settings):
    live = settings(broker=BrokerChoice.ALPACA_LIVE)
    ledger = open_ledger(settings(), SystemClock())
    with ledger.transaction() as page:
        page.append("mode", "", {"mode": "ACTIVE", "who": "ana", "reason": ""})
    ledger.close()
    arm(live, live_limits())
    with sqlite3.connect(live.state / "ledger.db") as db:
        db.execute("DROP TRIGGER events_never_change")
        db.execute("UPDATE events SET data = replace(data, 'ana', 'eve')")
    with pytest.raises(StateError, match="live trading does not start"):
        arm(live, live_limits())


def test_alpaca_without_keys_says_which_to_set(settings):
    with pytest.raises(ConfigError, match="APCA_API_KEY_ID"):
        assemble(settings(broker=BrokerChoice.ALPACA_PAPER))


def test_alpaca_without_its_package_says_what_to_install(settings, monkeypatch):
    for name in [n for n in sys.modules if n.startswith("tools.execution.brokers.alpaca")]:
        monkeypatch.delitem(sys.modules, name)
    for name in ("alpaca", "alpaca.common", "alpaca.common.exceptions"):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(ConfigError, match="extra `alpaca`"):
        assemble(settings(broker=BrokerChoice.ALPACA_PAPER, **KEYS))


def test_alpacas_accounts_have_names_of_their_own_in_the_ledger(settings):
    pytest.importorskip("alpaca")
    paper = settings(broker=BrokerChoice.ALPACA_PAPER, apca_api_base_url="http://127.0.0.1:1")
    paper = paper.model_copy(update=KEYS)
    assert paper.account_name == "alpaca-paper"
    broker = build_broker(paper, None, SystemClock(), lambda _: None)
    assert (broker.name, broker.real_money, broker.simulated_fills) == ("alpaca", False, False)
    live = paper.model_copy(update={"broker": BrokerChoice.ALPACA_LIVE})
    assert build_broker(live, None, SystemClock(), lambda _: None).real_money is True


def test_keys_are_never_shown(settings):
    fields = Settings.model_fields.items()
    secrets = [name for name, field in fields if "SecretStr" in str(field.annotation)]
    assert {"apca_api_secret_key", "database_url", "openai_api_key"} < set(secrets)
    assert "canary" not in repr(settings(**{name: SecretStr("canary") for name in secrets}))


@pytest.mark.parametrize("value", ["live", "ALPACA", "true", "alpaca_live"])
def test_an_unknown_broker_does_not_start(monkeypatch, value):
    monkeypatch.setenv("TOLLGATE_BROKER", value)
    with pytest.raises(ConfigError, match="TOLLGATE_BROKER"):
        load_settings()


def test_a_profile_or_a_file_may_name_the_limits(settings, tmp_path):
    assert assemble(settings(limits="active")).limits.name == "active"
    with pytest.raises(ConfigError, match="cautious and active"):
        assemble(settings(limits="reckless"))


def test_a_halt_works_where_no_desk_can_be_opened(settings):
    (settings().state / "ledger.db").write_bytes(b"torn")
    with pytest.raises(StateError):
        assemble(settings())
    assert halt_by_file(settings(), "ana: storm\n")
    assert (settings().state / "HALTED").read_text() == "ana: storm\n"
