"""Is a series fit for use: what is wrong with it, row by row, what was done, and a score.

The raw columns are kept; ``clean`` leaves out only what a finding names as removed.
"""
