"""Whether a backtest means anything: tests that ask how it was found, and splits that keep apart.

Returns are fractions, a bar each, oldest first; those of many variants stand side by side, shape
``(bars, variants)``. All variants that were tried belong in, those soon dropped among them: every
figure here is too kind to a search that is told in part. NaN and infinity raise InputError.
"""
