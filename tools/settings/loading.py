"""The only reader of the environment and of `.env`: frozen, and unknown TOLLGATE_ names refused."""

from __future__ import annotations

import os
from difflib import get_close_matches
from pathlib import Path

from dotenv import dotenv_values
from pydantic import AliasChoices, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from tools.domain.errors import ConfigError
from tools.settings.choices import FeedChoice
from tools.settings.desk import DeskSettings
from tools.settings.knowledge import KnowledgeSettings
from tools.settings.prices import PriceSettings

PREFIX = "TOLLGATE_"


class Settings(DeskSettings, PriceSettings, KnowledgeSettings, BaseSettings):
    """Everything that can be set from outside; each has a default that works offline."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_file=".env",
        frozen=True,
        extra="ignore",
        env_ignore_empty=True,
        populate_by_name=True,
    )


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
