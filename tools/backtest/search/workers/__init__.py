"""Who plays the runs of a search: this process, others beside it, or a Ray cluster."""
