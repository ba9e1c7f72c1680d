"""`flask models`: train on officers' decisions, compare, promote, roll back."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from hub.cli.commands import Commands
from hub.database import session_scope
from hub.services.learning import promotion
from models import Promotion, TrainedModel

if TYPE_CHECKING:
    from classifiers.encoder import Encoder
    from classifiers.registry import Manifest
    from classifiers.train.lessons import TimeSplit, TrainingExample

models = Commands("models", help="Trained models: challengers, champions, promotions.")
_PART = click.argument("part", type=click.Choice(promotion.PARTS))
_BY = click.option("--by", required=True, help="username of the responsible officer")
_WHY = click.option("--why", required=True, help="the reason, kept in the audit log")


@models.command("list")
def list_() -> None:
    """The model in force of each part, and every challenger with its comparison."""
    with session_scope() as session:
        forced = promotion.in_force(session)
        trained = session.scalars(select(TrainedModel).order_by(TrainedModel.id)).all()
        put = session.scalars(select(Promotion).order_by(Promotion.id)).all()
    for part in promotion.PARTS:
        found = forced.get(part)
        click.echo(f"{part}: {found.version if found else 'shipped'} in force")
        for model in (m for m in trained if m.part == part):
            c = model.comparison
            click.echo(
                f"  {model.version}  {model.created_at:%Y-%m-%d %H:%M}  {c['verdict']} than "
                f"{model.champion}: gain {c['gain']:+.3f} of {c['challenger']['n']} claims"
            )
        for each in (p for p in put if p.part == part):
            click.echo(
                f"  {each.created_at:%Y-%m-%d %H:%M}  {each.by} put "
                f"{each.version or 'the shipped one'} in force: {each.why}"
            )


@models.command("retrain")
@_PART
@click.option(
    "--data",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="folder of public training data; without it, and for matching, only decisions are used",
)
def retrain(part: str, data: Path | None) -> None:
    """Train a challenger, compare it with the champion on later decisions, show the table.

    Nothing is promoted. The claims decided last evaluate both and train neither.
    """
    from classifiers.evaluate.rows import BadFile
    from classifiers.registry import ArtifactError
    from classifiers.train.lessons import TooFewExamples

    try:
        version, comparison = _retrain(part, data)
    except TooFewExamples as error:
        raise click.ClickException(f"too few decisions: {error}") from None
    except (BadFile, ArtifactError) as error:
        raise click.ClickException(str(error)) from None
    _table(comparison)
    click.echo(f"\n{version} is ready; promote it with: flask models promote {version}")


def _retrain(part: str, data: Path | None) -> tuple[str, dict[str, Any]]:
    from classifiers import registry
    from classifiers.encoder import Encoder
    from classifiers.train.lessons import split_by_time
    from hub.config import settings

    encoder = Encoder.load(settings().encoder, threads=max((os.cpu_count() or 2) // 2, 1))
    with session_scope() as session:
        found = _gathered(session, part, encoder)
        champion = promotion.directory(session, part)
    until = float(registry.verified(champion).settings.get("until", 0))
    split = split_by_time(found, until)
    click.echo(
        f"{len(split.learn)} texts to train on, {len(split.measure)} later claims to evaluate"
    )
    making = promotion.home() / f".training-{os.getpid()}"
    making.mkdir(parents=True)
    try:
        manifest, comparison = _trained(part, split, encoder, champion, making, data)
        place = promotion.home() / manifest.version
        if place.exists():  # the same decisions give the same model
            return manifest.version, comparison
        making.replace(place)
    finally:
        shutil.rmtree(making, ignore_errors=True)
    with session_scope() as session:
        promotion.enter(session, "cli", part, manifest, comparison)
    return manifest.version, comparison


def _gathered(session: Session, part: str, encoder: Encoder) -> Sequence[TrainingExample]:
    from classifiers.train import challenger
    from hub.services.learning import match_decisions, training_sets

    if part == "matching":
        return match_decisions.gather(session, encoder.version)
    recipe = challenger.PARTS[part]
    return training_sets.gather(session, recipe.task, recipe.labels)


def _trained(
    part: str, split: TimeSplit, encoder: Encoder, champion: Path, out: Path, data: Path | None
) -> tuple[Manifest, dict[str, Any]]:
    """The model trained into `out`, and its comparison on data that neither was trained on."""
    from classifiers.evaluate.compare import compare
    from classifiers.train import challenger, cuts

    if part == "matching":
        made = cuts.train(split, champion, out, encoder.version)
        return made, cuts.compare(champion, out, split.measure)
    recipe = challenger.PARTS[part]
    made = challenger.train(part, split, encoder, champion, out, data)
    texts = [lesson.text for lesson in split.measure]
    was, now = (recipe.answers(place, texts, encoder) for place in (champion, out))
    return made, compare(was, now, [lesson.label for lesson in split.measure])


@models.command("compare")
@click.argument("version")
def compare_(version: str) -> None:
    """Show a challenger's comparison again."""
    with session_scope() as session:
        found = session.scalar(select(TrainedModel).where(TrainedModel.version == version))
    if found is None:
        raise click.ClickException(f"no trained model {version!r}")
    _table(found.comparison)


@models.command("promote")
@click.argument("version")
@_BY
@_WHY
@click.option("--though-unproven", is_flag=True, help="even if it is not proven better")
def promote(version: str, by: str, why: str, though_unproven: bool) -> None:
    """Put a challenger in force; workers load it within a minute."""
    with session_scope() as session:
        try:
            promotion.promote(session, by, version, why, though_unproven)
        except promotion.PromotionRefused as error:
            raise click.ClickException(str(error)) from None
    click.echo(f"{version} is in force; workers load it within a minute")


@models.command("rollback")
@_PART
@_BY
@_WHY
def rollback(part: str, by: str, why: str) -> None:
    """Restore the model that was in force before."""
    with session_scope() as session:
        try:
            made = promotion.rollback(session, by, part, why)
        except promotion.PromotionRefused as error:
            raise click.ClickException(str(error)) from None
    click.echo(f"{part}: {made.version or 'the shipped model'} is in force again")


_FIGURES = ("accuracy", "macro_f1", "ece", "coverage", "accuracy_covered")


def _table(comparison: dict[str, Any]) -> None:
    """Print the comparison: figures of both, and the verdict."""
    was, now = comparison["champion"], comparison["challenger"]
    of = "decisions" if "cuts" in now else "claims"
    click.echo(
        f"\n{'on ' + str(now['n']) + ' held-out ' + of:28}{'champion':>12}{'challenger':>12}"
    )
    (_by_cuts if "cuts" in now else _by_type)(was, now)
    low, high = comparison["interval"]
    click.echo(
        f"gain {comparison['gain']:+.4f}, 95% interval {low:+.4f} to {high:+.4f}; only champion "
        f"right {comparison['only_champion_right']}, only challenger right "
        f"{comparison['only_challenger_right']}, McNemar p {comparison['p']:.4f}: "
        f"{comparison['verdict']}"
    )


def _by_type(was: dict[str, Any], now: dict[str, Any]) -> None:
    for name in _FIGURES:
        click.echo(f"{name:28}{_cell(was[name]):>12}{_cell(now[name]):>12}")
    click.echo("precision by type (answers)")
    nothing = {"n": 0, "said": 0, "precision": None}
    for kind in sorted(was["by_type"].keys() | now["by_type"].keys()):
        old, new = (side["by_type"].get(kind, nothing) for side in (was, now))
        name = f"  {kind}, {max(old['n'], new['n'])} claims"
        click.echo(f"{name:28}{_precision(old):>12}{_precision(new):>12}")


def _by_cuts(was: dict[str, Any], now: dict[str, Any]) -> None:
    """Thresholds, their cost to people, and how often joins and questions were right."""
    for name, cut in now["cuts"].items():
        click.echo(f"{name:28}{_cell(was['cuts'][name]):>12}{_cell(cut):>12}")
    for name in ("cost", "joined_right", "asked_right"):
        click.echo(f"{name:28}{_cell(was[name]):>12}{_cell(now[name]):>12}")
    for name in ("joined", "asked", "missed", "left_apart"):
        click.echo(f"{name:28}{was[name]:>12}{now[name]:>12}")


def _cell(value: float | None) -> str:
    return "-" if value is None else f"{value:.4f}"


def _precision(kind: dict[str, Any]) -> str:
    return "-" if kind["precision"] is None else f"{kind['precision']:.3f} ({kind['said']})"
