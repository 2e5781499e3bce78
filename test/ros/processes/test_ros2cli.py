# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The documents' calls, word by word, with the real ros2 command and the real launch file."""

from pathlib import Path
import re
import shutil
import subprocess

from graph import wait_until
from launching import START, launched
import pytest

if shutil.which('ros2') is None:
    pytest.skip('ros2cli is not installed: it comes with ROS 2 itself', allow_module_level=True)
pytest.importorskip('launch_ros', reason='launch_ros is not installed: it comes with ROS 2 itself')
ROOT = Path(__file__).parents[3]


def read_calls(file: Path) -> list[str]:
    """List the service calls in a page's indented blocks, in their order."""
    lines = [line[4:] for line in file.read_text().splitlines() if line.startswith('    ')]
    code = '\n'.join(lines).replace('\\\n', '').splitlines()
    return [line for line in code if line.startswith('ros2 service call')]


PAGES = [ROOT / 'README.md', *sorted((ROOT / 'docs').rglob('*.md'))]
CALLS = [call for page in PAGES for call in read_calls(page)]


def run(command: str) -> str:
    done = subprocess.run(
        ['bash', '-c', command], capture_output=True, text=True, timeout=START)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope='module')
def node(tmp_path_factory):
    """The node and the demo camera, which have segmented a frame."""
    folder = tmp_path_factory.mktemp('launch')
    said = folder / 'said'
    with pytest.MonkeyPatch.context() as patch, said.open('w') as output:
        patch.setenv('XDG_DATA_HOME', str(folder))  # where taught words go
        with launched('demo:=true', output=output):
            wait_until(lambda: 'loaded fastsam-n' in said.read_text(), START)
            run('ros2 topic echo --once /fastsam/segmentations fastsam_ros/msg/SegmentationArray')
            yield
    assert 'Traceback' not in said.read_text()


def test_there_are_calls_to_try():
    assert len(CALLS) >= 10


# What is there and what words are known is the affair of the picture and of the model; this node
# has no camera of a name.
MAY_BE_REFUSED = 'clear', 'text:', 'word:', 'keep:', 'camera:'


@pytest.mark.parametrize('command', CALLS)
def test_each_call_of_the_documents_is_answered(node, command):
    answer = run(command)
    if any(word in command for word in MAY_BE_REFUSED):
        assert re.search(r'Response\(success=(True|False, message=.{20})', answer), answer
    else:
        assert 'success=True' in answer, answer


@pytest.mark.parametrize('command, words', [
    ('ros2 interface show fastsam_ros/srv/Prompt', 'Prompt[] prompts'),
    ('ros2 pkg prefix --share fastsam_ros', 'share/fastsam_ros'),
    ('ros2 node info --no-daemon /fastsam', '/fastsam/segmentations'),
    ('ros2 param set --no-daemon /fastsam confidence 0.3', 'successful'),
    ('ros2 param describe --no-daemon /fastsam confidence', 'Description'),
    ('ros2 lifecycle get --no-daemon /fastsam', 'active'),
    ('ros2 launch fastsam_ros fastsam.launch.py --show-args', "'images'"),
    ('ros2 run fastsam_ros fastsam --help', 'segment'),
])
def test_ros2_knows_the_package_and_its_node(node, command, words):
    # Without its daemon ros2 looks at the graph for half a second, which a busy machine exceeds.
    wait_until(lambda: words in subprocess.run(
        ['bash', '-c', command], capture_output=True, text=True).stdout, START)
