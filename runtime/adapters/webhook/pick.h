/* runtime/adapters/webhook/pick.h - Texts with places: "{0/from/id}:{0/message_id}", filled in from a JSON document or
 * by names.
 *
 * A place in braces names a value. "{{" stands for a brace. In a document a value is named by a relative JSON pointer:
 * a number of levels that one goes up from the item, then a path as in RFC 6901 ("2/metadata/id", "0/text"), in which
 * "-" is the last member of a list. The way
 * from the document to the item is kept as a trail, so that an item finds what stands above it. */
#pragma once

#include <glib.h>
#include <jansson.h>
#include <stdbool.h>

enum { PICK_DEPTH = 24 };

/* Appends the value that a place names. False: there is none. */
typedef bool pick_find(void *self, const char *name, GString *to);

/* Fills in `text`, and appends it to `to`. False: a place has no value; then `to` is as it was. */
bool pick_fill(const char *text, pick_find *, void *self, GString *to);
/* Are its braces in pairs, and its places not empty? */
bool pick_is_good(const char *text);
/* Calls `may` with the name of each place of a good text. False: `may` returned false for one of them. */
bool pick_places(const char *text, bool (*may)(void *self, const char *name), void *self);

struct trail {
    json_t *at[PICK_DEPTH]; /* from the document down to the item, borrowed */
    unsigned count;
};

/* A pick_find; `self` is a trail. A value is a text, a number or a truth. */
bool pick_in_trail(void *trail, const char *name, GString *to);
/* The value that a relative pointer names, borrowed; NULL: none. */
json_t *pick_value(const struct trail *, const char *pointer);

/* Is it a path for pick_each()? `*depth`: the number of steps from the document to an item. */
bool pick_path_is_good(const char *path, unsigned *depth);
/* Can such a pointer name a value, from an item that lies `depth` steps within its document? */
bool pick_pointer_is_good(const char *pointer, unsigned depth);

/* Calls `take` for each value at `path`, a JSON pointer in which "*" stands for each member of a list. Calls it `most`
 * times at most. Returns how many values there were. */
unsigned pick_each(json_t *document, const char *path, unsigned most, void (*take)(void *self, struct trail *),
                   void *self);
