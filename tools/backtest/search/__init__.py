"""Many runs through the desk: a grid of parameters, and the same grid walked forward in time."""
