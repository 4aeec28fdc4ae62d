"""What both sides may import of the roof: errors, time and identifiers, trace notes, the store."""
