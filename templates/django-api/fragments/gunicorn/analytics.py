
# Numbers of several workers: each writes to files of its own, which /metrics adds up. The folder is
# made before the first import of the client, and is empty, so that no older process counts.
if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = tempfile.mkdtemp(prefix="metrics-")
else:
    for _file in glob.glob(os.path.join(os.environ["PROMETHEUS_MULTIPROC_DIR"], "*.db")):
        os.remove(_file)


def child_exit(_server: object, worker: Any) -> None:
    """Forget the gauges of a worker that is gone; its counters stay in the sum."""
    from prometheus_client import multiprocess

    multiprocess.mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]
