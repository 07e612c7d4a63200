from django.db.backends.postgresql import base
from django.db.backends.postgresql.features import DatabaseFeatures as PostgreSQLFeatures


class DatabaseFeatures(PostgreSQLFeatures):
    # uuid_extract_timestamp on UUIDv7 and the plans in the benchmarks are those of 18. Django
    # turns an older server away with a sentence that names both versions.
    minimum_database_version = (18,)


class DatabaseWrapper(base.DatabaseWrapper):
    features_class = DatabaseFeatures
