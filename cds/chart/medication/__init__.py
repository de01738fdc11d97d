"""What is ordered, told, handed out and given: one reader for orders on record and for drafts."""
