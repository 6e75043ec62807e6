"""Which cuts are played where they are sampled: support/sampling.py."""

from sampling import Sampling


def drawn(text, test, start=1, end=400):
    one = Sampling()
    one.use(text)
    one.begin(test)
    return list(one.cuts(start, end))


def test_all_without_a_sample():
    assert list(Sampling().cuts(3, 9)) == [3, 4, 5, 6, 7, 8]
    assert drawn("1:abc", "test_a") == list(range(1, 400))


def test_the_first_the_last_and_one_in_each_eight():
    for seed in ("5e27094", "0", "f9ced68"):
        cuts = drawn("8:" + seed, "test_a")
        assert cuts[0] == 1 and cuts[-1] == 399 and cuts == sorted(set(cuts)), cuts
        assert [(cut - 2) // 8 for cut in cuts[1:-1]] == list(range(50)), cuts


def test_short_ones():
    for end in range(1, 20):
        cuts = drawn("8:0", "test_a", 1, end)
        assert cuts == sorted(set(cuts))
        assert cuts[:1] == [1][: end - 1] and cuts[-1:] == [end - 1][: end - 1], (end, cuts)
        assert len(cuts) <= 4


def test_the_seed_and_the_test_choose():
    cuts = drawn("8:5e27094", "test_a")
    assert drawn("8:5e27094", "test_a") == cuts
    assert drawn("8:5e27094", "test_b") != cuts
    assert drawn("8:5e27095", "test_a") != cuts


def test_each_cut_is_drawn_by_some_seed():
    found = set()
    for seed in range(200):
        found.update(drawn("8:%d" % seed, "test_a"))
    assert found == set(range(1, 400)), set(range(1, 400)) - found
