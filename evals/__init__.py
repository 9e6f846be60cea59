"""What Tollgate is measured by: cases, scorers and benchmarks."""
