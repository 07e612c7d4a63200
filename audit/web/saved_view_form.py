"""Saving what the events page shows under a name, and changing what was saved."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.db import IntegrityError
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_http_methods

from audit.access import OrganizationRequest, organization_admin_required
from audit.browsing import EventFilterSet
from audit.browsing.grammar import GrammarError, parse
from audit.browsing.grammar.parameters import from_parameters, to_parameters
from audit.models import Event, SavedView
from audit.models.saved_view import MAX_NAME
from audit.recording.reading import problem_with
from audit.recording.saved_views import (
    Contents,
    TooManyViews,
    change_view,
    create_view,
    make_default,
    star,
)
from audit.web import columns
from audit.web.column_picker import chosen_in, moved, offered
from audit.web.columns import InvalidColumns
from audit.web.refinement import Refinement
from audit.web.saved_views import MAX_ADDRESS, address, changed, parameters_of

_TAKEN = "You have a view of this name already."


class SavedViewForm(forms.Form):
    """All of a view. The columns are ticked as in the picker of columns."""

    name = forms.CharField(max_length=MAX_NAME, error_messages={"required": "Give it a name."})
    query = forms.CharField(required=False, max_length=5_000)
    is_shared = forms.BooleanField(required=False)
    is_starred = forms.BooleanField(required=False)
    is_default = forms.BooleanField(required=False)
    grammar_error: GrammarError | None = None

    def clean_name(self) -> str:
        name = " ".join(str(self.cleaned_data["name"]).split())
        if problem := problem_with(name, MAX_NAME):
            raise forms.ValidationError(f"The name {problem}.")
        if not any(character.isalnum() for character in name):
            raise forms.ValidationError("A name needs a letter or a digit.")
        return name

    def clean_query(self) -> str:
        """As the grammar writes it."""
        try:
            parameters = to_parameters(parse(self.cleaned_data["query"]))
            query = str(from_parameters(parameters))  # a view that is opened unchanged is the same
        except GrammarError as error:
            self.grammar_error = error
            raise forms.ValidationError(str(error)) from None
        given = QueryDict(urlencode(parameters_of(query), doseq=True))
        filters = EventFilterSet(given, queryset=Event.objects.none())
        if errors := [error for of_field in filters.errors.values() for error in of_field]:
            self.grammar_error = filters.grammar_error
            raise forms.ValidationError(errors)
        return query

    def clean(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        data = self.data
        try:
            ticked = chosen_in(data) if isinstance(data, QueryDict) else columns.DEFAULT
            cleaned["columns"] = columns.write(ticked)
        except InvalidColumns as error:
            raise forms.ValidationError(str(error)) from None
        if "query" in cleaned and len(address(cleaned["query"], cleaned["columns"])) > MAX_ADDRESS:
            raise forms.ValidationError("The query and the columns are too long for an address.")
        return cleaned

    @property
    def contents(self) -> Contents:
        names = ("name", "query", "columns", "is_shared")
        return Contents(**{name: self.cleaned_data[name] for name in names})


@require_http_methods(["GET", "HEAD", "POST"])
@organization_admin_required
def view_new(request: OrganizationRequest) -> HttpResponse:
    """Save the query and the columns of the address, which is like that of the events."""
    if request.method != "POST":
        query = EventFilterSet(request.GET, queryset=Event.objects.none()).query_text
        initial = {"query": query, "is_starred": True}
        return _page(request, SavedViewForm(initial=initial), _shown(request))
    if "move" in request.POST:
        return _moved(request)
    form = SavedViewForm(request.POST)
    if form.is_valid():
        try:
            view, event = create_view(request.membership, form.contents)
            _mark(request, view, form)
        except (IntegrityError, TooManyViews) as error:
            _add_error(form, error)
        else:
            return changed(request, f"Saved “{view.name}”.", event, view)
    return _page(request, form, _ticked(request), status=400)


@require_http_methods(["GET", "HEAD", "POST"])
@organization_admin_required
def view_edit(request: OrganizationRequest, id: int) -> HttpResponse:
    """Change a view; the events page sends here too what is to be its query from now on."""
    changeable = SavedView.objects.changeable_by(request.membership).filter(deleted_at=None)
    view = get_object_or_404(changeable.select_related("owner", "organization"), pk=id)
    if request.method != "POST":
        initial = {"name": view.name, "query": view.query, "is_shared": view.is_shared}
        return _page(request, SavedViewForm(initial=initial), _columns_of(view), view)
    if "move" in request.POST:
        return _moved(request, view)
    form = SavedViewForm(request.POST)
    if form.is_valid():
        try:
            event = change_view(view, form.contents)
        except IntegrityError as error:
            _add_error(form, error)
        else:
            return changed(request, f"Saved “{view.name}”.", event, view)
    return _page(request, form, _ticked(request), view, status=400)


def _moved(request: OrganizationRequest, view: SavedView | None = None) -> HttpResponse:
    """The form as it was sent, with a column moved: without a script, its buttons ask for it."""
    form = SavedViewForm(initial=request.POST.dict())
    return _page(request, form, moved(_ticked(request), request.POST["move"]), view)


def _mark(request: OrganizationRequest, view: SavedView, form: SavedViewForm) -> None:
    if form.cleaned_data["is_starred"]:
        star(request.membership, view, is_starred=True)
    if form.cleaned_data["is_default"]:
        make_default(request.membership, view)


def _add_error(form: SavedViewForm, error: Exception) -> None:
    is_taken = isinstance(error, IntegrityError)
    form.add_error("name" if is_taken else None, _TAKEN if is_taken else str(error))


def _columns_of(view: SavedView) -> tuple[columns.Column, ...]:
    try:
        return columns.read(view.columns)
    except InvalidColumns:
        return columns.DEFAULT


def _shown(request: OrganizationRequest) -> tuple[columns.Column, ...]:
    try:
        return columns.shown(request)
    except InvalidColumns:
        return columns.remembered(request)


def _ticked(request: OrganizationRequest) -> tuple[columns.Column, ...]:
    """What was ticked, as far as it can be: a wrong form loses nothing that is right."""
    try:
        return chosen_in(request.POST)
    except InvalidColumns:
        return columns.remembered(request)


def _page(
    request: OrganizationRequest,
    form: SavedViewForm,
    shown: Sequence[columns.Column],
    view: SavedView | None = None,
    *,
    status: int = 200,
) -> HttpResponse:
    context: dict[str, Any] = {
        "form": form,
        "view": view,
        "offered": offered(request, shown),
        "shown": shown,
        "has_moved": "move" in request.POST,
        "most": columns.MAX_COLUMNS,
        "results": Refinement(request.GET).place(),
    }
    return render(request, "audit/views/form.html", context, status=status)
