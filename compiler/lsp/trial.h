/* compiler/lsp/trial.h - Plays the tests of a site with its texts and with edited ones; gcxc's command line does it.
 *
 * The language server cannot play a test: it has no simulated world. The program that starts the server passes it this
 * function. */
#pragma once

#include <stddef.h>

struct source_overlay;

enum trial_end {
    TRIAL_SAME,  /* each test that was played ended as before */
    TRIAL_OTHER, /* a test ended otherwise: `test` is its name, `file` and `line` its place */
    TRIAL_LATE   /* the tests take too long, so not all of them were played */
};

struct trial_result {
    enum trial_end end;
    char test[160], file[512];
    unsigned line;
};

/* `paths`: files that may have tests. Each file is compiled with the texts of `before`, then with those of `after`. */
typedef struct trial_result trial_play(const struct source_overlay *before, const struct source_overlay *after,
                                       const char *const *paths, size_t count);
