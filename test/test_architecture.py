# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The rules that hold the house up, read off the sources."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
import re
import subprocess
import sys

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / 'fastsam_ros'
FOLDERS = ('fastsam_ros', 'scripts', 'training', 'benchmark', 'test', 'launch')
LONGEST = 300  # lines of a source file
WIDEST = 99  # characters of one of C++; ruff looks after Python

ROS = {
    'ament_index_python', 'builtin_interfaces', 'cv_bridge', 'diagnostic_msgs', 'geometry_msgs',
    'launch', 'launch_ros', 'lifecycle_msgs', 'rcl_interfaces', 'rclpy', 'sensor_msgs', 'std_msgs',
}
OWN_ROS = {'fastsam_ros.msg', 'fastsam_ros.ros', 'fastsam_ros.srv'}


def list_sources(*folders: str) -> list[Path]:
    files = [file for folder in folders for file in (ROOT / folder).rglob('*.py')]
    return sorted(file for file in files if '__pycache__' not in file.parts)


def list_programs() -> list[Path]:
    return [ROOT / 'scripts' / name for name in ('demo_camera', 'fastsam_node', 'web')]


def name_modules(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
        return [node.module, *(f'{node.module}.{alias.name}' for alias in node.names)]
    return []


def imports_of(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text())):
        yield from name_modules(node)


def is_within(module: str, packages: set[str]) -> bool:
    parts = module.split('.')
    return any('.'.join(parts[:length]) in packages for length in range(1, len(parts) + 1))


@pytest.mark.parametrize('module, expected', [
    ('rclpy', True), ('rclpy.node', True), ('rclpyx', False),
    ('fastsam_ros.ros.node', True), ('fastsam_ros.core', False),
])
def test_the_rule_itself(module, expected):
    assert is_within(module, ROS | OWN_ROS) is expected


def find_imports(files: list[Path], forbidden: set[str]) -> list[str]:
    """Name every import of what is forbidden, as 'file: module'."""
    return [f'{file.relative_to(ROOT)}: {name}' for file in files for name in imports_of(file)
            if is_within(name, forbidden)]


def find_lines(files: list[Path], pattern: str) -> list[str]:
    """Name every line that matches, as 'file:number'."""
    return [
        f'{file.relative_to(ROOT)}:{number}' for file in files
        for number, line in enumerate(file.read_text().splitlines(), 1)
        if re.search(pattern, line)
    ]


def test_the_core_imports_no_ros():
    files = list_sources('fastsam_ros/core', 'fastsam_ros/backends', 'fastsam_ros/models')
    assert files
    assert find_imports(files, ROS | OWN_ROS) == []


def test_the_core_names_no_runtime():
    runtimes = {'openvino', 'onnxruntime', 'torch', 'tensorrt', 'ultralytics'}
    assert find_imports(list_sources('fastsam_ros/core'), runtimes) == []


def test_importing_the_core_loads_neither_torch_nor_ros():
    program = 'import fastsam_ros.fastsam, sys; print(*sys.modules)'
    answer = subprocess.run(
        [sys.executable, '-c', program], capture_output=True, text=True, check=True, cwd=ROOT)
    loaded = set(answer.stdout.split())
    assert 'fastsam_ros.fastsam' in loaded
    heavy = {'torch', 'ultralytics', 'openvino', 'onnxruntime', 'rclpy', 'cv_bridge'}
    assert loaded & heavy == set()


def test_the_ros_side_does_no_arithmetic_on_pixels():
    files = list_sources('fastsam_ros/ros')
    assert find_imports(files, {'cv2', 'PIL', 'scipy', 'skimage'}) == []


def test_only_named_programs_import_ros_when_they_are_loaded():
    rooms = ('batch', 'cli', 'doctor', 'drawing', 'export', 'following', 'media', 'text')
    files = [f for f in list_sources(*(f'fastsam_ros/{room}' for room in rooms))
             if f.name != 'ros_checks.py']
    at_import = [f'{file.name}: {name}' for file in files
                 for node in ast.parse(file.read_text()).body for name in name_modules(node)
                 if is_within(name, ROS | OWN_ROS)]
    assert at_import == []


def test_what_the_architecture_names_is_there():
    text = (ROOT / 'docs' / 'architecture.md').read_text()
    named = set(re.findall(r'`([a-z_]+/[a-z_/]*\.(?:py|cpp|md)?)`', text))
    assert len(named) > 20
    assert [n for n in named if not ((PACKAGE / n).exists() or (ROOT / n).exists())] == []


def list_native() -> list[Path]:
    """C++, CUDA and JavaScript."""
    files = [f for folder in (*FOLDERS, 'src', 'include') for f in (ROOT / folder).rglob('*')]
    return [f for f in files if f.suffix in ('.cpp', '.hpp', '.cu', '.js', '.mjs')]


def test_files_are_short():
    files = [*list_sources(*FOLDERS), *list_native()]
    lengths = {str(f.relative_to(ROOT)): len(f.read_text().splitlines()) for f in files}
    assert {name: length for name, length in lengths.items() if length >= LONGEST} == {}


def test_no_line_is_wide():
    sources = {f.relative_to(ROOT): f.read_text().splitlines() for f in list_native()}
    assert [f'{name}:{number}' for name, lines in sources.items() if 'js' not in name.suffix
            for number, line in enumerate(lines, 1) if len(line) > WIDEST] == []


def test_files_name_their_licence():
    files = [*list_sources(*FOLDERS), *list_programs(), ROOT / 'setup.py', ROOT / 'Makefile',
             ROOT / 'CMakeLists.txt', ROOT / 'scripts' / 'env.sh', ROOT / '.ci' / 'run']
    header = ('# Copyright 2026 the fastsam_ros authors\n'
              '# SPDX-License-Identifier: Apache-2.0\n')
    heads = {f: ''.join(f.read_text().splitlines(keepends=True)[:4]) for f in files}
    assert [str(f.relative_to(ROOT)) for f, head in heads.items() if header not in head] == []


def test_no_folder_of_tests_is_taken_for_a_library():
    """Pytest puts the folder above on the path: there its name would be that of a package."""
    folders = {path.parent.name for path in (ROOT / 'test').rglob('test_*.py')}
    imported = {name.partition('.')[0] for file in list_sources('fastsam_ros')
                for node in ast.walk(ast.parse(file.read_text())) for name in name_modules(node)}
    assert {'cuda', 'numpy'} < imported and 'core' in folders
    assert folders & imported == set()


def test_no_two_test_files_have_one_name():
    """Pytest takes the second one for the first."""
    names = Counter(path.name for path in (ROOT / 'test').rglob('test_*.py'))
    assert [name for name, count in names.items() if count > 1] == []


def test_nothing_is_silenced_or_left_open():
    marks = '|'.join(('no' + 'qa', 'type: ' + 'ignore', 'TO' + 'DO', 'FIX' + 'ME',
                      'NotImplemented' + 'Error'))
    assert find_lines(list_sources(*FOLDERS), marks) == []


def test_no_exception_is_caught_bare():
    assert find_lines(list_sources(*FOLDERS), r'^\s*except\s*:') == []
