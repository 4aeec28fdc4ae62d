"""From a refusal to its origin in the world, and an assertion under the lamp."""
