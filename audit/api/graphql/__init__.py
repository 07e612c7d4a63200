"""The log by GraphQL: as Dagster+ has it, word for word, and beside it all that an event holds."""
