"""Settings of prices: the feed, and the keys of those that want one."""

from __future__ import annotations

from pydantic import AliasChoices, BaseModel, Field, SecretStr

from tools.settings.choices import AlpacaFeedChoice, FeedChoice, OandaHost

LIVE_FEATURES = "log_move_1,log_move_5,volatility_20,range_place_20,relative_turnover_20,rsi_14"


class PriceSettings(BaseModel):
    """Where prices come from, and what is made of them as they come."""

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
    live_features: str = Field(
        default=LIVE_FEATURES,
        max_length=2000,
        description="the features that move with each price, with commas between; none for none",
    )
    apca_api_key_id: SecretStr | None = Field(
        default=None, validation_alias=AliasChoices("APCA_API_KEY_ID")
    )
    apca_api_secret_key: SecretStr | None = Field(
        default=None, validation_alias=AliasChoices("APCA_API_SECRET_KEY")
    )
    apca_api_base_url: str | None = Field(
        default=None, validation_alias=AliasChoices("APCA_API_BASE_URL")
    )
    apca_api_data_url: str | None = Field(
        default=None, validation_alias=AliasChoices("APCA_API_DATA_URL")
    )
    polygon_api_key: SecretStr | None = Field(
        default=None,
        validation_alias=AliasChoices("POLYGON_API_KEY", "MASSIVE_API_KEY"),
        description="Polygon's (Massive's) prices, trades, quotes and option chains",
    )
    oanda_api_key: SecretStr | None = Field(
        default=None,
        validation_alias=AliasChoices("OANDA_API_KEY"),
        description="OANDA's prices of currencies, metals and CFDs, with OANDA_ACCOUNT_ID",
    )
    oanda_account_id: SecretStr | None = Field(
        default=None, validation_alias=AliasChoices("OANDA_ACCOUNT_ID")
    )
    oanda_host: OandaHost = Field(
        default=OandaHost.PRACTICE,
        description="the kind of OANDA account that the key is of: practice or live",
    )
    robinhood_api_key: SecretStr | None = Field(
        default=None,
        validation_alias=AliasChoices("ROBINHOOD_API_KEY"),
        description="Robinhood's quotes of coins, with ROBINHOOD_PRIVATE_KEY",
    )
    robinhood_private_key: SecretStr | None = Field(
        default=None,
        validation_alias=AliasChoices("ROBINHOOD_PRIVATE_KEY"),
        description="the Ed25519 key, in base64, that signs the questions to Robinhood",
    )
    fred_api_key: SecretStr | None = Field(
        default=None,
        validation_alias=AliasChoices("FRED_API_KEY"),
        description="series of the economy, with every vintage",
    )
    unusual_whales_api_key: SecretStr | None = Field(
        default=None,
        validation_alias=AliasChoices("UNUSUAL_WHALES_API_KEY"),
        description="large option trades as they are reported",
    )
