# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The browser and the shell that some tests need, brought by apt-get or by Playwright."""

from pathlib import Path

from environment import browser
import pytest


def fake_apt(folder: Path, status: int) -> None:
    """An apt-get that notes what it was asked for."""
    program = folder / 'apt-get'
    program.write_text(f'#!/bin/sh\necho "$@" >> {folder}/asked\n[ $1 = update ] && exit 0\n'
                       f'echo "E: Unable to locate package" >&2; exit {status}\n')
    program.chmod(0o755)
    (folder / 'sh').symlink_to('/bin/sh')


@pytest.fixture
def bare(tmp_path, monkeypatch):
    """A machine of root's with nothing but apt-get."""
    monkeypatch.setenv('PATH', str(tmp_path))
    monkeypatch.delenv('CHROMIUM', raising=False)
    monkeypatch.setattr(browser.os, 'geteuid', lambda: 0)
    monkeypatch.setattr(browser, 'RELEASE', tmp_path / 'os-release')
    return tmp_path


@pytest.mark.parametrize('status, said', [
    (0, ''), (100, 'could not install what some tests need: E: Unable to locate package')])
@pytest.mark.parametrize('release, wanted', [
    ('ID=debian\n', 'zsh chromium'), ('ID=ubuntu\nID_LIKE=debian\n', 'zsh')])
def test_root_on_debian_gets_browser_and_shell(bare, capsys, status, said, release, wanted):
    fake_apt(bare, status)
    browser.RELEASE.write_text(release)
    browser.finish_apt(browser.start_apt('test'))
    asked = (bare / 'asked').read_text().splitlines()
    assert asked[0].startswith('update')
    assert asked[1].startswith('install -y')
    assert asked[1].endswith(f'--no-install-recommends {wanted}')
    assert said in capsys.readouterr().out


@pytest.mark.parametrize('goal, user', [('demo', 0), ('build', 0), ('test', 1000)])
def test_apt_is_left_alone_by_other_goals_and_other_users(bare, monkeypatch, goal, user):
    fake_apt(bare, 0)
    monkeypatch.setattr(browser.os, 'geteuid', lambda: user)
    assert browser.start_apt(goal) is None


@pytest.mark.parametrize('user, options', [(0, ['--with-deps', 'chromium']), (1000, ['chromium'])])
def test_where_the_system_has_no_browser_playwright_brings_one(
    bare, place, monkeypatch, capsys, user, options
):
    fake_apt(bare, 0)
    monkeypatch.setattr(browser.os, 'geteuid', lambda: user)
    place.venv_python.parent.mkdir(parents=True)
    place.venv_python.write_text(f'#!/bin/sh\necho "$@" > {bare}/asked\nexit 1\n')
    place.venv_python.chmod(0o755)
    browser.fetch(place)
    assert (bare / 'asked').read_text().split() == ['-m', 'playwright', 'install', *options]
    assert 'could not fetch Chromium' in capsys.readouterr().out
    monkeypatch.setenv('CHROMIUM', '/opt/chromium')
    (bare / 'asked').unlink()
    browser.fetch(place)
    assert not (bare / 'asked').exists()
