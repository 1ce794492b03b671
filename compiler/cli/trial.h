/* compiler/cli/trial.h - Plays the tests of files with two versions of their texts (compiler/lsp/trial.h). */
#pragma once

#include "compiler/lsp/trial.h"

struct trial_result trial_tests(const struct source_overlay *before, const struct source_overlay *after,
                                const char *const *paths, size_t count);
