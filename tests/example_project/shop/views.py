from uuid import UUID

from asgiref.sync import sync_to_async
from django.contrib.auth import authenticate, login
from django.http import HttpRequest, HttpResponse

from tests.example_project.shop.models import Product


def sign_in(request: HttpRequest) -> HttpResponse:
    user = authenticate(request, **request.POST.dict())
    if user is None:
        return HttpResponse(status=403)
    login(request, user)
    return HttpResponse()


def change_price(request: HttpRequest, pk: UUID) -> HttpResponse:
    product = Product.objects.get(pk=pk)
    product.price = request.POST["price"]
    product.save()
    return HttpResponse()


async def change_price_async(request: HttpRequest, pk: UUID) -> HttpResponse:
    product = await Product.objects.aget(pk=pk)
    product.price = request.POST["price"]
    await sync_to_async(product.save)()
    return HttpResponse()
