"""Alpaca takes the exam that every broker takes, with ids that the venue keeps unique and not."""

import pytest

from tests.contracts.broker import BrokerContract


class TestAlpaca(BrokerContract):
    @pytest.fixture
    def there(self, serve, both):
        return serve(unique=both)

    @pytest.fixture
    def opened(self, there, connect, both):
        return lambda: connect(there, unique_ids=both)

    @pytest.fixture
    def move(self, there):
        return lambda bid, ask, size=None: there.market.quote("IBM", bid, ask, size)
