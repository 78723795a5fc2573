"""What is counted: each number is a question to the database that also gives the list behind it."""
