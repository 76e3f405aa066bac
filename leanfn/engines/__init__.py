"""What runs an artifact: one module per engine, imported only when an artifact names it."""
