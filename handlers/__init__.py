"""What runs in the function: the one service, and an entry for each cloud."""
