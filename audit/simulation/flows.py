"""The documents of flows: what a data team would have written before the demo begins."""

from random import Random

from audit.simulation import texts
from audit.simulation.catalogue import FlowSpec
from audit.simulation.document import Document

_TIERS = {True: "critical", False: "standard"}
#: Flows whose failure wakes somebody up.
CRITICAL = ("nightly_revenue", "revenue_report", "backup_metadata", "product_events_hourly")

_IMAGES = ("python-data:3.13.1", "python-data:3.12.8", "python-ml:2.6.0-cuda12")


def flow_document(spec: FlowSpec, rng: Random) -> Document:
    """A flow as its team keeps it; 20 to 120 lines when indented."""
    document: Document = {
        "id": spec.id,
        "namespace": spec.namespace,
        "description": spec.purpose,
        "labels": {"team": spec.team, "tier": _TIERS[spec.id in CRITICAL]},
        "inputs": _inputs(spec),
        "variables": _variables(spec, rng),
        "concurrency": {"limit": 1, "behavior": rng.choice(["QUEUE", "CANCEL"])},
        "tasks": _tasks(spec, rng),
        "triggers": _triggers(spec, rng),
        "errors": _error_handlers(spec),
        "timeout": f"PT{max(10, round(spec.minutes) * 3)}M",
        "disabled": False,
    }
    if rng.random() < 0.6:
        document["retry"] = {"type": "constant", "interval": "PT5M", "maxAttempts": 3}
    return document


def _inputs(spec: FlowSpec) -> list[Document]:
    partition: Document = {
        "id": "partition",
        "type": "DATE",
        "required": False,
        "defaults": "{{ trigger.date | dateAdd(-1, 'DAYS') }}",
    }
    if spec.kind in ("transform", "extract"):
        return [partition, {"id": "full_refresh", "type": "BOOLEAN", "defaults": False}]
    return [partition] if spec.kind in ("report", "train") else []


def _variables(spec: FlowSpec, rng: Random) -> Document:
    if spec.kind == "train":
        return {"seed": rng.randrange(1, 1000), "test_share": 0.2}
    if spec.kind == "maintenance":
        return {"keep_days": rng.choice([14, 30, 90])}
    return {"schema": spec.target.split(".")[0], "threads": rng.choice([2, 4, 8])}


def _tasks(spec: FlowSpec, rng: Random) -> list[Document]:
    build = {
        "extract": _extract_tasks,
        "transform": _transform_tasks,
        "report": _report_tasks,
        "train": _train_tasks,
        "export": _export_tasks,
        "maintenance": _maintenance_tasks,
    }[spec.kind]
    return build(spec, rng)


def _extract_tasks(spec: FlowSpec, rng: Random) -> list[Document]:
    system = spec.source.split(".")[0]
    return [
        {
            "id": f"fetch_{_last(spec.source)}",
            "type": "plugin.scripts.python.Script",
            "containerImage": _image(spec, _IMAGES[rng.randrange(2)]),
            "env": {"SINCE": "{{ inputs.partition }}", "TOKEN": f"{{{{ secret('{system}') }}}}"},
            "script": texts.extract_script(spec),
            "outputFiles": ["landing/*.parquet"],
        },
        _query_task(spec, f"load_{_last(spec.target)}", texts.load_sql(spec), rng),
        _check_task(spec),
    ]


def _transform_tasks(spec: FlowSpec, rng: Random) -> list[Document]:
    return [
        _fresh_task(spec),
        _query_task(spec, "prepare", texts.prepare_sql(spec), rng),
        _query_task(spec, f"build_{_last(spec.target)}", texts.build_sql(spec), rng),
        _check_task(spec),
        {
            "id": "document_tables",
            "type": "plugin.dbt.cli.Build",
            "select": [f"tag:{spec.team}", f"+{_last(spec.target)}"],
            "threads": rng.choice([2, 4]),
        },
    ]


def _report_tasks(spec: FlowSpec, rng: Random) -> list[Document]:
    return [
        _fresh_task(spec),
        _query_task(spec, "figures", texts.report_sql(spec), rng),
        {
            "id": "chart",
            "type": "plugin.charts.Render",
            "from": "{{ outputs.figures.uri }}",
            "kind": rng.choice(["bar", "line"]),
            "size": {"width": 1200, "height": 640},
        },
        {
            "id": "send",
            "type": "plugin.notifications.mail.Send",
            "to": [f"{spec.team}-leads@{spec.domain}"],
            "subject": f"{spec.title}, {{{{ inputs.partition }}}}",
            "body": texts.mail(spec),
            "attachments": ["{{ outputs.chart.uri }}"],
        },
    ]


def _train_tasks(spec: FlowSpec, rng: Random) -> list[Document]:
    return [
        _fresh_task(spec),
        {
            "id": "features",
            "type": "plugin.jdbc.postgresql.CopyOut",
            "from": spec.source,
            "to": "features.parquet",
        },
        {
            "id": "fit",
            "type": "plugin.scripts.python.Script",
            "containerImage": _image(spec, _IMAGES[2]),
            "resources": {"cpu": 8, "memory": "16Gi", "gpu": rng.randrange(2)},
            "script": texts.train_script(spec),
        },
        {
            "id": "publish",
            "type": "plugin.mlflow.Promote",
            "model": spec.target,
            "when": "{{ outputs.fit.metrics.auc > 0.78 }}",
        },
    ]


def _export_tasks(spec: FlowSpec, rng: Random) -> list[Document]:
    return [
        _query_task(spec, "rows", texts.export_sql(spec), rng),
        {
            "id": "deliver",
            "type": "plugin.fs.Upload",
            "from": "{{ outputs.rows.uri }}",
            "to": spec.target,
            "compression": rng.choice(["gzip", "zstd"]),
            "credentials": f"{{{{ secret('{spec.target.split('.')[0].upper()[:12]}') }}}}",
        },
    ]


def _maintenance_tasks(spec: FlowSpec, rng: Random) -> list[Document]:
    return [
        {
            "id": "run",
            "type": "plugin.scripts.shell.Commands",
            "containerImage": _image(spec, "toolbox:5.2.0"),
            "env": {"TARGET": spec.target, "KEEP_DAYS": "{{ vars.keep_days }}"},
            "script": texts.shell_script(spec),
        },
        {
            "id": "report_size",
            "type": "core.log.Log",
            "level": rng.choice(["INFO", "DEBUG"]),
            "message": "{{ outputs.run.exitCode }} in {{ outputs.run.duration }}",
        },
    ]


def _query_task(spec: FlowSpec, id: str, sql: str, rng: Random) -> Document:
    return {
        "id": id,
        "type": "plugin.jdbc.postgresql.Query",
        "url": f"jdbc:postgresql://warehouse.{spec.domain}:5432/core",
        "fetchSize": rng.choice([1000, 5000, 10000]),
        "sql": sql,
    }


def _check_task(spec: FlowSpec) -> Document:
    return {
        "id": "check_rows",
        "type": "plugin.quality.Expect",
        "sql": texts.check_sql(spec),
        "severity": "ERROR",
    }


def _fresh_task(spec: FlowSpec) -> Document:
    return {
        "id": "wait_for_source",
        "type": "plugin.quality.Fresh",
        "table": spec.source,
        "partition": "{{ inputs.partition }}",
        "maxAge": "PT26H",
    }


def _triggers(spec: FlowSpec, rng: Random) -> list[Document]:
    if spec.cron:
        return [{"id": "schedule", "type": "core.trigger.Schedule", "schedule": spec.id}]
    fingerprint = f"{rng.getrandbits(64):016x}"
    return [
        {"id": "sensor", "type": "core.trigger.Sensor", "sensor": f"{spec.id}_sensor"},
        {"id": "webhook", "type": "core.trigger.Webhook", "key": {"$redacted": fingerprint}},
    ]


def _error_handlers(spec: FlowSpec) -> list[Document]:
    return [
        {
            "id": "tell_the_team",
            "type": "plugin.notifications.slack.Message",
            "channel": f"#{spec.team}-alerts",
            "text": "{{ flow.id }} failed in {{ task.id }} ({{ execution.id }})",
        }
    ]


def _image(spec: FlowSpec, name: str) -> str:
    return f"images.{spec.domain}/{name}"


def _last(table: str) -> str:
    return table.split(".")[-1]
