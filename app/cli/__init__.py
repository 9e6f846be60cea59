"""The terminal: one file a command group; heavy imports wait until a command needs them."""

from app.cli.main import run

__all__ = ["run"]
