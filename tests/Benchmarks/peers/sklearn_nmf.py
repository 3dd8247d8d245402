"""scikit-learn's side of the factorising benchmark: reads the cells that Factorising.cs wrote, prints CPU seconds, seconds and loss."""
import pathlib
import resource
import sys
import time
import warnings

import numpy as np
import scipy.sparse
from sklearn.decomposition import NMF
from sklearn.exceptions import ConvergenceWarning


def cpu_seconds():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def loss(x, w, h):
    """Half the squared error over all cells, by Gram matrices."""
    rows, columns = x.nonzero()
    predicted = np.einsum("ij,ij->i", w[rows], h[:, columns].T)
    values = np.asarray(x[rows, columns]).ravel()
    return 0.5 * (np.sum((w.T @ w) * (h @ h.T)) + np.sum(values * (values - 2.0 * predicted)))


def main():
    folder = pathlib.Path(sys.argv[1])
    users, items, factors, rounds = (int(a) for a in sys.argv[2:6])
    cells = np.fromfile(folder / "cells.i32", dtype=np.int32).reshape(-1, 2)
    x = scipy.sparse.csr_matrix((np.ones(len(cells), dtype=np.float32), (cells[:, 0], cells[:, 1])), shape=(users, items))
    # Uniform between 0 and twice the scale at which products have the right mean.
    random = np.random.RandomState(1)
    scale = np.sqrt(x.mean() / factors)
    w = (2 * scale * (1 - random.random_sample((users, factors)))).astype(np.float32)
    h = (2 * scale * (1 - random.random_sample((factors, items)))).astype(np.float32)
    model = NMF(n_components=factors, init="custom", solver="cd", max_iter=rounds, tol=0)
    warnings.simplefilter("ignore", ConvergenceWarning)
    cpu, started = cpu_seconds(), time.perf_counter()
    w = model.fit_transform(x, W=w, H=h)
    cpu, seconds = cpu_seconds() - cpu, time.perf_counter() - started
    print(f"{cpu} {seconds} {loss(x, w.astype(np.float64), model.components_.astype(np.float64))}")


main()
