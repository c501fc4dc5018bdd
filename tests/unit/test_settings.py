"""What an operator can set is said, checked and named when it is wrong."""

import re
from pathlib import Path

import pytest

from api.settings import (
    MEANS,
    MUST,
    PREFIX,
    FileInvalid,
    SettingInvalid,
    Settings,
    load_settings,
    read_settings,
    unknown_in,
)


def test_every_setting_is_described() -> None:
    assert set(MEANS) == set(Settings.__struct_fields__)
    assert set(MUST) <= set(MEANS)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("trusted_proxies", "localhost"),
        ("trusted_proxies", "10.0.0.1/8"),
        ("publish", "https://me:secret@notes.example/"),
        ("publish", "https:///notes"),
        ("publish", "ftp://notes.example/"),
        ("publish", "file:///notes/ notes"),
        ("rate_reads", "-1"),
        ("rate_reads", "nan"),
        ("rate_writes", "inf"),
        ("rate_writes", "many"),
        ("feeds_max", "-1"),
        ("feeds_max", "1.5"),
        ("feeds_per_address_max", "9999999"),
        ("public_url", "https://dates.example.org/"),
        ("public_url", "https://dätes.example.org"),
        ("public_url", 'https://dates.example.org/">'),
        ("contact", "desk\n@example.org"),
        ("data_license", "x" * 1001),
        ("frame_ancestors", "https://dätes.example.org"),
        ("frame_ancestors", "'self'; script-src *"),
        ("frame_ancestors", "https://a.example, https://b.example"),
    ],
)
def test_a_setting_that_makes_no_sense_is_named_with_what_it_must_be(name: str, value: str) -> None:
    with pytest.raises(SettingInvalid, match=re.escape(f"{PREFIX}{name.upper()} must be {MUST[name]}")):
        load_settings({PREFIX + name.upper(): value})


def test_settings_are_taken_from_the_environment() -> None:
    environment = {
        "DATELINE_TRUSTED_PROXIES": "127.0.0.1, ::1 10.0.0.0/8",
        "DATELINE_RATE_READS": "0.5",
        "DATELINE_RATE_WRITES": "0",
        "DATELINE_FEEDS_MAX": "7",
    }

    settings = load_settings(environment)

    assert settings.trusted_proxies == "127.0.0.1, ::1 10.0.0.0/8"
    assert (settings.rate_reads, settings.rate_writes, settings.feeds_max) == (0.5, 0.0, 7)


@pytest.mark.parametrize("ancestors", ["*", "'none'", "'self' https://*.example.org:8443", "https: data:"])
def test_a_page_may_be_framed_by_what_a_content_security_policy_can_say(ancestors: str) -> None:
    assert load_settings({"DATELINE_FRAME_ANCESTORS": ancestors}).frame_ancestors == ancestors


@pytest.mark.parametrize(
    "url", ["http://localhost:8470", "https://dates.example.org/a/b-c", "http://[::1]:8470", "https://xn--dtes-0qa.org"]
)
def test_readers_may_find_the_service_under_a_name_a_port_and_a_path(url: str) -> None:
    assert load_settings({"DATELINE_PUBLIC_URL": url}).public_url == url


def test_who_sets_nothing_may_write_two_hundred_times_a_second_and_is_limited() -> None:
    settings = load_settings({})

    assert settings.rate_writes >= 200
    assert settings.rate_reads > 0
    assert settings.trusted_proxies == ""


def test_a_flag_goes_before_the_environment_and_that_before_a_file(tmp_path: Path) -> None:
    file = tmp_path / "dateline.toml"
    file.write_text('port = 1\nhost = "::"\ncontact = "desk@example.org"\npublic_read = false\n', encoding="utf-8")

    settings = load_settings({"DATELINE_PORT": "2", "DATELINE_HOST": "0.0.0.0"}, read_settings(file), port=3)

    assert (settings.port, settings.host, settings.contact) == (3, "0.0.0.0", "desk@example.org")
    assert not settings.public_read


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("prot = 1", "there is no setting 'prot'; there are data, host, port"),
        ("port = ", "Invalid value"),
        (None, "No such file or directory"),
    ],
)
def test_a_file_that_is_none_of_settings_is_named(tmp_path: Path, text: str | None, said: str) -> None:
    file = tmp_path / "dateline.toml"
    if text is not None:
        file.write_text(text, encoding="utf-8")

    with pytest.raises(FileInvalid, match=re.escape(str(file))) as refused:
        read_settings(file)

    assert said in str(refused.value)


def test_a_value_in_a_file_that_makes_no_sense_is_named() -> None:
    with pytest.raises(SettingInvalid, match="DATELINE_PORT must be a number"):
        load_settings({}, {"port": "many"})


def test_a_variable_that_is_called_like_a_setting_and_is_none_is_found() -> None:
    environment = {"DATELINE_PUBLICURL": "x", "DATELINE_PORT": "1", "DATELINE_TOKEN": "t", "HOME": "/"}

    assert unknown_in(environment) == ["DATELINE_PUBLICURL"]
