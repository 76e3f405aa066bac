"""What ships a function from one's own machine: the bundle, and one module per cloud."""
