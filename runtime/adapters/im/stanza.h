/* runtime/adapters/im/stanza.h - XML as XMPP has it: a stream that is read stanza by stanza, and texts that are
 * written.
 *
 * The reader owns each stanza, which it hands over for the time of the call. Anybody's server may be the peer, so a
 * stream is refused (RFC 6120, 11) that has a DOCTYPE, an entity of its own, a comment or a processing instruction,
 * that is no UTF-8, or that has a stanza of more than STANZA_MOST bytes. A stanza that nests deeper than STANZA_DEPTH,
 * or that has more than STANZA_BYTES or STANZA_ELEMENTS, may be any stranger's, whom the server lets write to us: the
 * stream goes on behind it, and its head alone is handed over. */
#ifndef IM_STANZA_H
#define IM_STANZA_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

enum { STANZA_DEPTH = 16, STANZA_BYTES = 65536, STANZA_MOST = 1048576, STANZA_ELEMENTS = 500 };

struct stanza {
    char *name, *space;  /* without prefix; the name space, "" where it has none */
    char **attributes;   /* names and values in turns, NULL at the end */
    GString *text;       /* the characters directly in it */
    GPtrArray *children; /* of struct stanza */
    const char *skipped; /* why there is nothing in it; NULL: it is whole */
};

const char *stanza_attribute(const struct stanza *, const char *name); /* NULL: it has none of that name */
/* The first child of that name; `space` NULL: of any. NULL: there is none. */
const struct stanza *stanza_child(const struct stanza *, const char *name, const char *space);
const char *stanza_child_text(const struct stanza *, const char *name, const char *space); /* "": there is none */

struct stanza_calls {
    void *self;
    void (*opened)(void *self, const char *id); /* the stream has begun; "": it has no id */
    void (*came)(void *self, const struct stanza *);
    void (*closed)(void *self); /* the peer has ended it */
};

struct stanza_reader;
struct stanza_reader *stanza_reader_new(const struct stanza_calls *);
void stanza_reader_free(struct stanza_reader *);
/* The next bytes, as they come. False with the reason: the stream is refused, and nothing more of it is read. */
bool stanza_reader_feed(struct stanza_reader *, const char *bytes, size_t length, char *why, size_t why_size);

/* Appends a text so that it is read back as it is, in an element or in an attribute. XML cannot have some characters
 * (controls, U+FFFE, U+FFFF): U+FFFD stands for each. The text is UTF-8. */
void stanza_put_text(GString *, const char *text);
/* Appends ` name="value"`. */
void stanza_put_attribute(GString *, const char *name, const char *value);

#endif
