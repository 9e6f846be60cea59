"""The one place where concrete things are named: every service, built once."""

from tools.assembly.house import House, assemble
from tools.assembly.ledger import heads_path, ledger_path, open_audit, open_ledger
from tools.assembly.past import open_backtester, open_worker, open_workers, simulated_venue
from tools.assembly.prices import alpaca, build_market, economic_feed, flow_feed, live_stream
from tools.assembly.state import open_cache, open_features, open_messages, open_state, open_tone
from tools.assembly.venue import arm, build_broker, halt_by_file, need_live

__all__ = [
    "House",
    "alpaca",
    "arm",
    "assemble",
    "build_broker",
    "build_market",
    "economic_feed",
    "flow_feed",
    "halt_by_file",
    "heads_path",
    "ledger_path",
    "live_stream",
    "need_live",
    "open_audit",
    "open_backtester",
    "open_cache",
    "open_features",
    "open_ledger",
    "open_messages",
    "open_state",
    "open_tone",
    "open_worker",
    "open_workers",
    "simulated_venue",
]
