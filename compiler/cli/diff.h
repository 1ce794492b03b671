/* compiler/cli/diff.h - The forms in which gcxc diff tells the difference of two versions. */
#pragma once

#include "compiler/cli/command.h"
#include "compiler/view/differ.h"
#include "vm/selection.h"

/* Of a strategy: does the difference touch the selection of agents? */
struct diff_selected {
    const char *strategy; /* owned by the images */
    size_t length;
    enum selection_answer answer;
    struct selection_difference difference; /* where the answer is not SELECTION_SAME */
};
/* Of all strategies of both versions, those of the new one first. */
struct diff_selection {
    struct diff_selected *rows;
    size_t count;
    struct image *old, *new; /* owned */
    bool touched;            /* some answer is not SELECTION_SAME */
};

/* Makes images of both versions, or loads them where they are images, and compares all strategies. False: one of them
 * does not compile or cannot be read, which was printed. */
bool diff_selection_find(const struct options *, struct diff_selection *);
void diff_selection_free(struct diff_selection *);

/* Tell it in the format of the options: text, json or markdown. */
void diff_selection_tell(const struct options *, const struct diff_selection *);

struct sides { /* both versions, and their changes for callers */
    struct program *old, *new;
    const struct differ_change *changes; /* NULL: none */
};
/* diff_markdown.c */
void diff_markdown_tell(const struct sides *);
void diff_markdown_selection(const struct diff_selection *);
