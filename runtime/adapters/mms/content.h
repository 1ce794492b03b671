/* runtime/adapters/mms/content.h - The parts of a multimedia message, and the slides that show them.
 *
 * A part whose bytes are a picture, a sound or a film, or that is a text, is shown; all other parts are files. The
 * slides are those of the presentation; without one, or if it cannot be read, there is one slide with all parts that
 * are shown, in their order. */
#pragma once

#include <gmime/gmime.h>
#include <stdbool.h>
#include <stddef.h>

struct content_part {
    const char *role;           /* "inline" or "attachment", or "raw" for the presentation */
    char *type;                 /* always there */
    char *name, *id, *location; /* NULL: none */
    char *bytes;
    size_t length;
    bool text; /* the bytes are UTF-8, without control characters */
};

struct mms_content {
    struct content_part *parts;
    size_t count;
    char *text;     /* the texts in the order of the slides, with line feeds between; never NULL */
    char *slides;   /* JSON: [{"ms": 5000, "parts": [0, 2]}, ...]; the numbers are indexes in `parts` */
    bool presented; /* the slides are those of the sender's presentation */
    bool cut;       /* parts, slides or text were left out as too many */
};

/* Reads all parts in `root` except `envelope`; never fails. The caller frees the content by content_free(). */
struct mms_content *content_read(GMimeObject *root, const GMimeObject *envelope);
void content_free(struct mms_content *); /* NULL is allowed */
