"""Technical indicators: pure functions on float64 arrays, through TA-Lib.

Every array has shape ``(n,)``, oldest bar first; every output has the same shape, NaN where there
is too little history. Value ``t`` depends on inputs up to ``t`` alone.
"""
