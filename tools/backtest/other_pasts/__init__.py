"""What else could have come of a kept run: Monte Carlo of its returns, its trades, its parameters.

All of it is drawn from what the run saw: a crash that never was is in none of the paths. The same
run, seed and block give the same document for any number of threads.
"""
