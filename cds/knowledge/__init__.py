"""Clinical facts as data: YAML files, typed, with their sources, grades and review state."""
