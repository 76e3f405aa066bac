"""The lean engine: a model as a list of primitive operations, run by the standard library alone."""
