"""What a sentence says: `verbs`, the `clauses` they make, how they mean it (`modality`), of what kind it is."""
