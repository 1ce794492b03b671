/* runtime/adapters/webhook/pick.h - Texts with placeholders: "{0/from/id}:{0/message_id}", filled in from a JSON
 * document or by names.
 *
 * A placeholder in braces names a value. "{{" is written for a brace. In a document a value is named by a relative
 * JSON pointer: a number of levels to go up from the item, then a path as in RFC 6901 ("2/metadata/id", "0/text"),
 * in which "-" is the last element of a list. The objects from the document down to the item are kept as a trail, so
 * that values above the item can be found. */
#pragma once

#include <glib.h>
#include <jansson.h>
#include <stdbool.h>

enum { PICK_DEPTH = 24 };

/* Appends the value for a placeholder. False: there is none. */
typedef bool pick_find(void *self, const char *name, GString *to);

/* Fills in the placeholders of `text`, and appends the result to `to`. False: a placeholder has no value; `to` is
 * then unchanged. */
bool pick_fill(const char *text, pick_find *, void *self, GString *to);
/* Do the braces of the text match, and are its placeholders not empty? */
bool pick_is_good(const char *text);
/* Calls `may` with the name of each placeholder of a valid text. False: `may` returned false for a placeholder. */
bool pick_places(const char *text, bool (*may)(void *self, const char *name), void *self);

struct trail {
    json_t *at[PICK_DEPTH]; /* the objects from the document down to the item, not owned */
    unsigned count;
};

/* Is a pick_find; `self` is a trail. A value must be a text, a number or a boolean. */
bool pick_in_trail(void *trail, const char *name, GString *to);
/* Likewise, and a number may have decimals. */
bool pick_number_in_trail(void *trail, const char *name, GString *to);
/* Returns the value at a relative pointer, not owned; NULL: none. */
json_t *pick_value(const struct trail *, const char *pointer);

/* Is the path valid for pick_each()? `*depth`: the number of steps from the document to an item. */
bool pick_path_is_good(const char *path, unsigned *depth);
/* Can the pointer name a value, from an item that is `depth` steps deep in its document? */
bool pick_pointer_is_good(const char *pointer, unsigned depth);

/* Calls `take` for each value at `path`, a JSON pointer in which "*" stands for each element of a list. Calls `take`
 * at most `most` times. Returns the number of values. */
unsigned pick_each(json_t *document, const char *path, unsigned most, void (*take)(void *self, struct trail *),
                   void *self);
/* Calls `take` likewise for each value at `path` below the item of this trail. */
unsigned pick_below(const struct trail *, const char *path, unsigned most, void (*take)(void *self, struct trail *),
                    void *self);
