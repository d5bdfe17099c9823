"""The ad hoc circle of people round one problem."""
