"""Settings of what the agents read and who words it: models, the index, news and filings."""

from __future__ import annotations

from datetime import date

from pydantic import AliasChoices, BaseModel, Field, SecretStr


class KnowledgeSettings(BaseModel):
    """The language model, the knowledge index and the sources of documents."""

    model: str = Field(
        default="gpt-5-mini", description="the name of the language model, when one is set"
    )
    model_timeout_s: float = Field(
        default=60.0, gt=0, le=600, description="seconds to wait for the model"
    )
    model_knowledge_ends: date | None = Field(
        default=None, description="the last day that the model was told of, such as 2024-06-01"
    )
    openai_api_key: SecretStr | None = Field(
        default=None, validation_alias=AliasChoices("OPENAI_API_KEY")
    )
    openai_base_url: str | None = Field(
        default=None, validation_alias=AliasChoices("OPENAI_BASE_URL")
    )
    openai_proxy: str | None = Field(
        default=None,
        validation_alias=AliasChoices("OPENAI_PROXY"),
        description="the proxy by which the model is asked, such as http://10.0.0.1:3128",
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
    sentiment: str | None = Field(
        default=None,
        min_length=1,
        description="what scores the tone of news: rules; no model can be named yet, and where one "
        "is the rules stand in and say so",
    )
    weaviate_url: str | None = Field(
        default=None,
        validation_alias=AliasChoices("WEAVIATE_URL"),
        description="a Weaviate server for the knowledge index instead of files",
    )
    weaviate_grpc_url: str | None = Field(
        default=None,
        validation_alias=AliasChoices("WEAVIATE_GRPC_URL"),
        description="where its gRPC listens, when that is not port 50051 of the same host",
    )
    weaviate_api_key: SecretStr | None = Field(
        default=None, validation_alias=AliasChoices("WEAVIATE_API_KEY")
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
        validation_alias=AliasChoices("NEWSAPI_API_KEY"),
        description="articles of many outlets, searched by NewsAPI",
    )
    finnhub_api_key: SecretStr | None = Field(
        default=None,
        validation_alias=AliasChoices("FINNHUB_API_KEY"),
        description="when companies report their earnings, and what they reported",
    )
    reddit_client_id: SecretStr | None = Field(
        default=None, validation_alias=AliasChoices("REDDIT_CLIENT_ID")
    )
    reddit_client_secret: SecretStr | None = Field(
        default=None, validation_alias=AliasChoices("REDDIT_CLIENT_SECRET")
    )
    reddit_user_agent: str = Field(
        default="python:tollgate:0.1 (reads posts only)",
        min_length=7,
        max_length=200,
        validation_alias=AliasChoices("REDDIT_USER_AGENT"),
        description="how the desk names itself to Reddit, best with your user name there",
    )
    subreddits: str = Field(
        default="stocks,investing",
        min_length=2,
        max_length=2000,
        description="whose posts are read, with commas between the names",
    )

    @property
    def has_model(self) -> bool:
        """Whether a language model is configured; without one the planner answers."""
        return self.openai_api_key is not None or self.openai_base_url is not None
