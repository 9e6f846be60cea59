"""The Merkle tree: known roots, and proofs that hold for what is true and for nothing else."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.domain.errors import StateError
from tools.execution import audit_tree
from tools.execution.merkle import Frontier

# The test vectors of RFC 6962's reference implementation: leaf inputs and the roots over the first
# 1, 2, … 8 of them.
INPUTS = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "60616263646566676869"]
INPUTS[-1] = "606162636465666768696a6b6c6d6e6f"
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


def hashes(count):
    return [hashlib.sha256(bytes([n % 256, n // 256])).hexdigest() for n in range(count)]


def leaves(count):
    return [audit_tree.leaf(own) for own in hashes(count)]


@pytest.mark.parametrize("size", range(1, 9))
def test_the_verifiers_tree_is_the_one_of_rfc_6962(size):
    assert audit_tree.root([audit_tree.leaf(text) for text in INPUTS[:size]]) == ROOTS[size - 1]


@pytest.mark.parametrize("size", range(1, 9))
def test_the_writers_tree_is_the_one_of_rfc_6962(size):
    tree = Frontier()
    for text in INPUTS[:size]:
        tree.add(text)
    assert tree.root == ROOTS[size - 1]


@given(st.integers(0, 300), st.integers(0, 300))
def test_a_tree_taken_up_again_is_the_tree_that_was_never_put_down(first, more):
    tree, whole = Frontier(), hashes(first + more)
    for own in whole[:first]:
        tree.add(own)
    tree = Frontier.resumed(tree.size, tree.peaks)
    for own in whole[first:]:
        tree.add(own)
    assert tree.root == audit_tree.root(leaves(first + more))


@pytest.mark.parametrize("peaks", ["", "[]", '["zz"]', '["00", "11"]', "{}", "7"])
def test_peaks_that_are_none_of_the_tree_are_not_taken_up(peaks):
    with pytest.raises(StateError):
        Frontier.resumed(4, peaks)


@given(st.data(), st.integers(1, 130))
def test_an_inclusion_proof_holds_for_its_leaf_and_place_alone(data, size):
    whole = leaves(size)
    top = audit_tree.root(whole)
    index = data.draw(st.integers(0, size - 1))
    path = audit_tree.inclusion(whole, index)
    assert audit_tree.included(whole[index], index, size, path, top)
    assert not audit_tree.included(audit_tree.leaf("ff"), index, size, path, top)
    assert not audit_tree.included(whole[index], index, size, [*path, top], top)
    other = data.draw(st.integers(0, size + 1))
    if other != index:
        assert not audit_tree.included(whole[index], other, size, path, top)
    if path:
        spot = data.draw(st.integers(0, len(path) - 1))
        bent = [*path[:spot], "00" * 32, *path[spot + 1 :]]
        assert not audit_tree.included(whole[index], index, size, bent, top)
        assert not audit_tree.included(whole[index], index, size, path[:-1], top)


@given(st.data(), st.integers(1, 130))
def test_a_consistency_proof_holds_for_a_tree_that_grew_and_no_other(data, new):
    whole = leaves(new)
    old = data.draw(st.integers(1, new))
    before, after = audit_tree.root(whole[:old]), audit_tree.root(whole)
    path = audit_tree.consistency(whole, old)
    assert audit_tree.consistent(old, new, path, before, after)
    forked = audit_tree.root([audit_tree.leaf("ff"), *whole[1:old]])
    assert not audit_tree.consistent(old, new, path, forked, after)
    if old < new:
        assert not audit_tree.consistent(old, new, path, before, before)
        assert not audit_tree.consistent(old, new, path[:-1], before, after)
        assert not audit_tree.consistent(old, new, [*path, after], before, after)
        rewritten = [*whole[: old - 1], audit_tree.leaf("ff"), *whole[old:]]
        bad = audit_tree.consistency(rewritten, old)
        top = audit_tree.root(rewritten)
        assert not audit_tree.consistent(old, new, bad, before, top)
