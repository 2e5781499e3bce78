// Copyright 2026 the fastsam_ros authors
// SPDX-License-Identifier: Apache-2.0

import js from '@eslint/js';
import globals from 'globals';

export default [
  js.configs.recommended,
  {
    files: ['fastsam_ros/web/static/**/*.js'],
    languageOptions: { ecmaVersion: 2022, sourceType: 'module', globals: globals.browser },
    rules: {
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'max-len': ['error', { code: 99 }],
      'no-var': 'error',
      'prefer-const': 'error',
      'no-shadow': 'error',
      quotes: ['error', 'single', { avoidEscape: true }],
    },
  },
];
