"""xgboost's side of the training benchmark: reads the rows that TreeTraining.cs wrote, prints CPU seconds, seconds and AUC."""
import pathlib
import resource
import sys
import time

import numpy as np
import xgboost

COLUMNS = 59


def read(folder, name):
    return np.fromfile(folder / f"{name}.f32", dtype=np.float32)


def cpu_seconds():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def auc(scores, labels):
    """By the ranks of the positives; ties among float scores are too few to matter at four digits."""
    ranks = np.empty(len(scores))
    ranks[np.argsort(scores, kind="stable")] = np.arange(1, len(scores) + 1)
    ones = labels == 1
    positives, negatives = ones.sum(), (~ones).sum()
    return (ranks[ones].sum() - positives * (positives + 1) / 2) / (positives * negatives)


def main():
    folder = pathlib.Path(sys.argv[1])
    x, y = read(folder, "train_x").reshape(-1, COLUMNS), read(folder, "train_y")
    test_x, test_y = read(folder, "test_x").reshape(-1, COLUMNS), read(folder, "test_y")
    # The same tree shapes: leaves grown best first, 31 of them, of at least some 20 rows each (a row of even odds has hessian 0.25).
    parameters = dict(objective="binary:logistic", tree_method="hist", grow_policy="lossguide", max_leaves=31, max_depth=0,
                      eta=0.1, min_child_weight=5, reg_lambda=1, max_bin=255, nthread=2, verbosity=0)
    cpu, started = cpu_seconds(), time.perf_counter()
    booster = xgboost.train(parameters, xgboost.DMatrix(x, y, nthread=2), num_boost_round=200)
    cpu, seconds = cpu_seconds() - cpu, time.perf_counter() - started
    print(cpu, seconds, auc(booster.predict(xgboost.DMatrix(test_x)), test_y))


main()
