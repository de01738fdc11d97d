"""Each resource of the record, read once into what it says, whatever the day."""
