"""How an approved order is sent, followed and written down."""
