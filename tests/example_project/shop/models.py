from uuid import uuid4

from django.db import models

from audit.recording.tracking import audited


class Supplier(models.Model):
    name = models.CharField(max_length=100)

    def __str__(self) -> str:
        return self.name


class Tag(models.Model):
    name = models.CharField(max_length=50)

    def __str__(self) -> str:
        return self.name


class InStock(models.Manager["Product"]):
    """A default manager that hides rows."""

    def get_queryset(self) -> models.QuerySet["Product"]:
        return super().get_queryset().filter(stock__gt=0)


@audited(exclude=["notes"])
class Product(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid4)
    sku = models.CharField(max_length=20, unique=True)
    name = models.CharField(max_length=1_000)
    price = models.DecimalField(max_digits=10, decimal_places=2)
    stock = models.IntegerField(default=1)
    since = models.DateField(null=True)
    attributes = models.JSONField(default=dict)
    manual = models.FileField(blank=True)
    api_token = models.CharField(max_length=50, blank=True)
    notes = models.TextField(blank=True)
    supplier = models.ForeignKey(Supplier, on_delete=models.CASCADE, related_name="products")
    replaced_by = models.ForeignKey("self", on_delete=models.SET_NULL, null=True)
    tags = models.ManyToManyField(Tag, related_name="products")
    updated_at = models.DateTimeField(auto_now=True)

    objects = InStock()

    def __str__(self) -> str:
        return self.name


class Bestseller(Product):
    class Meta:
        proxy = True
