"""Every question the hub asks its plugins, in stage order.

Three kinds of asking, named in each docstring: *ask one* (the first answer that is not None wins,
in the configured order), *ask all* (every answer counts; a plugin may answer None), *tell* (nothing
is answered). Each hook takes one frozen context, so that a new field never breaks an old plugin.
Assignment, classification, priority and findings are pure: no network, no clock, no chance, no
files; the context brings what they may know. A wrong answer (raised, late, of another type) is
recorded against the plugin and left out; the stage goes on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pluggy

from hub.core import values as v

PROJECT = "hub"
API = "1.0"
hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


@dataclass(frozen=True, slots=True)
class Deprecated:
    """A hook, or a name of ``hub.sdk``, that will go: what to use instead, since when, until when.

    ``since`` is the API that began to warn, ``gone`` the major one without it (docs/plugins/upgrades.md).
    """

    name: str
    since: str
    gone: str
    instead: str

    def __str__(self) -> str:
        """One sentence, for logs and the command line."""
        return f"{self.name} is deprecated since API {self.since} and gone in {self.gone}: {self.instead}"


# What still works and will not for ever: whoever uses it is told at the start and by ``hub plugin test``.
DEPRECATED: tuple[Deprecated, ...] = ()


class HookSpecs:
    """The hooks; the registry calls their implementations one by one."""

    # ---- identify ----

    @hookspec
    def identify_sources(self) -> Sequence[v.SourceKind] | None:
        """Ask all, at start: which kinds of intake do you offer?"""

    @hookspec(firstresult=True)
    def identify_classify(self, context: v.ClassifyContext) -> v.Classification | None:
        """Ask one, when a new request has no category: which is it, and why? Pure."""

    @hookspec(firstresult=True)
    def identify_prioritise(self, context: v.PrioritiseContext) -> v.Priority | None:
        """Ask one, when a request has a category and no priority: how urgent, and why? Pure."""

    @hookspec
    def identify_open_points(self, context: v.OpenPointsContext) -> Sequence[v.OpenPoint] | None:
        """Ask all, before a request leaves stage 1: what is not yet understood? Pure."""

    @hookspec
    def identify_needs(self, context: v.NeedsContext) -> Sequence[v.NeedDraft] | None:
        """Ask all, when a request is new: which needs does its text hold? Pure."""

    # ---- assign ----

    @hookspec(firstresult=True)
    def assign_split(self, context: v.SplitContext) -> Sequence[v.TaskDraft] | None:
        """Ask one, when a request without tasks reaches stage 2: which tasks? Pure."""

    @hookspec(firstresult=True)
    def assign_estimate(self, context: v.EstimateContext) -> v.Estimate | None:
        """Ask one, for a task without hours: how many working hours? Pure."""

    @hookspec
    def assign_veto(self, context: v.AssignContext) -> Sequence[v.Veto] | None:
        """Ask all, once per task for all people at once: who must not get it? Pure."""

    @hookspec
    def assign_score(self, context: v.AssignContext) -> Sequence[v.Score] | None:
        """Ask all, once per task for the people without a veto: how well do they fit? Pure."""

    @hookspec(firstresult=True)
    def assign_pick(self, context: v.PickContext) -> v.Pick | None:
        """Ask one, with the ranking: who gets it? None leaves it to the best score. Pure."""

    # ---- execute ----

    @hookspec
    def execute_trackers(self) -> Sequence[v.TrackerKind] | None:
        """Ask all, at start: which kinds of outside trackers do you offer?"""

    @hookspec
    def execute_channels(self) -> Sequence[v.ChannelKind] | None:
        """Ask all, at start: by which kinds of channels can people be told something?"""

    # ---- evaluate ----

    @hookspec
    def evaluate_surveys(self, context: v.SurveysContext) -> Sequence[v.Instrument] | None:
        """Ask all, at start: which survey instruments (questions and score) do you offer?"""

    # ---- improve ----

    @hookspec
    def improve_findings(self, context: v.FindingsContext) -> Sequence[v.FindingDraft] | None:
        """Ask all, each night and on request: what stands out in the closed requests? Pure."""

    @hookspec(firstresult=True)
    def improve_effects(self, context: v.EffectsContext) -> v.Effect | None:
        """Ask one, at a plan's date: did it work? Pure."""

    # ---- all stages ----

    @hookspec
    def workflow_moved(self, context: v.Moved) -> None:
        """Tell, after the commit: a request changed its stage or state."""

    @hookspec
    def panels(self, context: v.PanelsContext) -> Sequence[v.Panel] | None:
        """Ask all, when a request page is drawn: what do you want to show there?"""
