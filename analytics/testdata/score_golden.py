"""Golden values for analytics/score.go and analytics/needed.go, computed another way.

Regenerate (Python 3.11 with scipy; any environment that has it):

    cd analytics/testdata && /opt/sci/bin/python score_golden.py > score_golden.json

What is different here on purpose, so that a slip in the Go code is not repeated:
  - z from scipy.stats.norm.ppf;
  - sums form by form in exact fractions: d from the squared deviations (s - p m)^2, not from the five sums;
  - Wilson's limits as the roots of the score equation, found by scipy.optimize.brentq, not the closed form;
  - decisions by the score test at the target, and `needed` by counting up from 0.
One case stands on one line.
"""

import json
import random
import sys
from fractions import Fraction

from scipy.optimize import brentq
from scipy.stats import norm

Z = float(norm.ppf(0.975))
ZZ = Z * Z


def sums(forms):
    """The eight sums, in plain integers. forms: list of (values, count)."""
    out = dict.fromkeys(["n", "s", "m", "ss", "sm", "mm", "v", "all"], 0)
    for values, count in forms:
        answered = [v for v in values if v != 0]
        if not answered:
            continue
        m = len(answered)
        s = len([v for v in answered if v in (4, 5)])
        for key, x in zip(out, [1, s, m, s**2, s * m, m**2, sum(answered), int(min(answered) >= 4)]):
            out[key] += x * count
    return out


def design_effect(forms, t):
    p = Fraction(t["s"], t["m"])
    alike = Fraction(t["mm"], t["m"])
    if p in (0, 1):
        d = alike
    else:
        deviations = Fraction(0)
        for values, count in forms:
            m = sum(1 for v in values if v > 0)
            s = sum(1 for v in values if v > 3)
            deviations += count * (s - p * m) ** 2
        d = deviations / (t["m"] * p * (1 - p))
    return (t["n"] * max(Fraction(1), d) + 20 * alike) / (t["n"] + 20)


def score_roots(p, n):
    """Where n (p - x)^2 = z^2 x (1 - x) on either side of p."""

    def f(x):
        return n * (p - x) ** 2 - ZZ * x * (1 - x)

    tiny = 1e-12
    opts = {"xtol": 1e-15, "rtol": 1e-14, "maxiter": 500}
    lower = 0.0 if p == 0 else brentq(f, 0, p if p < 1 else 1 - tiny, **opts)
    upper = 1.0 if p == 1 else brentq(f, p if p > 0 else tiny, 1, **opts)
    return lower, upper


def test_at_target(p, n_eff, forms, target):
    """The verdict by the score test: is the target rejected, and may this many forms reject it at all?"""
    if forms < 30:
        return "undecided"
    rejected = n_eff * (p - target) ** 2 - ZZ * target * (1 - target)
    if p > target and rejected >= 0 and forms >= target * (forms + ZZ):
        return "met"
    if p < target and rejected > 0 and ZZ < target * (forms + ZZ):
        return "not_met"
    return "undecided"


def needed(p, n_eff, n, target):
    for k in range(10_001):
        if test_at_target(p, n_eff * (n + k) / n, n + k, target) != "undecided":
            return k
    return None


def case(name, forms, target="0.85"):
    t = sums(forms)
    want = {"name": name, "target": float(target), "sums": t, "forms": [{"values": list(v), "count": c} for v, c in forms]}
    if t["m"] == 0:
        return want
    p = Fraction(t["s"], t["m"])
    deff = design_effect(forms, t)
    n_eff = float(t["m"] / deff)
    lower, upper = score_roots(float(p), n_eff)
    n = t["n"]
    want["score"] = {
        "rate": float(p),
        "mean": float(Fraction(t["v"], t["m"])),
        "lower": min(lower, n / (n + ZZ)),
        "upper": max(upper, ZZ / (n + ZZ)),
        "deff": float(deff),
        "n_eff": n_eff,
    }
    want["verdict"] = test_at_target(float(p), n_eff, n, float(target))
    equal = p == Fraction(target)
    want["needed"] = None if equal else needed(float(p), n_eff, n, float(target))
    return want


def drawn(rng, n, rate, icc, sizes):
    """n forms of a Pólya urn (beta-binomial with this intraclass correlation), equal ones put together."""
    weight = 1 / icc - 1
    seen = {}
    for _ in range(n):
        values, s = [], 0
        for i in range(rng.choice(sizes)):
            good = rng.random() < (rate * weight + s) / (weight + i)
            s += good
            values.append(rng.choice([4, 5]) if good else rng.choice([1, 2, 3]))
        if rng.random() < 0.2:
            values.append(0)
        key = tuple(values)
        seen[key] = seen.get(key, 0) + 1
    return sorted(seen.items())


def patterns(rng, answers, rate):
    """Few kinds of forms, many of each, about this many answers in all."""
    kinds = []
    for _ in range(12):
        values = tuple(rng.choice([4, 5]) if rng.random() < rate else rng.choice([1, 2, 3]) for _ in range(rng.randint(1, 9)))
        kinds.append((values, rng.randint(1, 2 * answers // 60)))
    return kinds


def cases():
    rng = random.Random(20260301)
    one = lambda good, n: [(v, c) for v, c in [((5,), good), ((2,), n - good)] if c]
    yield case("nothing", [])
    yield case("no opinion only", [((0, 0, 0), 7)])
    yield case("one form, satisfied", [((4,), 1)])
    yield case("one form, not satisfied", [((3,), 1)])
    yield case("one form, half", [((5, 1), 1)])
    yield case("one form of six", [((5, 4, 4, 5, 3, 0), 1)])
    yield case("two forms opposed", [((5, 5, 5, 5), 1), ((1, 1, 1, 1), 1)])
    for good, n in [(10, 10), (17, 20), (27, 30), (45, 50), (48, 50), (90, 100), (93, 100), (180, 200), (350, 400), (22, 22), (30, 30)]:
        yield case(f"one item {good}/{n}", one(good, n))
    for good, n, target in [(85, 100, "0.85"), (9, 10, "0.9"), (850, 1000, "0.85"), (851, 1000, "0.85"), (8501, 10000, "0.85"), (8520, 10000, "0.85"), (15, 30, "0.5"), (29, 30, "1"), (30, 30, "1"), (7, 10, "0.7"), (60, 100, "0.85")]:
        yield case(f"one item {good}/{n} against {target}", one(good, n), target)
    for good, n in [(1434, 1700), (2475, 2933), (1526, 1809)]:  # 9,999, 10,000 and 10,001 needed
        yield case(f"one item {good}/{n}, at the most worth naming", one(good, n))
    for n in [1, 5, 29, 30, 200]:
        yield case(f"all satisfied, {n} forms of 6", [((5, 4, 5, 4, 5, 5), n)])
        yield case(f"none satisfied, {n} forms of 6", [((1, 2, 3, 1, 2, 3), n)])
    yield case("all satisfied, uneven forms", [((5,), 20), ((4, 4, 4, 4, 4, 4, 4), 15)])
    yield case("lower cap binds", [((5, 5, 5, 5, 5, 5), 999), ((5, 5, 5, 5, 5, 2), 1)])
    yield case("upper cap binds", [((1, 1, 1, 1, 1, 1), 999), ((1, 1, 1, 1, 1, 5), 1)])
    yield case("each form half", [((5, 5, 5, 1, 1, 1), 40)], "0.6")
    yield case("all or nothing", [((5, 5, 5, 5, 5), 51), ((2, 2, 2, 2, 2), 9)])
    for icc in [0.1, 0.5, 0.9]:
        for n in [4, 30, 60]:
            yield case(f"clustered, icc {icc}, {n} forms", drawn(rng, n, rng.choice([0.7, 0.88, 0.95]), icc, [5, 6, 7]))
    yield case("clustered, mixed lengths", drawn(rng, 80, 0.8, 0.4, [1, 2, 6, 12, 20]))
    for answers in [1_000, 30_000, 1_000_000]:
        for rate in [0.3, 0.85, 0.97]:
            yield case(f"about {answers} answers at {rate}", patterns(rng, answers, rate))
    yield case("a million answers, one not satisfied", [((5, 5, 5, 5, 5), 199_999), ((5, 5, 5, 5, 2), 1)])
    yield case("a million answers, one satisfied", [((1, 1, 1, 1, 1), 199_999), ((1, 1, 1, 1, 5), 1)])


if __name__ == "__main__":
    lines = [json.dumps(c, ensure_ascii=False) for c in cases()]
    sys.stdout.write("[\n" + ",\n".join(lines) + "\n]\n")
