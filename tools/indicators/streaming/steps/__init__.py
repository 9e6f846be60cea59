"""One bar's arithmetic for each compiled indicator, in TA-Lib's order of operations.

Each step is ``step(s, k, p, i, t, mask, o, h, l, c, v)``: ``s`` is the memory of all, of which this
indicator's begins at ``k`` with a copy of its parameters ``p``. ``t`` counts the bars since the
last gap. The bar is at ``i & mask`` of each column and the one before at ``(i - 1) & mask``, so the
same code reads a whole array (mask -1) and a ring. It returns its outputs, NaN where there is too
little history, and must set up its memory when ``t`` is 0.
"""
