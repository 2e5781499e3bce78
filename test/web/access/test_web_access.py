# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Who gets in, and who does not."""

from fake_bridge import FakeBridge
import httpx
import pytest
from websockets.exceptions import InvalidStatus

from fastsam_ros.web.access.access import is_loopback, new_token

TOKEN = 'a-token'


@pytest.fixture
def open_server(serve):
    return serve(FakeBridge())


@pytest.fixture
def closed_server(serve):
    return serve(FakeBridge(), TOKEN)


def test_the_page_and_its_files_are_there(open_server):
    page = httpx.get(open_server.url())
    assert page.status_code == 200
    assert 'main.js' in page.text
    assert httpx.get(open_server.url('/main.js')).headers['content-type'].startswith(
        ('text/javascript', 'application/javascript'))


def test_the_page_names_no_other_host(open_server):
    for name in ('/', '/style.css', '/picture/stage.css', '/main.js', '/panel/panel.js'):
        text = httpx.get(open_server.url(name)).text.replace('http://www.w3.org', '')
        assert 'http://' not in text and 'https://' not in text
    policy = httpx.get(open_server.url()).headers['content-security-policy']
    assert "default-src 'self'" in policy


def test_a_foreign_name_for_this_machine_is_refused(open_server):
    reply = httpx.get(open_server.url(), headers={'Host': f'evil.example:{open_server.port}'})
    assert reply.status_code == 421
    for name in ('localhost', '127.0.0.1', '[::1]'):
        host = f'{name}:{open_server.port}'
        assert httpx.get(open_server.url(), headers={'Host': host}).status_code == 200


@pytest.mark.parametrize('host', ['', '[', 'a b', '[::1'])
def test_a_broken_host_is_refused(open_server, host):
    assert httpx.get(open_server.url(), headers={'Host': host}).status_code in (400, 421)


def test_a_websocket_from_a_foreign_page_is_refused(open_server):
    for origin in ('http://evil.example', 'null', f'http://127.0.0.1:{open_server.port + 1}'):
        with pytest.raises(InvalidStatus) as refusal:
            open_server.talk(origin=origin)
        assert refusal.value.response.status_code == 403


def test_a_websocket_from_the_page_itself_is_let_in(open_server):
    with open_server.talk(origin=open_server.url('')) as browser:
        assert browser.hear('state')['node']


def test_without_the_token_nothing_is_seen(closed_server):
    for path in ('/', '/main.js', '/?token=wrong', '/?token='):
        reply = httpx.get(closed_server.url(path))
        assert reply.status_code == 401
        assert 'token' in reply.text
    for path in ('/ws', '/ws?token=wrong'):
        with pytest.raises(InvalidStatus) as refusal:
            closed_server.talk(path)
        assert refusal.value.response.status_code == 403


def test_the_printed_address_lets_in_and_is_remembered(closed_server):
    with httpx.Client(follow_redirects=True) as client:
        page = client.get(closed_server.url(f'/?token={TOKEN}'))
        assert page.status_code == 200
        assert TOKEN not in str(page.url)
        assert client.get(closed_server.url('/main.js')).status_code == 200
        cookies = '; '.join(f'{k}={v}' for k, v in client.cookies.items())
    with closed_server.talk(additional_headers={'Cookie': cookies}) as browser:
        assert browser.hear('state')


def test_the_cookie_is_not_for_scripts_or_other_sites(closed_server):
    reply = httpx.get(closed_server.url(f'/?token={TOKEN}'))
    cookie = reply.headers['set-cookie'].lower()
    assert reply.status_code == 303
    assert 'httponly' in cookie and 'samesite=lax' in cookie


def test_programs_show_the_token_in_a_header_or_the_address(closed_server):
    headers = {'Authorization': f'Bearer {TOKEN}'}
    assert httpx.get(closed_server.url('/main.js'), headers=headers).status_code == 200
    assert httpx.get(closed_server.url(f'/main.js?token={TOKEN}')).status_code == 200
    with closed_server.talk(f'/ws?token={TOKEN}') as browser:
        assert browser.hear('state')


def test_the_token_does_not_excuse_a_foreign_page(closed_server):
    with pytest.raises(InvalidStatus):
        closed_server.talk(f'/ws?token={TOKEN}', origin='http://evil.example')


def test_a_token_that_is_no_ascii_is_just_wrong(closed_server):
    assert httpx.get(closed_server.url('/?token=%C3%BC')).status_code == 401
    broken = [(b'Cookie', b'fastsam=\xfc')]
    assert httpx.get(closed_server.url(), headers=broken).status_code == 401


def test_tokens_are_long_and_different():
    assert len(new_token()) >= 20
    assert new_token() != new_token()


@pytest.mark.parametrize('host, local', [
    ('127.0.0.1', True), ('127.5.5.5', True), ('::1', True), ('[::1]', True),
    ('localhost', True), ('LOCALHOST', True), ('0.0.0.0', False), ('::', False),
    ('192.168.1.5', False), ('robot', False), ('localhost.evil.example', False), ('', False)])
def test_which_hosts_are_this_machine_alone(host, local):
    assert is_loopback(host) is local
