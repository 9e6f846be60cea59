import pytest

from tests.desk.houses import House


@pytest.fixture
def house(tmp_path):
    return House(tmp_path)


@pytest.fixture
def desk(house):
    return house.desk()
