from django.apps import AppConfig


class ShopConfig(AppConfig):
    name = "tests.example_project.shop"
    label = "shop"

    def ready(self) -> None:
        from audit.recording.tracking import track
        from tests.example_project.shop.models import Supplier

        track(Supplier, fields=["name"])
