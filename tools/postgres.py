"""Where a PostgreSQL database is, from its URL, and a new connection to it."""

from __future__ import annotations

import ssl
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from tools.domain.errors import ConfigError

PORT = 5432


class Address:
    """Where a database is, from its URL: ``postgresql://user:password@host:port/name``.

    ``?sslmode=require`` asks for TLS with a checked certificate. Raises ConfigError, without the
    password, for what is no such URL.
    """

    def __init__(self, url: str, schema: str, *, setting: str = "DATABASE_URL") -> None:
        """``schema`` is where the tables are, ``setting`` what the person wrote the URL into."""
        parts = urlsplit(url)
        try:
            port = parts.port or PORT
        except ValueError:
            port = 0
        if parts.scheme not in ("postgresql", "postgres") or not parts.hostname or not port:
            raise ConfigError(
                f"{setting} is no PostgreSQL address; it looks like "
                "postgresql://user:password@host:5432/name"
            )
        if not schema.isidentifier() or not schema.isascii() or schema != schema.lower():
            raise ConfigError(f"{schema!r} is no plain name for a schema")
        self.schema = schema
        self.name = unquote(parts.path.lstrip("/")) or "postgres"
        self.host, self.port = parts.hostname, port
        self.user = unquote(parts.username or "postgres")
        self._password = None if parts.password is None else unquote(parts.password)
        self._tls = parse_qs(parts.query).get("sslmode", [""])[0].startswith(("require", "verify"))

    def __str__(self) -> str:
        return f"the database {self.name} on {self.host}:{self.port} (schema {self.schema})"

    def connect(self, silent_s: float, application: str) -> Any:
        """A new connection, in autocommit; the server may be silent for so many seconds.

        Raises what pg8000 raises. ``application`` is what the server shows as its name.
        """
        import pg8000.native

        return pg8000.native.Connection(
            self.user,
            host=self.host,
            port=self.port,
            database=self.name,
            password=self._password,
            ssl_context=ssl.create_default_context() if self._tls else None,
            timeout=silent_s,
            application_name=application,
        )
