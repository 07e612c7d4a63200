"""System checks: the database keeps what the log promises."""
