import gc
import pickle

from gharial.metrics.tags import _CACHED_EXTENSIONS, EMPTY, TagSet


def test_equal_sets_are_one_object() -> None:
    assert TagSet.of({"a": "1", "b": "2"}) is TagSet.of({"b": "2", "a": "1"})


def test_a_pickled_set_is_the_same_object_again() -> None:
    tags = TagSet.of({"a": "1"})
    assert pickle.loads(pickle.dumps(tags)) is tags


def test_added_tags_win() -> None:
    tags = TagSet.of({"a": "1", "b": "2"}).with_({"b": "3", "c": "4"})
    assert tags.items == (("a", "1"), ("b", "3"), ("c", "4"))
    assert tags.with_(TagSet.of({"a": "0"})).get("a") == "0"


def test_a_tag_that_is_not_set_is_none() -> None:
    assert EMPTY.get("a") is None


def test_a_set_is_iterated_as_pairs() -> None:
    tags = TagSet.of({"b": "2", "a": "1"})
    assert (list(tags), len(tags), repr(tags)) == (
        [("a", "1"), ("b", "2")],
        2,
        "TagSet({'a': '1', 'b': '2'})",
    )


def test_ever_new_values_do_not_fill_the_cache() -> None:
    base = TagSet.of({"test": "cache"})
    for number in range(3 * _CACHED_EXTENSIONS):
        base.with_({"iteration": str(number)})
    gc.collect()
    assert len(base._extensions) <= _CACHED_EXTENSIONS


def test_metadata_makes_another_object_that_keeps_it() -> None:
    tags = TagSet.of({"a": "1"})
    one = tags.with_metadata({"m": "1"})
    assert one is not tags
    assert one is tags.with_metadata({"m": "1"})
    assert one.with_({"b": "2"}) is TagSet.of({"a": "1", "b": "2"}).with_metadata(
        {"m": "1"}
    )
    assert one.with_metadata({}) is tags
    assert pickle.loads(pickle.dumps(one)) is one


def test_what_is_half_a_surrogate_pair_is_replaced_and_still_one_object():
    tags = TagSet.of({"name": "a\ud800", "\udfff": "b"})
    assert dict(tags) == {"name": "a\ufffd", "\ufffd": "b"}
    assert TagSet.of({"name": "a\ufffd", "\ufffd": "b"}) is tags
    assert dict(EMPTY.with_({"check": "\ud800"}).with_metadata({"m": "\ud800"})) == {
        "check": "\ufffd"
    }
