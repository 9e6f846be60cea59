"""One adapter a file; ``feed.py`` says what each must offer."""
