/* runtime/adapters/mms/content.h - The parts of a multimedia message, and the slides on which they stand.
 *
 * A part that is a picture, a sound or a film by its bytes, or a text, is shown; all else is a file. The slides are
 * those of the presentation; without one, or with one that cannot be read, there is one slide with all that is shown,
 * in the order of the parts. */
#pragma once

#include <gmime/gmime.h>
#include <stdbool.h>
#include <stddef.h>

struct content_part {
    const char *role;           /* inline, attachment, or raw for the presentation */
    char *type;                 /* always there */
    char *name, *id, *location; /* NULL: none */
    char *bytes;
    size_t length;
    bool text; /* its bytes are UTF-8, without controls */
};

struct mms_content {
    struct content_part *parts;
    size_t count;
    char *text;     /* the texts in the order of the slides, with a line feed between; always there */
    char *slides;   /* JSON: [{"ms": 5000, "parts": [0, 2]}, ...]; the numbers are places in `parts` */
    bool presented; /* the slides are those of the sender's presentation */
    bool cut;       /* parts, slides or text were left out, as there were too many */
};

/* Reads all parts in `root` except `envelope`; never fails. The caller frees the content by content_free(). */
struct mms_content *content_read(GMimeObject *root, const GMimeObject *envelope);
void content_free(struct mms_content *); /* NULL is allowed */
