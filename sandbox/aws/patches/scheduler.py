"""EventBridge Scheduler: an update sets what a schedule does after its last run."""

from __future__ import annotations

from moto.scheduler.responses import EventBridgeSchedulerResponse


def change_completion_of_schedules() -> None:
    update = EventBridgeSchedulerResponse.update_schedule

    def update_schedule(self: EventBridgeSchedulerResponse) -> str:
        answer = update(self)
        name = self.uri.split("?")[0].split("/")[-1]
        schedule = self.scheduler_backend.get_schedule(self._get_param("GroupName"), name)
        # What an update leaves out falls back to its default.
        schedule.action_after_completion = self._get_param("ActionAfterCompletion") or "NONE"
        schedule.state = schedule.state or "ENABLED"
        return answer

    EventBridgeSchedulerResponse.update_schedule = update_schedule


PATCHES = (change_completion_of_schedules,)
