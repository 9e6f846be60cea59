"""What a person chooses among: the feed, the broker, and which of their prices."""

from __future__ import annotations

from enum import StrEnum


class FeedChoice(StrEnum):
    """Where prices come from.

    ``auto`` tries the user's files, then Alpaca, Polygon, OANDA and Robinhood where their keys are
    set, the crypto exchange that is named, Yahoo, and the sample.
    """

    AUTO = "auto"
    SAMPLE = "sample"
    YAHOO = "yahoo"
    ALPACA = "alpaca"
    POLYGON = "polygon"
    OANDA = "oanda"
    ROBINHOOD = "robinhood"
    CCXT = "ccxt"
    FILES = "files"


class AlpacaFeedChoice(StrEnum):
    """Whose quotes of shares Alpaca gives: one exchange's, or all of them by subscription."""

    IEX = "iex"
    SIP = "sip"


class OandaHost(StrEnum):
    """Whose prices OANDA gives: those of practice accounts, or of live ones. It trades nothing."""

    PRACTICE = "practice"
    LIVE = "live"


class BrokerChoice(StrEnum):
    """Where approved orders go: the built-in paper venue, or Alpaca's paper or live account."""

    PAPER = "paper"
    ALPACA_PAPER = "alpaca-paper"
    ALPACA_LIVE = "alpaca-live"
