"""What matching does upon the facts of the features below it."""
