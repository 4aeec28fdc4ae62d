"""The format of a world file, the reader of YAML files, and the seeds that fill accounts."""
