"""The SQL, scripts and messages inside the documents, as data teams write them."""

from audit.simulation.catalogue import FlowSpec

_EXTRACT_SCRIPT = """\
import os
from datetime import date, timedelta

from data_sources import connect, write_parquet

BATCH_SIZE = 500
since = date.fromisoformat(os.environ["SINCE"]) - timedelta(days=1)

with connect("{system}", timeout=30) as source:
    pages = source.pages("{table}", updated_since=since, size=BATCH_SIZE)
    written = write_parquet(pages, "landing/{table}.parquet")

print(f"{{written}} rows of {source} since {{since}}")
"""

_LOAD_SQL = """\
merge into {target} as live
using landing.{table} as fresh
   on live.id = fresh.id
when matched and fresh.updated_at > live.updated_at then
  update set *
when not matched then
  insert *;
"""

_BUILD_SQL = """\
insert into {target}
select
  date_trunc('day', occurred_at) as day,
  {dimension},
  sum({measure}) as {measure},
  count(*) as rows_seen
from {source}
where occurred_at >= current_date - interval '1 day'
  and occurred_at < current_date
group by 1, 2
order by 1, 2;
"""

_PREPARE_SQL = """\
create temporary table fresh as
select distinct on (id) *
from {source}
inner join reference.calendar using (day)
where day = date '{{{{ partition }}}}'
order by id, updated_at desc;
"""

_CHECK_SQL = """\
select count(*) = 0 as passed
from {target}
where day = date '{{{{ partition }}}}'
  and ({dimension} is null or {measure} < 0);
"""

_REPORT_SQL = """\
with latest as (
  select max(day) as day from {source}
)
select
  {dimension},
  round(sum({measure}), 2) as {measure},
  round(100.0 * sum({measure}) / sum(sum({measure})) over (), 1) as share
from {source}
inner join latest using (day)
group by 1
order by 2 desc
limit 20;
"""

_EXPORT_SQL = """\
select id, {dimension}, {measure}, updated_at
from {source}
where updated_at >= now() - interval '1 day'
  and consent = true
order by id;
"""

_TRAIN_SCRIPT = """\
import mlflow
import pandas as pd
from sklearn.ensemble import HistGradientBoostingClassifier

LEARNING_RATE = 0.08
MAX_DEPTH = 6

frame = pd.read_parquet("features.parquet")
features = frame.drop(columns=["label", "{dimension}"])

with mlflow.start_run(run_name="{flow}"):
    model = HistGradientBoostingClassifier(learning_rate=LEARNING_RATE, max_depth=MAX_DEPTH)
    model.fit(features, frame["label"])
    mlflow.log_metric("rows", len(frame))
    mlflow.sklearn.log_model(model, "{flow}")
"""

_BACKUP = """\
set -euo pipefail
echo "starting {flow}"
pg_dump --format=custom --jobs=4 "$DATABASE_URL" --file=/srv/dump
sha256sum /srv/dump > /srv/dump.sha256
aws s3 cp /srv/dump "$TARGET/$(date +%F)/" --only-show-errors
find /work -mtime +7 -delete
"""

_MAINTENANCE = """\
set -euo pipefail
echo "starting {flow}"
platformctl run {flow} --jobs=4 --keep-days="$KEEP_DAYS" --target="$TARGET"
platformctl report {flow} --since="$(date +%F)" > /srv/report.txt
find /work -mtime +7 -delete
"""

_MAIL = """\
Good morning,

{purpose}
The figures of {{{{ partition }}}} are attached; the board shows the trend.

Questions: #{team}-data
"""

_DIMENSIONS = {
    "finance": ("region", "amount"),
    "growth": ("campaign", "conversions"),
    "ml": ("segment", "score"),
    "analytics": ("screen", "visits"),
    "water": ("zone", "cubic_metres"),
    "billing": ("tariff", "amount"),
}

#: What went wrong, when nothing is wrong with the flow: (task's kind, message).
TRANSIENT_ERRORS: dict[str, tuple[str, ...]] = {
    "extract": (
        "HTTP 503 from {system}: upstream connect error, gave up after 3 attempts",
        "HTTP 429 from {system}: rate limit reached, retry after 900 s",
        "ReadTimeout: {system} did not answer within 30 s",
        "SSLError: certificate of {system} expired 2 minutes ago",
    ),
    "transform": (
        "deadlock detected: process 4471 waits for ShareLock on {target}",
        "canceling statement due to statement timeout after 1800 s on {target}",
        "could not extend file: No space left on device while writing {target}",
    ),
    "report": (
        "SMTP 421: try again later, connection dropped by the relay",
        "ChartRenderError: browser did not become ready within 60 s",
    ),
    "train": (
        "OutOfMemory: container used 15.8 GiB of 16 GiB and was killed (exit 137)",
        "SpotInterruption: the node was reclaimed after 12 minutes",
    ),
    "export": (
        "SFTP: permission denied on /incoming/{flow}",
        "PutObject to {target} failed: SlowDown, reduce your request rate",
    ),
    "maintenance": (
        "exit status 1: connection to the metadata database refused",
        "exit status 28: curl timed out after 120 s",
    ),
}


def dimension_of(spec: FlowSpec) -> tuple[str, str]:
    """The column a flow groups by and the one it adds up."""
    return _DIMENSIONS.get(spec.team, ("name", "value"))


def fill(template: str, spec: FlowSpec) -> str:
    """``template`` with the names of one flow; ``{{`` stays for the flow's own placeholders."""
    dimension, measure = dimension_of(spec)
    return template.format(
        flow=spec.id,
        team=spec.team,
        purpose=spec.purpose,
        source=spec.source,
        target=spec.target,
        system=spec.source.split(".")[0],
        table=spec.source.split(".")[-1],
        dimension=dimension,
        measure=measure,
    )


def extract_script(spec: FlowSpec) -> str:
    return fill(_EXTRACT_SCRIPT, spec)


def load_sql(spec: FlowSpec) -> str:
    return fill(_LOAD_SQL, spec)


def prepare_sql(spec: FlowSpec) -> str:
    return fill(_PREPARE_SQL, spec)


def build_sql(spec: FlowSpec) -> str:
    return fill(_BUILD_SQL, spec)


def check_sql(spec: FlowSpec) -> str:
    return fill(_CHECK_SQL, spec)


def report_sql(spec: FlowSpec) -> str:
    return fill(_REPORT_SQL, spec)


def export_sql(spec: FlowSpec) -> str:
    return fill(_EXPORT_SQL, spec)


def train_script(spec: FlowSpec) -> str:
    return fill(_TRAIN_SCRIPT, spec)


def shell_script(spec: FlowSpec) -> str:
    return fill(_BACKUP if "backup" in spec.id else _MAINTENANCE, spec)


def mail(spec: FlowSpec) -> str:
    return fill(_MAIL, spec)
