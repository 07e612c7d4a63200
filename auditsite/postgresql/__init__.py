"""Django's PostgreSQL backend, asking for the version the schema was measured and written for."""
