"""Shapes that people see in charts, found from pivots that were known at the time.

A pivot high is the highest high of ``k`` bars on either side, so it is known ``k`` bars later. Each
find says on which bar it was known; bars that come later never change it, they only tell whether
its level was crossed.
"""
