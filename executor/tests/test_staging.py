"""Files that go through a storage."""

import shutil

import pytest
from snakemake_executor_plugin_slurm_packed.staging import Ledger, Storage, Store, storage_of
from snakemake_interface_common.exceptions import WorkflowError


@pytest.mark.skipif(
    shutil.which("rsync") is None, reason="the storage plugin fs copies by rsync; make other-tools installs it"
)
def test_files_go_through_a_storage(tmp_path):
    head, node = tmp_path / "head", tmp_path / "node"
    for path in (head, node):
        path.mkdir()
    (head / "in.pkl").write_text("pickle")
    storage = storage_of("fs", str(tmp_path / "storage"), None)
    Store(storage, head).put("job-1", ["in.pkl", "missing"])
    Store(storage, node).get("job-1")
    assert (node / "in.pkl").read_text() == "pickle"
    ledger = Ledger(tmp_path / "ledger")
    ledger.begin(storage)
    ledger.expect("job-1", [])
    ledger.expect("job-1-0", ["logs/out.csv"])
    ledger.expect("job-1-1", ["logs/never.csv"])
    (node / "logs").mkdir()
    (node / "logs" / "out.csv").write_text("log")
    Store(storage, node).put("job-1-0", ["logs/out.csv"])
    # the head was killed: what its jobs left is fetched, and the storage is empty
    assert ledger.fetch(head) == 1
    assert (head / "logs" / "out.csv").read_text() == "log"
    assert list((tmp_path / "storage").iterdir()) == []


def test_a_storage_without_what_it_copies_with(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(WorkflowError, match="fs copies by rsync, which is not on the PATH of "):
        Store(storage_of("fs", str(tmp_path), None), tmp_path)


def test_a_storage_that_is_not_installed():
    with pytest.raises(Exception, match="slurm-packed-storage is 'ftp', but the installed storage plugins are"):
        storage_of("ftp", "x", None)
    with pytest.raises(Exception, match="storage-prefix"):
        storage_of("fs", "", None)
    assert Storage("fs", "/x", {}) == storage_of("fs", "/x/", None)
