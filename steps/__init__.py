"""Scripts that read files and write files. They speak through files and never import each other."""
