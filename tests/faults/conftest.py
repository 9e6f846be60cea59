import logging

import pytest


@pytest.fixture(autouse=True)
def _no_alarms():
    """What the desk alarms people of is what these tests are made to bring about."""
    logging.disable()
    yield
    logging.disable(logging.NOTSET)
