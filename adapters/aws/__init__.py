"""AWS Lambda: from an artifact to a function that is live, probed, closed and reversible."""
