"""A process killed at any moment loses no order, doubles none, and tells the person nothing wrong.

The whole matrix, every ordered pair of points, is run by ``evals.faults``; here are all single
points and a part of the rest.
"""

import random

import pytest

from tests.faults import matrix

PAIRS, RANDOM = 60, 20
MATRIX_STEPS = {
    "S1": "before commit of proposed",
    "S2": "before verdict",
    "S4": "before commit of approved",
    "S5": "after commit of approved",
    "S6": "before commit of send_intent",
    "S7": "before submit",
    "S8-S9": "after submit",
    "S10": "before commit of venue",
    "S12": "before fill",
    "S13": "after commit of fill",
    "S14 cancel": "before cancel",
    "S14 replace": "after replace",
    "S14 all": "before cancel_all",
    "S15": "after lookup",
    "S15 account": "before account",
    "S16": "before head",
}


@pytest.fixture(scope="module")
def points():
    return matrix.crossings()


def test_there_are_points_at_every_step_of_the_matrix(points):
    for found in points.values():
        assert len(found) >= 25
        assert {*MATRIX_STEPS.values(), *matrix.CORE} <= set(found)


def test_killed_once_at_every_point():
    runs = [
        (deaths, unique)
        for deaths, unique in matrix.singles(most=1)
        if unique or deaths[0][0] in matrix.CORE
    ]
    verdict = matrix.results(runs)
    assert verdict.wrong == []
    assert verdict.deaths == verdict.runs


def test_killed_again_while_recovering():
    runs = random.Random(3).sample(matrix.pairs(), PAIRS)
    verdict = matrix.results(runs)
    assert verdict.wrong == []
    assert verdict.deaths > verdict.runs


def test_killed_at_random_moments():
    verdict = matrix.results(matrix.random_runs(RANDOM))
    assert verdict.wrong == []
    assert verdict.runs == RANDOM


def test_killed_twice_between_the_heads_file_and_the_database():
    death = ["after head", 1]
    assert matrix.results([([death, death], True)]).wrong == []
