/* runtime/adapters/conversation/content.h - What a customer's message consists of, where it is neither a text nor a
 * file: the one form into which each adapter brings what its network has (content.def). A content has a text, which
 * strategies read and every page can show, and a JSON object, which the contact store keeps beside it for pages that
 * show more:
 *
 *     {"name", "address", "latitude", "longitude"}                    a place
 *     {"lines": [{"name", "value"}]}                                  contact cards: one line for each number
 *     {"lines": [{"name", "count", "price", "currency"}], "sum", "currency"}    an order
 *     {"text"}                                                        an edit, or the sign of a reaction
 *     {"marks"}                                                       a text of ours: the customer is to answer by a
 *                                                                     mark, from 1 to so many
 *
 * All texts come from outside: they are cut, made one line, and a number that is none is left out. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "runtime/vocabulary/vocabulary.h"

enum { CONTENT_LINES = 50, CONTENT_TEXT = 4096, CONTENT_FIELD = 300 };

struct content_line { /* texts may be NULL */
    const char *name, *value, *count, *price, *currency;
};

struct said_content { /* texts are borrowed, and may be NULL */
    enum message_kind kind;
    const char *of;   /* the customer's own id of the message that it is about; NULL: it is about none */
    const char *text; /* an edit: the new text; a reaction: the sign; unknown: the network's word for the kind */
    const char *name, *address, *latitude, *longitude;
    struct content_line lines[CONTENT_LINES];
    unsigned count; /* number of lines */
};

/* Does it only tell agents of a message that was said before? */
bool content_is_aside(enum message_kind);

/* A content in the form in which it is said and kept. The texts are freed by content_made_clear(). */
struct content_made {
    enum message_kind kind;
    char *of;    /* NULL: it is about no message */
    char *other; /* the message's name, if the store has another text under its usual one; NULL: it has no other name */
    char *ours;  /* the post office's name (post_way.names) of the message of ours that it may be about; NULL: none */
    char *text;  /* for people and strategies */
    char *about; /* the JSON object; NULL: there is nothing besides the text */
};
void content_make(const struct said_content *, struct content_made *);
void content_made_clear(struct content_made *); /* one that is all zeros is allowed */

enum { CONTENT_MARKS = 9 /* a mark is one digit */ };
/* The object of a text of ours that asks for a mark, for g_free(); NULL: it asks for none. */
char *content_about_marks(int64_t marks);
/* Returns how many marks a text of ours asks for, by its object; 0: for none. */
unsigned content_marks(const char *about); /* NULL is allowed */
