"""The values in use, so that a filter can offer them without reading the log."""

from django.db import models

from audit.models.organization import Organization


class DictionaryEntry(models.Model):
    """One value that occurs in an organisation's events.

    ``field`` is a filter (``actor``, ``deployment``), ``details`` (the value is then a key) or
    ``details.<key>`` (the value is one of that key). ``label`` is what people call the value.
    """

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="+")
    field = models.TextField()
    value = models.TextField()
    label = models.TextField(blank=True, default="")

    class Meta:
        db_table = "audit_dictionary"
        constraints = (
            models.UniqueConstraint(
                fields=("organization", "field", "value"), name="dictionary_entry_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.field}:{self.value}"


class Word(models.Model):
    """A word of an organisation's events, normalised as ``audit.models.words`` says."""

    pk = models.CompositePrimaryKey("organization_id", "word")
    organization = models.ForeignKey(
        Organization,
        on_delete=models.CASCADE,
        related_name="+",
        db_index=False,  # the primary key begins with it
    )
    # In code point order whatever the database's collation: a beginning is a range of the key.
    word = models.TextField(db_collation="C")

    class Meta:
        db_table = "audit_word"

    def __str__(self) -> str:
        return self.word
