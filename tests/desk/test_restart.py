"""A restart finds what the venue did meanwhile; `evals/recovery.py` times it with 1,000 orders."""

from evals.recovery import fill_folder, restart


def test_a_restart_with_resting_orders_ends_in_agreement(tmp_path):
    fill_folder(tmp_path / "state", 8)
    first = restart(tmp_path / "state", changed=3)
    assert (first.orders, first.changed) == (8, 3)
    assert restart(tmp_path / "state").orders == 5
