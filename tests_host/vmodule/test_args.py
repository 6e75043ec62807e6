"""The parameters of a command, split."""

from tools.vmodule.args import parse


def test_blanks_around_a_parameter_are_no_part_of_it():
    args = parse(' 1 , "a b" , a b ,, 7 ')
    assert list(args) == [1, "a b", "a b", None, 7]
    assert args.texts == ["1", "a b", "a b", "", "7"]


def test_a_long_text_without_quotes_is_one_parameter():
    assert list(parse("0,1024," + "A5" * 1024)) == [0, 1024, "A5" * 1024]
