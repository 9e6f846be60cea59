"""The only reader of the environment and of `.env`: frozen, and unknown TOLLGATE_ names refused.

Long because every setting stands here with its sentence.
"""

from __future__ import annotations

import os
from difflib import get_close_matches
from enum import StrEnum
from pathlib import Path

from dotenv import dotenv_values
from pydantic import AliasChoices, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from tools.domain.errors import ConfigError

PREFIX = "TOLLGATE_"
LIVE_FEATURES = "log_move_1,log_move_5,volatility_20,range_place_20,relative_turnover_20,rsi_14"


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


def _named(name: str) -> AliasChoices:
    return AliasChoices(name)


class Settings(BaseSettings):
    """Everything that can be set from outside; each has a default that works offline."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_file=".env",
        frozen=True,
        extra="ignore",
        env_ignore_empty=True,
        populate_by_name=True,
    )

    home: Path = Field(default=Path("~/.tollgate"), description="the state folder")
    feed: FeedChoice = Field(
        default=FeedChoice.AUTO,
        description="auto, sample, yahoo, alpaca, polygon, oanda, robinhood, ccxt or files",
    )
    exchange: str | None = Field(
        default=None,
        min_length=1,
        description="the crypto exchange of the feed ccxt, by ccxt's name: binance, coinbase, …",
    )
    alpaca_feed: AlpacaFeedChoice = Field(
        default=AlpacaFeedChoice.IEX,
        description="Alpaca's quotes of shares: iex, or sip (all exchanges, by subscription)",
    )
    data: Path | None = Field(
        default=None, description="a folder with your own SYMBOL.csv or .parquet"
    )
    limits: str | None = Field(
        default=None, description="a profile of limits (cautious or active), or a file of your own"
    )
    broker: BrokerChoice = Field(
        default=BrokerChoice.PAPER,
        description="paper, alpaca-paper or alpaca-live (real money, which also needs --live)",
    )
    account: str | None = Field(
        default=None,
        min_length=1,
        max_length=100,
        description="the account's name in the ledger; the broker's choice when left out",
    )
    heads: Path | None = Field(
        default=None, description="the file for the ledger's signed heads, best on another disk"
    )
    host: str = Field(default="127.0.0.1", description="the address that `serve` listens on")
    port: int = Field(default=8000, ge=0, le=65535, description="the port of `serve`")
    allowed_hosts: str = Field(
        default="", description="more host names that `serve` answers to, separated by commas"
    )
    bus: SecretStr | None = Field(
        default=None,
        description="a broker of messages between processes: amqp://, nats://, redis:// or "
        "kafka://…; left out, messages stay in the process",
    )
    bus_name: str | None = Field(
        default=None,
        pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$",
        description="the desk's name there: only processes of the same name hear each other; "
        "left out, one of the state folder's own and the account",
    )
    live_features: str = Field(
        default=LIVE_FEATURES,
        max_length=2000,
        description="the features that move with each price, with commas between; none for none",
    )
    model: str = Field(
        default="gpt-5-mini", description="the name of the language model, when one is set"
    )
    model_timeout_s: float = Field(
        default=60.0, gt=0, le=600, description="seconds to wait for the model"
    )

    embedder: str | None = Field(
        default=None,
        min_length=1,
        description="an embedding model instead of the built-in one: a folder, or a name on the "
        "Hugging Face Hub",
    )
    reranker: str | None = Field(
        default=None,
        min_length=1,
        description="a cross-encoder that orders the passages found: a folder, or a name on the "
        "Hugging Face Hub",
    )
    weaviate_url: str | None = Field(
        default=None,
        validation_alias=_named("WEAVIATE_URL"),
        description="a Weaviate server for the knowledge index instead of files",
    )
    weaviate_grpc_url: str | None = Field(
        default=None,
        validation_alias=_named("WEAVIATE_GRPC_URL"),
        description="where its gRPC listens, when that is not port 50051 of the same host",
    )
    weaviate_api_key: SecretStr | None = Field(
        default=None, validation_alias=_named("WEAVIATE_API_KEY")
    )

    database_url: SecretStr | None = Field(
        default=None,
        validation_alias=_named("DATABASE_URL"),
        description="a PostgreSQL database for the ledger instead of a file",
    )
    # Not in DATABASE_URL: the ledger is small and irreplaceable, prices are large and can be
    # fetched again, so they want other backups, other rights and mostly another place.
    market_store: SecretStr | None = Field(
        default=None,
        description="where prices are kept: a folder, s3://bucket/prefix or postgresql://…; "
        "left out, the folder `market` in the state folder",
    )
    redis_url: SecretStr | None = Field(
        default=None,
        validation_alias=_named("REDIS_URL"),
        description="a Redis server for what is kept for a while, instead of memory",
    )
    openai_api_key: SecretStr | None = Field(
        default=None, validation_alias=_named("OPENAI_API_KEY")
    )
    openai_base_url: str | None = Field(default=None, validation_alias=_named("OPENAI_BASE_URL"))

    polygon_api_key: SecretStr | None = Field(
        default=None,
        validation_alias=AliasChoices("POLYGON_API_KEY", "MASSIVE_API_KEY"),
        description="Polygon's (Massive's) prices, trades, quotes and option chains",
    )
    oanda_api_key: SecretStr | None = Field(
        default=None,
        validation_alias=_named("OANDA_API_KEY"),
        description="OANDA's prices of currencies, metals and CFDs, with OANDA_ACCOUNT_ID",
    )
    oanda_account_id: SecretStr | None = Field(
        default=None, validation_alias=_named("OANDA_ACCOUNT_ID")
    )
    oanda_host: OandaHost = Field(
        default=OandaHost.PRACTICE,
        description="the kind of OANDA account that the key is of: practice or live",
    )
    robinhood_api_key: SecretStr | None = Field(
        default=None,
        validation_alias=_named("ROBINHOOD_API_KEY"),
        description="Robinhood's quotes of coins, with ROBINHOOD_PRIVATE_KEY",
    )
    robinhood_private_key: SecretStr | None = Field(
        default=None,
        validation_alias=_named("ROBINHOOD_PRIVATE_KEY"),
        description="the Ed25519 key, in base64, that signs the questions to Robinhood",
    )
    fred_api_key: SecretStr | None = Field(
        default=None,
        validation_alias=_named("FRED_API_KEY"),
        description="series of the economy, with every vintage",
    )
    unusual_whales_api_key: SecretStr | None = Field(
        default=None,
        validation_alias=_named("UNUSUAL_WHALES_API_KEY"),
        description="large option trades as they are reported",
    )

    rss: SecretStr | None = Field(
        default=None, description="addresses of RSS and Atom feeds, separated by commas"
    )
    sec_contact: str | None = Field(
        default=None,
        min_length=5,
        description="your name and e-mail address, which the SEC wants of whoever reads EDGAR",
    )
    newsapi_api_key: SecretStr | None = Field(
        default=None,
        validation_alias=_named("NEWSAPI_API_KEY"),
        description="articles of many outlets, searched by NewsAPI",
    )
    finnhub_api_key: SecretStr | None = Field(
        default=None,
        validation_alias=_named("FINNHUB_API_KEY"),
        description="when companies report their earnings, and what they reported",
    )
    reddit_client_id: SecretStr | None = Field(
        default=None, validation_alias=_named("REDDIT_CLIENT_ID")
    )
    reddit_client_secret: SecretStr | None = Field(
        default=None, validation_alias=_named("REDDIT_CLIENT_SECRET")
    )
    reddit_user_agent: str = Field(
        default="python:tollgate:0.1 (reads posts only)",
        min_length=7,
        max_length=200,
        validation_alias=_named("REDDIT_USER_AGENT"),
        description="how the desk names itself to Reddit, best with your user name there",
    )
    subreddits: str = Field(
        default="stocks,investing",
        min_length=2,
        max_length=2000,
        description="whose posts are read, with commas between the names",
    )

    apca_api_key_id: SecretStr | None = Field(
        default=None, validation_alias=_named("APCA_API_KEY_ID")
    )
    apca_api_secret_key: SecretStr | None = Field(
        default=None, validation_alias=_named("APCA_API_SECRET_KEY")
    )
    apca_api_base_url: str | None = Field(
        default=None, validation_alias=_named("APCA_API_BASE_URL")
    )

    apca_api_data_url: str | None = Field(
        default=None, validation_alias=_named("APCA_API_DATA_URL")
    )

    @property
    def state(self) -> Path:
        """The state folder, with ``~`` expanded."""
        return self.home.expanduser()

    @property
    def prices_kept_in(self) -> str | None:
        """The store of prices: an address, which may hold a password, or a folder."""
        return None if self.market_store is None else self.market_store.get_secret_value()

    @property
    def account_name(self) -> str:
        """The account's name in the ledger: one ledger may hold several."""
        return self.account or self.broker.value

    @property
    def has_model(self) -> bool:
        """Whether a language model is configured; without one the planner answers."""
        return self.openai_api_key is not None or self.openai_base_url is not None


def setting_name(field: str) -> str:
    """How a person writes the setting of a field: ``TOLLGATE_RSS``, ``FRED_API_KEY``."""
    alias = Settings.model_fields[field].validation_alias
    named = alias.choices[0] if isinstance(alias, AliasChoices) else None
    return str(named) if named is not None else f"{PREFIX}{field.upper()}"


def environment_for(home: Path) -> dict[str, str]:
    """This process's environment for a child that works over ``home`` with the sample feed."""
    ours = {key: value for key, value in os.environ.items() if not key.startswith(PREFIX)}
    return ours | {f"{PREFIX}HOME": str(home), f"{PREFIX}FEED": FeedChoice.SAMPLE.value}


def load_settings() -> Settings:
    """Read the environment and `.env` once; raises ConfigError with a sentence per mistake."""
    known = {f"{PREFIX}{name.upper()}" for name in Settings.model_fields}
    # The test switch is read by the tests, not by the desk, but it is no mistake to have it set.
    known.add(f"{PREFIX}TEST_STRICT")
    file = Settings.model_config.get("env_file")
    try:
        written = dotenv_values(file) if isinstance(file, str) else {}
    except (UnicodeDecodeError, OSError) as error:
        why = "it is not UTF-8 text" if isinstance(error, UnicodeDecodeError) else error.strerror
        raise ConfigError(
            f"the settings file {file} can't be read ({why}). Save it as UTF-8, or remove it."
        ) from None
    for name in sorted({*os.environ, *written}):
        if name.startswith(PREFIX) and name not in known:
            near = get_close_matches(name, sorted(known), n=1)
            hint = f"; did you mean {near[0]}?" if near else ""
            raise ConfigError(f"{name} is not a setting of Tollgate{hint}")
    try:
        return Settings()
    except ValidationError as error:
        said = "; ".join(
            f"{PREFIX}{'.'.join(str(p) for p in e['loc']).upper().removeprefix(PREFIX)}: "
            f"{e['msg'].lower()}, was {str(e['input'])[:60]!r}"
            for e in error.errors()
        )
        raise ConfigError(f"a setting is wrong: {said}. Correct it or unset it.") from None
