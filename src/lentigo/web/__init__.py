"""The service: HTTP under `/v1`, a page, limits, metrics and a client."""
