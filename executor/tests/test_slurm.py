"""Slurm's commands."""

import pytest
from snakemake_executor_plugin_slurm_packed import slurm


@pytest.mark.parametrize(
    ("limit", "minutes"),
    [("infinite", None), ("30:00", 30), ("1:00:00", 60), ("2-00:00:00", 2880), ("1-12:30:00", 2190), ("45", 0)],
)
def test_time_limits(limit, minutes):
    assert slurm._minutes(limit) == minutes


def test_a_missing_command_is_explained(monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(slurm.SlurmError, match="squeue is not on the PATH"):
        slurm.job_states("x")


def test_settings_of_an_allocation_are_not_handed_on(monkeypatch):
    monkeypatch.setenv("SLURM_MEM_PER_CPU", "1")
    monkeypatch.setenv("SLURM_CONF", "/etc/slurm.conf")
    assert slurm.environment()["SLURM_CONF"] == "/etc/slurm.conf"
    assert "SLURM_MEM_PER_CPU" not in slurm.environment()
