from __future__ import annotations

import pytest

from civicboard.kit.forms import Invalid
from civicboard.skills.forms import AbilityForm


def test_twelve_tags_each_once_and_no_more():
    twelve = ", ".join(f"tag {n}" for n in range(12))
    assert len(AbilityForm.check({"tags": f"{twelve}, #TAG 0"}).tags) == 12
    with pytest.raises(Invalid) as invalid:
        AbilityForm.check({"tags": f"{twelve}, one more", "words": "kept"})
    assert "12 tags" in invalid.value.state.errors["tags"]
    assert invalid.value.state["words"] == "kept"


def test_all_of_it_may_stay_empty():
    form = AbilityForm.check({"tags": " , ,", "words": ""})
    assert (form.tags, form.words, form.lends) == ((), "", "")


@pytest.mark.parametrize(("field", "value"), [("lends", "x" * 501), ("words", "x" * 2001), ("tags", "<b>")])
def test_what_is_too_long_or_no_tag(field, value):
    with pytest.raises(Invalid) as invalid:
        AbilityForm.check({field: value})
    assert list(invalid.value.state.errors) == [field]
