"""What leanfn costs, measured beside what people would use instead; docs/benchmarks.md says how."""
