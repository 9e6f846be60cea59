"""Trades to bars and bars to longer bars, all at once (``batch``) or one by one (``stream``).

Both give the same bits. ``grid`` says where bars begin and end, ``conditions`` which trades of the
United States' tapes count for what, and ``corrections`` what a cancelled trade does to a bar.
"""
