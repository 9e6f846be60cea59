"""How Robinhood knows who asks: an Ed25519 signature (RFC 8032) over each question."""

from __future__ import annotations

import base64
import binascii
from datetime import datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tools.domain.errors import ConfigError

# The seed alone, or with the public key behind it, as some tools write it down.
SEED, BOTH = 32, 64


class Signer:
    """Signs questions; the private key is in no text of it. A signature is good for 30 seconds."""

    def __init__(self, key: str, private_key: str) -> None:
        """``private_key`` in base64; ConfigError for what is none."""
        try:
            raw = base64.b64decode(private_key.strip(), validate=True)
        except (binascii.Error, ValueError):
            raw = b""
        if len(raw) not in (SEED, BOTH):
            raise ConfigError(
                "ROBINHOOD_PRIVATE_KEY is no Ed25519 private key in base64: copy the one that was "
                "made with the public key that you gave to Robinhood."
            )
        self._key, self._private = key, Ed25519PrivateKey.from_private_bytes(raw[:SEED])

    def headers(self, path: str, now: datetime) -> dict[str, str]:
        """Those of a GET of ``path``, its query included, at ``now`` (aware)."""
        stamp = str(int(now.timestamp()))
        signature = self._private.sign(f"{self._key}{stamp}{path}GET".encode())
        return {
            "x-api-key": self._key,
            "x-timestamp": stamp,
            "x-signature": base64.b64encode(signature).decode(),
        }
