"""Queries and dashboards: their documents, and how analysts change them."""

from copy import deepcopy
from random import Random

from audit.simulation import texts
from audit.simulation.catalogue import FlowSpec, title_of
from audit.simulation.document import Document
from audit.simulation.text_edits import edit_text
from audit.simulation.wording import sentence

type Edited = tuple[Document, str]

_CHART_KINDS = ("line", "bar", "area", "table", "big-number")
_PARAMETERS: tuple[Document, ...] = (
    {"name": "region", "type": "choice", "default": "all"},
    {"name": "until", "type": "date", "default": "today"},
    {"name": "minimum", "type": "number", "default": 100},
)
_CHART_TITLES = ("By region", "Trend", "Top twenty", "Share", "Compared with last year", "Outliers")


def query_document(spec: FlowSpec, owner: str, rng: Random) -> Document:
    return {
        "id": f"{spec.id}_overview",
        "name": f"{spec.title} overview",
        "connection": f"warehouse/{spec.team}",
        "owner": owner,
        "sql": texts.report_sql(spec),
        "parameters": [{"name": "from", "type": "date", "default": "-7d"}],
        "cache_minutes": rng.choice([5, 15, 60]),
        "tags": [spec.team],
    }


def edit_query(document: Document, rng: Random) -> Edited:
    edited = deepcopy(document)
    if rng.random() < 0.7:
        changed = edit_text(edited["sql"], rng)
        if changed is not None:
            edited["sql"], phrase = changed
            return edited, sentence([phrase])
    edit = rng.choice((_change_parameters, _change_cache, _change_tags))
    return edited, sentence([edit(edited, rng)])


def _change_parameters(document: Document, rng: Random) -> str:
    parameters = document["parameters"]
    if len(parameters) > 1:
        return f"removed parameter {parameters.pop()['name']}"
    added = rng.choice(_PARAMETERS)
    parameters.append(dict(added))
    return f"added parameter {added['name']}"


def _change_cache(document: Document, rng: Random) -> str:
    old = document["cache_minutes"]
    document["cache_minutes"] = rng.choice([n for n in (0, 5, 15, 60, 240) if n != old])
    return f"cached results for {document['cache_minutes']} minutes"


def _change_tags(document: Document, rng: Random) -> str:
    tag = rng.choice(["board", "weekly", "draft", "checked"])
    if tag in document["tags"]:
        document["tags"].remove(tag)
        return f"removed tag {tag}"
    document["tags"].append(tag)
    return f"tagged {tag}"


def dashboard_document(team: str, queries: list[str], rng: Random) -> Document:
    return {
        "id": f"{team}-overview",
        "title": f"{title_of(team)} overview",
        "description": f"What {team} looks at every morning.",
        "charts": [_chart(query, rng) for query in queries],
        "filters": [{"id": "period", "type": "range", "default": "P7D"}],
        "refresh_minutes": rng.choice([15, 30, 60]),
        "shared_with": [team],
    }


def edit_dashboard(document: Document, rng: Random) -> Edited:
    edited = deepcopy(document)
    edit = rng.choices(
        (_add_chart, _remove_chart, _move_chart, _restyle_chart, _share, _change_refresh),
        (3, 2, 3, 5, 2, 2),
    )[0]
    return edited, sentence([edit(edited, rng)])


def _chart(query: str, rng: Random) -> Document:
    return {
        "id": f"{query}-{rng.randrange(100, 999)}",
        "type": rng.choice(_CHART_KINDS),
        "title": rng.choice(_CHART_TITLES),
        "query": query,
        "position": {"width": rng.choice([4, 6, 12]), "height": rng.choice([3, 4, 6])},
    }


def _add_chart(document: Document, rng: Random) -> str:
    charts = document["charts"]
    if len(charts) > 7:
        return _remove_chart(document, rng)
    charts.insert(rng.randrange(len(charts) + 1), _chart(rng.choice(charts)["query"], rng))
    return f"added a chart, {len(charts)} now"


def _remove_chart(document: Document, rng: Random) -> str:
    charts = document["charts"]
    if len(charts) < 3:
        return _add_chart(document, rng)
    removed = charts.pop(rng.randrange(len(charts)))
    return f"removed chart “{removed['title']}”"


def _move_chart(document: Document, rng: Random) -> str:
    charts = document["charts"]
    if len(charts) < 2:
        return _add_chart(document, rng)
    position = rng.randrange(1, len(charts))
    charts.insert(0, charts.pop(position))
    return f"moved chart “{charts[0]['title']}” to the top"


def _restyle_chart(document: Document, rng: Random) -> str:
    chart = rng.choice(document["charts"])
    chart["type"] = rng.choice([kind for kind in _CHART_KINDS if kind != chart["type"]])
    return f"drew “{chart['title']}” as {chart['type']}"


def _share(document: Document, rng: Random) -> str:
    shared = document["shared_with"]
    other = rng.choice(["sales", "support", "leadership", "accounting"])
    if other in shared:
        shared.remove(other)
        return f"stopped sharing with {other}"
    shared.append(other)
    return f"shared with {other}"


def _change_refresh(document: Document, rng: Random) -> str:
    old = document["refresh_minutes"]
    document["refresh_minutes"] = rng.choice([n for n in (5, 15, 30, 60) if n != old])
    return f"set refreshing to every {document['refresh_minutes']} minutes"
