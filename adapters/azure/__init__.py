"""Azure Functions: on Flex Consumption, and on plans that have slots."""
