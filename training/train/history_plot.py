"""Plot the learning curves of a run."""

from __future__ import annotations

from pathlib import Path


def plot_history(rows: list[dict[str, float]], path: Path) -> None:
    """Write a PNG of loss (left axis) and validation accuracy in % (right axis) by epoch.

    Args:
        rows: the run's history, `read_history`.
        path: the PNG file; its folder is created.
    """
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    path.parent.mkdir(parents=True, exist_ok=True)
    epochs = [row["epoch"] for row in rows]
    figure, losses = pyplot.subplots(figsize=(8, 4.5), layout="constrained")
    losses.plot(epochs, [row["loss"] for row in rows], label="training loss", color="#888888")
    losses.plot(
        epochs, [row["validation_loss"] for row in rows], label="validation loss", color="#c2410c"
    )
    losses.set_xlabel("epoch")
    losses.set_ylabel("cross-entropy")
    accuracies = losses.twinx()
    accuracies.plot(
        epochs,
        [100 * row["validation_accuracy"] for row in rows],
        label="validation accuracy",
        color="#0f766e",
    )
    accuracies.set_ylabel("%")
    lines = losses.get_lines() + accuracies.get_lines()
    losses.legend(lines, [str(line.get_label()) for line in lines], loc="center right")
    figure.savefig(path, dpi=110)
    pyplot.close(figure)
