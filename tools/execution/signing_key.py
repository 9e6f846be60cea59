"""The Ed25519 key that signs the journal's heads: made at first use, readable by its owner alone.

``ledger.key`` is the private half (PKCS#8 PEM, mode 0600), ``ledger.pub`` the public one, which an
auditor keeps elsewhere and gives back with ``--key``.
"""

from __future__ import annotations

import os
import uuid
from pathlib import Path
from typing import TYPE_CHECKING

from tools.domain.errors import StateError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey


class SigningKey:
    """The key pair in ``folder``; every method raises StateError when it can't be had."""

    def __init__(self, folder: Path) -> None:
        """Nothing is read or made yet."""
        self._folder = folder
        self._private: Ed25519PrivateKey | None = None

    @property
    def exists(self) -> bool:
        """Whether there is a key already."""
        return (self._folder / "ledger.key").exists()

    @property
    def public(self) -> str:
        """The public key's 32 bytes as hex."""
        return self._load().public_key().public_bytes_raw().hex()

    def sign(self, message: bytes) -> str:
        """The signature's 64 bytes as hex."""
        return self._load().sign(message).hex()

    def verifies(self, message: bytes, signature: str) -> bool:
        """Whether this key made the signature."""
        from cryptography.exceptions import InvalidSignature

        try:
            self._load().public_key().verify(bytes.fromhex(signature), message)
        except (InvalidSignature, ValueError):
            return False
        return True

    def _load(self) -> Ed25519PrivateKey:
        if self._private is None:
            try:
                self._private = self._read() if self.exists else self._make()
            except OSError as error:
                raise StateError(
                    f"the key that signs the ledger's heads can't be read or made in "
                    f"{self._folder} ({error.strerror or error}). Make the folder writable, or "
                    "put the key back"
                ) from error
        return self._private

    def _read(self) -> Ed25519PrivateKey:
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
        from cryptography.hazmat.primitives.serialization import load_pem_private_key

        file = self._folder / "ledger.key"
        if file.stat().st_mode & 0o077:
            raise StateError(
                f"{file} can be read by others than its owner, so its signatures prove nothing. "
                f"Run `chmod 600 {file}`, and find out who has read it"
            )
        try:
            key = load_pem_private_key(file.read_bytes(), None)
        except (TypeError, ValueError) as error:
            raise StateError(f"{file} is no key ({error}); put the right one back") from error
        if not isinstance(key, Ed25519PrivateKey):
            raise StateError(f"{file} is no Ed25519 key; put the right one back")
        return key

    def _make(self) -> Ed25519PrivateKey:
        from cryptography.hazmat.primitives import serialization as pem
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        key = Ed25519PrivateKey.generate()
        private = key.private_bytes(pem.Encoding.PEM, pem.PrivateFormat.PKCS8, pem.NoEncryption())
        public = key.public_key().public_bytes(
            pem.Encoding.PEM, pem.PublicFormat.SubjectPublicKeyInfo
        )
        if not _appear(self._folder / "ledger.key", private, 0o600):
            return self._read()  # another process was faster
        _appear(self._folder / "ledger.pub", public, 0o644)
        return key


def _appear(file: Path, content: bytes, mode: int) -> bool:
    """Write a new file that is whole when it appears; False when there is one already."""
    draft = file.with_name(f".{file.name}.{uuid.uuid4().hex}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    try:
        with os.fdopen(descriptor, "wb") as out:
            out.write(content)
            out.flush()
            os.fsync(out.fileno())
        try:
            os.link(draft, file)
        except FileExistsError:
            return False
        return True
    finally:
        draft.unlink(missing_ok=True)
