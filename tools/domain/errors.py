"""One error type per reaction, not one per cause.

TradingError
├── InputError       what was asked makes no sense: say so, ask again
├── DataUnavailable  there is no such data: stop and say so
├── StaleData        the data is too old: refresh, then try again
├── NotFound         no such order, approval or session
├── Conflict         somebody else decided first: show what was decided
├── BrokerRejected   the venue refused the order and proved it: report
├── OutcomeUnknown   the venue may or may not have the order: never retry, reconcile
├── ModelUnavailable the language model cannot be used: say why, lose nothing
├── StateError       the state folder or the ledger cannot be trusted: trade nothing
└── ConfigError      a setting is wrong: do not start

A refusal by the gate is a verdict, not an error.
"""


class TradingError(Exception):
    """Base of every expected failure; its text is a sentence that a person can act on."""

    exit_status = 1


class InputError(TradingError):
    """The request itself is wrong: unknown symbol, impossible quantity, empty question."""

    exit_status = 2


class DataUnavailable(TradingError):
    """No data for what was asked: unknown to every feed, or before the first bar."""

    exit_status = 3


class StaleData(TradingError):
    """The data is older than its use allows."""

    exit_status = 3


class NotFound(TradingError):
    """No order, approval or session has that id."""

    exit_status = 4


class Conflict(TradingError):
    """The state moved on: the order was already decided, sent or ended."""

    exit_status = 5


class BrokerRejected(TradingError):
    """The venue refused the order and nothing of it is in the market."""

    exit_status = 6


class OutcomeUnknown(TradingError):
    """The venue's answer did not arrive: the order may be live. Reconcile, never resend."""

    exit_status = 7


class ModelUnavailable(TradingError):
    """The configured language model refused or did not answer."""

    exit_status = 8


class StateError(TradingError):
    """The state folder is read-only, corrupt or locked; no order is sent while it is."""

    exit_status = 9


class ConfigError(TradingError):
    """A setting or a limits file is wrong; nothing starts."""

    exit_status = 10
