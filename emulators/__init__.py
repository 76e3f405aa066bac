"""The clouds on one's own machine: a local server, and the real runtimes under doubles of what surrounds them."""
