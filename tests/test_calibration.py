"""The table of reliability."""

from paperkg.calibration import reliability


def mention(start: int, confidence: float, kind: str = "System") -> dict:
    return {"start": start, "end": start + 1, "type": kind, "confidence": confidence}


def test_the_share_that_is_right_is_counted_by_class_of_confidence():
    gold = [
        {"id": "p", "mentions": [mention(0, 1), mention(5, 1), mention(9, 1)]},
        {"id": "q", "mentions": []},
    ]
    found = [
        {"id": "p", "mentions": [mention(0, 0.93), mention(5, 0.91, "Model"), mention(9, 0.45)]},
        {"id": "q", "mentions": [mention(0, 0.3)]},
    ]
    low, middle, high = reliability(gold, found)
    assert (low.upto, low.said, low.right) == (0.4, 1, 0.0)
    assert (middle.upto, middle.said, middle.right, middle.confidence) == (0.5, 1, 100.0, 45.0)
    assert (high.upto, high.said, high.right, high.confidence) == (0.95, 2, 50.0, 92.0)


def test_papers_without_predictions_count_nothing():
    assert reliability([{"id": "p", "mentions": [mention(0, 1)]}], []) == []


def test_a_claim_is_right_if_value_unit_and_metric_are():
    speedup = {"value": "3", "unit": "x", "metric": "speedup", "confidence": 0.88}
    gold = [{"id": "p", "claims": [speedup, {**speedup, "value": "4"}]}]
    found = [{"id": "p", "claims": [speedup, speedup, {**speedup, "value": "4", "metric": "latency"}]}]
    [row] = reliability(gold, found)
    assert (row.what, row.said, row.right) == ("claim", 3, 33.3)
