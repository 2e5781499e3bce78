# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The words of one file: taught, forgotten, and read again when another program changed them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from functools import cached_property
import logging
import os
from pathlib import Path
from threading import Lock

import numpy as np

from fastsam_ros.core.errors import PromptError, UnknownWordError, WordsError
from fastsam_ros.core.file_locks import locked
from fastsam_ros.core.scene import Scene
from fastsam_ros.following.appearance import VERSION
from fastsam_ros.models import sha256
from fastsam_ros.text.names import forms
from fastsam_ros.text.query import Query
from fastsam_ros.text.words import file
from fastsam_ros.text.words.example import Example, learn_again
from fastsam_ros.text.words.learned import Learned

LONGEST = 100  # characters of a word
LOG = logging.getLogger(__name__)


class Words:
    """
    Taught words; may be used from any thread, and by several programs at once.

    Each change reads the file anew, so that nothing another program taught is lost. Examples are
    kept as pictures, and what they look like by network: the SHA-256 of the network's file.

    :param path: of the file, which need not be there; '' for the user's
    :param model: path of the network's file; None: words are listed and moved, not used
    """

    def __init__(self, path: str | os.PathLike[str] = '', model: Path | None = None) -> None:
        self.path = Path(path).expanduser() if path else file.user_file()
        self.problem = ''  # why the file cannot be used; '' when it can
        self._model = model
        self._read: tuple | None = None  # which state of the file is known
        self._learned = Learned({}, '')
        self._lock = Lock()  # what is known; frames wait for it, so nobody holds it for long
        self._writing = Lock()  # the file; whoever has it may wait for other programs

    @classmethod
    def chosen(cls, words: bool | str | os.PathLike[str], model: Path) -> Words | None:
        """What `FastSam(words=...)` means: none, the user's, or those of a file."""
        return cls('' if words is True else words, model) if words else None

    @cached_property
    def network(self) -> str:
        """What the looks of examples are kept under."""
        return '' if self._model is None else f'{sha256(self._model)}:{VERSION}'

    @property
    def state(self) -> list[int]:
        """What changes whenever the file does."""
        return [*_state(self.path)]

    @property
    def learned(self) -> Learned:
        """
        The words as the network knows them now.

        A file that cannot be read is named once in the log and in `problem`; there are no words
        then.
        """
        state = _state(self.path)
        with self._lock:
            if state != self._read:
                self._read = state
                self._take_over()
            return self._learned

    @property
    def names(self) -> tuple[str, ...]:
        """All that are known now."""
        return self.learned.names

    @property
    def digest(self) -> str | None:
        """What was taught, as `file.digest` says it; None too when the file cannot be read."""
        try:
            return file.digest(self.content())
        except WordsError:
            return None

    def content(self) -> file.Content:
        """
        Examples by word.

        :raises WordsError: when the file cannot be read
        """
        return file.read(self.path)

    def find(self, word: str) -> str:
        """
        A word as it was taught; articles, case and plurals are ignored.

        :raises UnknownWordError: when it was not
        :raises WordsError: when the file cannot be read
        """
        return _known(self.content(), word)

    def teach(self, word: str, examples: Sequence[Example]) -> int:
        """
        Add examples to a word; one that it has already takes that one's place.

        :param word: such as 'my mug'; articles and case make no other word
        :return: how many examples it has now, counter-examples too
        :raises PromptError: when it is no word, or only known by what it is not
        :raises WordsError: when the file cannot be read or written
        """
        with self._changing() as content:
            return _add(content, word, examples)

    def forget(self, word: str) -> None:
        """
        Forget a word and its examples.

        :raises UnknownWordError: when it was not taught
        :raises WordsError: when the file cannot be read or written
        """
        with self._changing() as content:
            del content[_known(content, word)]

    def merge(self, other: file.Content) -> None:
        """
        Add the words of another file, all of them or none.

        :param other: as `content` gives it
        :raises PromptError: as `teach`
        :raises WordsError: when the file cannot be read or written
        """
        with self._changing() as content:
            for word, examples in other.items():
                _add(content, word, examples)

    def learn_again(self, model: Callable[[np.ndarray], Scene]) -> None:
        """
        Look at examples that only other networks have looked at; says so in the log.

        :param model: this network
        """
        try:
            again = {
                example.id: seen for word, examples in self.content().items()
                for example in examples if self.network not in example.looks
                and self.network in (seen := self._look(word, example, model)).looks}
            if again:  # looked at before the file is locked: that may take minutes
                with self._changing() as content:
                    for word, examples in content.items():
                        content[word] = tuple(
                            e if e.id not in again else replace(
                                e, looks={**again[e.id].looks, **e.looks}) for e in examples)
        except WordsError as error:
            LOG.warning('%s', error)

    def _look(
        self, word: str, example: Example, model: Callable[[np.ndarray], Scene]
    ) -> Example:
        try:
            again = learn_again(example, self.network, model)
        except Exception as error:  # one damaged picture does not keep the others from it
            LOG.warning('an example of %r cannot be looked at: %s', word, error)
            return example
        LOG.warning(
            'an example of %r was taught with another network: %s', word,
            'it was learned again from its picture' if self.network in again.looks else
            'this one does not find it in its picture; teach it anew')
        return again

    def _take_over(self) -> None:
        try:
            learned = Learned(self.content(), self.network)
            _ = learned.thresholds  # now, and not while a frame waits
            self._learned, self.problem = learned, ''
        except (WordsError, ValueError) as error:  # also vectors of different lengths
            self._learned, self.problem = Learned({}, ''), f'{self.path}: {error}'
            LOG.warning('%s', self.problem)

    @contextmanager
    def _changing(self) -> Iterator[dict[str, tuple[Example, ...]]]:
        """The content, to be changed; written at the end, while no other program writes."""
        with self._writing, _alone(self.path):
            content = dict(self.content())
            yield content
            file.write(self.path, content)


def in_words(word: str, count: int) -> str:
    """How many examples a word has, for people."""
    return f'{word!r} has {count} example{"s"[: count != 1]}'


def switched_on(words: Words | None) -> Words:
    """
    The words themselves.

    :raises WordsError: when they are switched off
    """
    if words is None:
        raise WordsError("words are switched off (words=False, the node's text_model: none)")
    return words


def _checked(word: str) -> str:
    """
    Tidy a word up.

    :raises PromptError: when a text could not ask for it
    """
    query = Query.parse(word)
    if len(query.texts) != 1 or query.negatives or len(word) > LONGEST:
        raise PromptError(
            f'{word!r} is not one word or phrase of at most {LONGEST} characters: leave commas, '
            'semicolons and words that begin with a minus out')
    return query.texts[0]


def _add(
    content: dict[str, tuple[Example, ...]], word: str, examples: Sequence[Example]
) -> int:
    """
    Add examples to a word; see `Words.teach`.

    :raises PromptError: when it is no word, or would only be known by what it is not
    """
    word = _checked(word)
    name = _find(content, word) or word
    known = {example.id: example for example in content.get(name, ())}
    known.update((example.id, example) for example in examples)
    if all(example.counter for example in known.values()):
        raise PromptError(
            f'{word!r} would have no example: show what it is before what it is not')
    content[name] = tuple(known.values())
    return len(known)


def _known(content: file.Content, word: str) -> str:
    """
    Which of the words is meant.

    :raises UnknownWordError: when none is
    """
    name = _find(content, word)
    if name is None:
        taught = ', '.join(map(repr, content)) or 'none'
        raise UnknownWordError(f'{word!r} was not taught; taught words: {taught}')
    return name


def _find(content: file.Content, word: str) -> str | None:
    """Which of the words is meant, as it was written first."""
    known = {next(forms(name)): name for name in content}
    return next((known[form] for form in forms(word) if form in known), None)


def _state(path: Path) -> tuple:
    """What changes with the file: a new one takes its place when it is written."""
    try:
        found = path.stat()
    except OSError:
        return ()
    return found.st_ino, found.st_mtime_ns, found.st_size


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """
    Wait until no other program changes the file.

    :raises WordsError: when nobody can be kept from it
    """
    with ExitStack() as held:
        try:
            held.enter_context(locked(path.with_name(f'.{path.name}.lock')))
        except OSError as error:
            raise WordsError(f'words cannot be kept in {path}: {error}') from error
        yield
