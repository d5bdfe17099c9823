"""What matching does by the clock, and the errands that are left to it."""
