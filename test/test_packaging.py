# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What ROS and pip read of the package, and what they install."""

from __future__ import annotations

import ast
import configparser
import os
from pathlib import Path
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile

from environment import packages
from interfaces_read import INTERFACES, read_fields
import pytest

import fastsam_ros

ROOT = Path(__file__).resolve().parents[1]

# Python modules whose pip or rosdep name is another one.
PIP_NAMES = {
    'cv2': 'opencv-python-headless', 'skimage': 'scikit-image', 'open_clip': 'open_clip_torch',
    'ultralytics': 'ultralytics-opencv-headless', 'starlette': 'fastapi', 'click': 'typer',
    'PIL': 'pillow', 'tf2_ros': 'tf2_ros_py',
}
OPTIONAL = {  # looked for at run time; each comes with its device or with something that is listed
    'google', 'tensorrt', 'psutil', 'yaml', 'torchvision', 'timm', 'pycuda', 'cuda',
    'huggingface_hub', 'vision_msgs',
}


@pytest.fixture(scope='module')
def manifest():
    """The package.xml as ROS's own tools read it."""
    parser = pytest.importorskip('catkin_pkg.package', reason='catkin_pkg comes with ROS')
    warnings: list[str] = []
    package = parser.parse_package(str(ROOT / 'package.xml'), warnings=warnings)
    assert warnings == []
    return package


@pytest.fixture(scope='module')
def config() -> configparser.ConfigParser:
    """The setup.cfg."""
    parser = configparser.ConfigParser()
    parser.read(ROOT / 'setup.cfg')
    return parser


@pytest.fixture(scope='module')
def installed() -> Path:
    """The folder that colcon installed the package to."""
    index = pytest.importorskip('ament_index_python', reason='no ROS in this Python')
    try:
        return Path(index.get_package_prefix('fastsam_ros'))
    except index.PackageNotFoundError:
        pytest.skip('not built here: run make build, then . scripts/env.sh')


def list_package_files(root: Path = ROOT) -> list[str]:
    files = [file for file in (root / 'fastsam_ros').rglob('*') if file.is_file()]
    return sorted(str(f.relative_to(root)) for f in files if '__pycache__' not in f.parts)


def test_package_xml_is_valid_and_names_both_licences(manifest):
    manifest.validate()
    assert manifest.package_format == 3
    assert [(lic, lic.file) for lic in manifest.licenses] == [
        ('Apache-2.0', 'LICENSE'), ('AGPL-3.0-only', 'LICENSE-AGPL')]
    assert manifest.get_build_type() == 'ament_cmake'
    assert [group.name for group in manifest.member_of_groups] == ['rosidl_interface_packages']


def test_nothing_is_needed_twice():
    lines = re.findall(r'<\w*depend\b.*', (ROOT / 'package.xml').read_text())
    assert sorted(set(lines)) == sorted(lines)


def test_versions_agree(manifest, config):
    from catkin_pkg import changelog

    changes = changelog.get_changelog_from_path(str(ROOT / 'CHANGELOG.rst'), 'fastsam_ros')
    released = [version for version, _, _ in changes.foreach_version()]
    assert config['metadata']['version'] == 'attr: fastsam_ros.__version__'
    assert fastsam_ros.__version__ == manifest.version == released[0]


def test_the_changelog_names_what_was_not_agreed_on_first():
    agreed = {
        'model', 'device', 'precision', 'image_size', 'confidence', 'iou', 'max_segments', 'mode',
        'cameras', 'image_transport', 'image_reliability', 'history', 'text_model',
        'text_threshold', 'tracking', 'autostart', 'image', 'params_file', 'namespace', 'rviz',
        'demo'}
    table = (ROOT / 'fastsam_ros' / 'ros' / 'parameters.py').read_text()
    launch = (ROOT / 'launch' / 'fastsam.launch.py').read_text()
    names = {*re.findall(r"Declared\('(\w+)'", table), *re.findall(r"argument\('(\w+)'", launch)}
    assert names > agreed
    changes = (ROOT / 'CHANGELOG.rst').read_text()
    added = {*(names - agreed), '~/clear_prompts'}
    assert [name for name in sorted(added) if f'``{name}``' not in changes] == []


def test_every_launch_argument_is_documented():
    launch = (ROOT / 'launch' / 'fastsam.launch.py').read_text()
    names = set(re.findall(r"argument\('(\w+)'", launch))
    page = (ROOT / 'docs' / 'reference' / 'launch.md').read_text()
    cells = re.findall(r'^\| (`[^|]*`) \|', page, re.M)
    assert {name for cell in cells for name in re.findall(r'`(\w+)`', cell)} == names


def test_messages_depend_on_what_package_xml_names(manifest):
    text = ' '.join(line for file in INTERFACES for line in read_fields(file))
    needed = set(re.findall(r'\b([a-z_]+)/[A-Z]', text))
    assert needed == {'builtin_interfaces', 'geometry_msgs', 'sensor_msgs', 'std_msgs'}
    assert needed <= {dependency.name for dependency in manifest.build_depends}


def list_imports() -> set[str]:
    names = set()
    for folder in ('fastsam_ros', 'launch', 'scripts'):
        for file in (ROOT / folder).rglob('*.py'):
            for node in ast.walk(ast.parse(file.read_text())):
                if isinstance(node, ast.Import):
                    names |= {alias.name.split('.')[0] for alias in node.names}
                elif isinstance(node, ast.ImportFrom) and node.level == 0:
                    names.add(node.module.split('.')[0])
    own = {'fastsam_ros', 'environment', 'setuptools'}
    return names - set(sys.stdlib_module_names) - own - OPTIONAL


def test_every_import_is_a_listed_dependency(manifest, config):
    blocks = [config['options']['install_requires'], *config['options.extras_require'].values()]
    from_pip = set(re.findall(r'^([\w-]+)', '\n'.join(blocks), re.MULTILINE))
    from_ros = {dependency.name for dependency in manifest.exec_depends}
    listed = from_pip | from_ros | {name.replace('-', '_') for name in from_pip}
    assert {name for name in list_imports() if PIP_NAMES.get(name, name) not in listed} == set()


def test_what_pip_needs_at_least_has_rosdep_keys(manifest):
    keys = {dependency.name for dependency in manifest.exec_depends}
    named = {'opencv-python-headless': 'opencv', 'pillow': 'pil'}
    core = {line.split()[0] for line in packages.read_dependencies(('web',))}
    core -= {'openvino', 'segno'}  # have no key; segno prints a QR code where it is there
    assert [key for key in keys if key.endswith('-pip')] == []  # rosdep stops at them: PEP 668
    assert {name for name in core if f'python3-{named.get(name, name)}' not in keys} == set()


def test_the_tests_run_beside_a_launch_that_is_older_than_pytest(tmp_path):
    """launch_testing before 3.9 has hooks that pytest 9 refuses; then no test at all would run."""
    (tmp_path / 'launch_testing.py').write_text('def pytest_collect_file(no_such_argument): 0\n')
    information = tmp_path / 'launch_testing-3.7.dist-info'
    information.mkdir()
    (information / 'METADATA').write_text('Name: launch_testing\nVersion: 3.7\n')
    (information / 'entry_points.txt').write_text(
        '[pytest11]\nlaunch_testing = launch_testing\n')
    done = subprocess.run(
        [sys.executable, '-m', 'pytest', '--collect-only', '-q', __file__], cwd=ROOT,
        env={**os.environ, 'PYTHONPATH': str(tmp_path)}, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_init_is_a_docstring_the_version_and_the_search_path():
    body = ast.parse((ROOT / 'fastsam_ros' / '__init__.py').read_text()).body
    assert [type(node) for node in body] == [ast.Expr, ast.Assign, ast.Assign]
    assert ast.unparse(body[1]) == f"__version__ = '{fastsam_ros.__version__}'"
    assert ast.unparse(body[2]) == (
        "__path__ = __import__('pkgutil').extend_path(__path__, __name__)")


def test_colcon_installs_everything(installed):
    expected = [f'lib/fastsam_ros/{name}' for name in ('demo_camera', 'fastsam_node', 'web')]
    expected += ['share/fastsam_ros/package.xml']
    for folder in ('config', 'launch', 'msg', 'srv'):
        expected += [f'share/fastsam_ros/{folder}/{f.name}' for f in (ROOT / folder).glob('*.*')]
    assert [name for name in expected if not (installed / name).is_file()] == []
    assert all(os.access(installed / name, os.X_OK) for name in expected[:3])


def test_colcon_installs_the_modules_beside_the_messages(installed):
    messages, = installed.glob('**/python*/*-packages/fastsam_ros/msg/__init__.py')
    folder = messages.parents[1]
    missing = [f for f in list_package_files() if not (folder.parent / f).is_file()]
    assert missing == []
    assert (folder / '__init__.py').read_text() == (ROOT / 'fastsam_ros/__init__.py').read_text()


def test_messages_are_found_from_the_source_folder(installed):
    program = 'import fastsam_ros.msg, fastsam_ros.core; print(fastsam_ros.core.__file__)'
    answer = subprocess.run(
        [sys.executable, '-c', program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert Path(answer.stdout.strip()) == ROOT / 'fastsam_ros' / 'core' / '__init__.py'


@pytest.fixture(scope='module')
def sources(tmp_path_factory) -> Path:
    """A copy of what pip reads."""
    sources = tmp_path_factory.mktemp('sources')
    for name in ('pyproject.toml', 'setup.py', 'setup.cfg', 'README.md'):
        shutil.copy(ROOT / name, sources)
    for licence in ROOT.glob('LICENSE*'):
        shutil.copy(licence, sources)
    shutil.copytree(ROOT / 'fastsam_ros', sources / 'fastsam_ros',
                    ignore=shutil.ignore_patterns('__pycache__'))
    shutil.copytree(ROOT / 'src', sources / 'src')
    return sources


@pytest.fixture(scope='module')
def wheel(tmp_path_factory, sources) -> zipfile.ZipFile:
    """What pip makes of the sources, which must stay as they were."""
    pytest.importorskip(
        'setuptools', minversion='70.1', reason='an older setuptools makes no wheels by itself')
    before, target = sorted(sources.rglob('*')), tmp_path_factory.mktemp('wheel')
    subprocess.run(
        [sys.executable, '-m', 'pip', 'wheel', '--quiet', '--no-deps', '--no-build-isolation',
         '--disable-pip-version-check', '--wheel-dir', str(target), str(sources)], check=True)
    assert sorted(sources.rglob('*')) == before
    file, = target.glob('fastsam_ros-*.whl')
    return zipfile.ZipFile(file)


def test_pip_installs_every_file_of_the_package(wheel, sources):
    packed = [name for name in wheel.namelist() if '.dist-info/' not in name]
    assert sorted(packed) == sorted([*list_package_files(sources), 'fastsam_ros/_native.so'])


def test_a_source_distribution_can_be_built_from(sources, tmp_path):
    shutil.copytree(sources, tmp_path / 'copy')
    shutil.copy(ROOT / 'MANIFEST.in', tmp_path / 'copy')
    subprocess.run(
        [sys.executable, 'setup.py', '--quiet', 'sdist', '--dist-dir', str(tmp_path / 'dist')],
        cwd=tmp_path / 'copy', check=True, capture_output=True)
    file, = (tmp_path / 'dist').iterdir()
    with tarfile.open(file) as archive:
        names = {name.partition('/')[2] for name in archive.getnames()}
    assert {f'src/{path.name}' for path in (ROOT / 'src').iterdir()} <= names
    assert set(list_package_files(sources)) <= names


def test_pip_installs_command_and_licences(wheel):
    names = {Path(name).name: name for name in wheel.namelist()}
    assert {'LICENSE', 'LICENSE-AGPL'} <= set(names)
    entry = wheel.read(names['entry_points.txt']).decode()
    assert entry.split() == ['[console_scripts]', 'fastsam', '=', 'fastsam_ros.__main__:main']
