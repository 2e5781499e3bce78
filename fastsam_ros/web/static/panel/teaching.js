// Copyright 2026 the fastsam_ros authors
// SPDX-License-Identifier: Apache-2.0

// A word for what answers: understood from then on; false answers to it are clicked away.

/** @type {(id: string) => any} */
const $ = (id) => document.getElementById(id);

/** Wire the form; `say` and `trouble` take words. */
export function wireTeaching({ asking, link, say, trouble }) {
  const teach = async (word, counter) => {
    const reply = await link.teach(word, asking.question, counter);
    if (reply.success) say(reply.message);
    else trouble(reply.message);
    return reply.success;
  };
  $('teach-form').addEventListener('submit', async (event) => {
    event.preventDefault();
    const word = $('word').value.trim();
    if (!word || !await teach(word, false)) return;
    $('word').value = '';
    $('word').placeholder = `“${word}” is known now`;
  });
  $('not-it').addEventListener('click', async () => {
    if (await teach(asking.question.prompt.text, true)) asking.again();
  });
  asking.addEventListener('change', () => show(asking));
}

function show({ question, answer, busy }) {
  $('teach-form').hidden = !answer?.segments.length || busy;
  // Only what was found by a word can be a false answer to it.
  const byWord = Boolean(question?.prompt.text);
  for (const id of ['word', 'teach']) $(id).hidden = byWord;
  $('not-it').hidden = !byWord;
  $('word').placeholder = 'Teach a word: my mug';
}
