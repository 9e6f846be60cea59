"""Settings of the desk itself: its places, its account, its limits and its address."""

from __future__ import annotations

from pathlib import Path

from pydantic import AliasChoices, BaseModel, Field, SecretStr

from tools.settings.choices import BrokerChoice


class DeskSettings(BaseModel):
    """Where the desk keeps what it knows, what it may do, and where it listens."""

    home: Path = Field(default=Path("~/.tollgate"), description="the state folder")
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
    database_url: SecretStr | None = Field(
        default=None,
        validation_alias=AliasChoices("DATABASE_URL"),
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
        validation_alias=AliasChoices("REDIS_URL"),
        description="a Redis server for what is kept for a while, instead of memory",
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
    ray: str | None = Field(
        default=None,
        min_length=1,
        max_length=300,
        description="who plays sweeps and walk-forwards instead of this machine's processes: a Ray "
        "cluster's address, or local for one that is begun here",
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
