"""What decisions reach: balanced accuracy, net benefit, subgroups."""

import numpy as np
import pandas as pd

from differing.shared_file import (
    CLASSES,
    DATA,
    ROWS,
    SCORE,
    TARGET,
    THRESHOLD,
    TRUTH,
    Answers,
    one_hot,
    tensors,
    weights,
)


def balanced() -> Answers:
    said = ROWS.argmax(axis=1)

    def lentigo() -> object:
        from lentigo.numbers.metrics import balanced_accuracy, confusion_matrix

        return float(balanced_accuracy(confusion_matrix(TARGET, said, n_classes=4)))

    def sklearn() -> object:
        from sklearn.metrics import balanced_accuracy_score

        return balanced_accuracy_score(TARGET, said)

    def recall() -> object:
        from sklearn.metrics import recall_score

        return recall_score(TARGET, said, average="macro", labels=[0, 1, 2, 3], zero_division=0)

    def torchmetrics() -> object:
        from torchmetrics.classification import MulticlassAccuracy

        # the class without images gets one answer here, as it does in practice
        other = said.copy()
        other[np.flatnonzero(TARGET == 0)[0]] = 3
        from sklearn.metrics import balanced_accuracy_score

        found = MulticlassAccuracy(num_classes=4)
        return (
            float(found(*tensors(ROWS, TARGET))),
            float(found(*tensors(other, TARGET))),
            balanced_accuracy_score(TARGET, other),
        )

    def challenge() -> object:
        from isic_challenge_scoring import metrics

        present = list(CLASSES[:3])
        return metrics.balanced_multiclass_accuracy(one_hot()[present], DATA[present], weights())

    return {
        "lentigo": lentigo, "scikit-learn": sklearn, "scikit-learn, macro recall of 4 `labels`": recall,
        "torchmetrics macro; the same with one NV called VASC; scikit-learn, the same": torchmetrics,
        "isic-challenge-scoring, the three classes present": challenge,
    }  # fmt: skip


def benefit() -> Answers:
    def lentigo() -> object:
        from lentigo.numbers.evaluation import net_benefit

        called = SCORE >= THRESHOLD
        sensitivity, specificity = np.array([called[TRUTH].mean()]), np.array([(~called)[~TRUTH].mean()])
        return float(net_benefit(sensitivity, specificity, prevalence=float(TRUTH.mean()), threshold=THRESHOLD)[0])

    def above() -> object:
        called = SCORE > THRESHOLD
        return (called & TRUTH).mean() - (called & ~TRUTH).mean() * THRESHOLD / (1 - THRESHOLD)

    def dcurves() -> object:
        from dcurves import dca

        found = dca(
            data=pd.DataFrame({"y": TRUTH.astype(int), "p": SCORE}),
            outcome="y",
            modelnames=["p"],
            thresholds=[THRESHOLD],
        )
        return float(found.loc[found["model"] == "p", "net_benefit"].iloc[0])

    return {"lentigo": lentigo, "dcurves": dcurves, "by hand, with > for >=": above}


def subgroups() -> Answers:
    """Sensitivity of three sites at the threshold; palms and soles have no malignant image."""

    def lentigo() -> object:
        from lentigo.numbers.metrics import threshold_counts

        found = []
        for name in sorted(DATA["site"].unique()):
            rows = DATA["site"].eq(name).to_numpy()
            counts = threshold_counts(TRUTH[rows], SCORE[rows], threshold=THRESHOLD)
            found.append(float(counts.sensitivity))
        return found

    def fairlearn() -> object:
        from fairlearn.metrics import MetricFrame
        from sklearn.metrics import recall_score

        frame = MetricFrame(
            metrics=recall_score, y_true=TRUTH, y_pred=SCORE >= THRESHOLD, sensitive_features=DATA["site"]
        )
        return [*frame.by_group.tolist(), "difference", frame.difference()]

    return {"lentigo": lentigo, "fairlearn with scikit-learn's `recall_score`": fairlearn}
