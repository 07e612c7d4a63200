from django.urls import path

from tests.example_project.shop import views

urlpatterns = [
    path("sign-in/", views.sign_in),
    path("products/<uuid:pk>/price/", views.change_price),
    path("products/<uuid:pk>/price/async/", views.change_price_async),
]
