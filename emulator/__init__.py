"""The product's face: worlds, hosts, federations, flows, the inspector and the command line."""
