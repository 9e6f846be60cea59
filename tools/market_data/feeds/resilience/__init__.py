"""Any feed, made patient: asked again with back-off, left alone while it fails, and said so."""
