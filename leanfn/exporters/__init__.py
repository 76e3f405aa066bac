"""What makes an artifact from a fitted model: never shipped in a function."""
