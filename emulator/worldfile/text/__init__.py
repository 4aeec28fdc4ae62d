"""Files as text: encodings, YAML and JSON with the place of each value, and edits that keep everything else."""
