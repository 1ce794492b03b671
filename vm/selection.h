/* vm/selection.h - Does the difference of two versions of a strategy touch the selection of agents?
 *
 * Two versions that share agents cannot be compared caller by caller if one of them chooses agents otherwise: it may
 * look better only because it takes the agents of the other. So a roll-out asks this first. The answer is careful: in
 * doubt the difference touches selection.
 *
 * Selection is all that decides who is asked for whom, and when: steps that choose, route, exclude or hold somebody,
 * priorities, and what decides whether such a step is reached. A strategy that only hands interactions to queues and
 * numbers chooses nobody, so nothing touches it. An announcement, a text, a note or an attached key that no selection
 * reads is not. An announcement takes time, and so it delays a selection; that alone does not touch it. The figures of
 * the daemon's settings are not compared, as both versions are run with the same ones. */
#pragma once

#include "vm/image.h"

enum selection_answer {
    SELECTION_SAME,
    SELECTION_TOUCHED,
    SELECTION_UNKNOWN, /* the programs are too large to be compared; a caller treats it as touched */
};

/* The first difference. Places are borrowed from the images. */
struct selection_difference {
    char reason[200];          /* one sentence without a full stop; it contains no text of a program */
    bool old_known, new_known; /* the image says which line it is; false: there is none, or no debug information */
    struct image_place old, new;
};

/* Compares the strategy of that name in both images, with all that it calls and switches to. `difference` is set
 * where the answer is not SELECTION_SAME. A strategy that only one of the images has is touched. */
enum selection_answer selection_compare(const struct image *old, const struct image *new, struct text strategy,
                                        struct selection_difference *difference);
