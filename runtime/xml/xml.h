/* runtime/xml/xml.h - Reads XML as trees, within bounds. The bytes may come from an attacker.
 *
 *   a document    is one tree
 *   a stream      is an element that stays open; each of its children is a tree of its own, handed over when it ends
 *
 * No entity is known besides the five of XML, and nothing is ever fetched: a document type with declarations of its own
 * is refused. A document beyond its bounds is refused. A tree of a stream beyond them is skipped: the stream goes on
 * behind it, and its outermost element is handed over empty. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct xml_bounds {
    size_t bytes;             /* bytes of a document, or of a tree of a stream */
    size_t most;              /* bytes: a larger tree ends its stream */
    unsigned depth, elements; /* levels of a tree, and elements in it */
    bool doctype;             /* a document type without declarations is passed over; else it is refused, too */
    bool utf8;                /* the bytes are UTF-8, whatever the document declares */
    bool spaces;              /* prefixes are resolved to name spaces, and an undeclared one is refused */
};

struct xml_node {
    const char *name, *space;      /* without prefix; `space`: "" where it has none, or where they are not resolved */
    const char *const *attributes; /* names and values in turns, NULL at the end; names have their prefixes, but for
                                    * `spaces`: "SPACE NAME" */
    char *text;                    /* the characters directly in it, in UTF-8; "" where there are none */
    size_t length, room;           /* of the text */
    struct xml_node *above, *first, *last, *next;
    const char *skipped; /* why this tree of a stream was left out, and is empty; NULL: it was not */
    uint32_t line;
};

/* Why bytes were refused. */
struct xml_fault {
    const char *why; /* a constant text */
    uint32_t line;
    bool broken; /* the bytes are no XML; false: they are beyond the bounds */
};

/* Reads a document; returns its outermost element. NULL with the fault. */
struct xml_node *xml_tree(const char *bytes, size_t length, const struct xml_bounds *, struct xml_fault *);
void xml_free(struct xml_node *); /* also frees all nodes within it and after it; NULL is allowed */

/* The name without its prefix. */
const char *xml_local_name(const char *name);
/* The value of the attribute of exactly that name; NULL: there is none. */
const char *xml_attribute(const struct xml_node *, const char *name);
/* The first child of that name and name space; `space` NULL: any name space. NULL: there is none. */
const struct xml_node *xml_child(const struct xml_node *, const char *name, const char *space);
const char *xml_child_text(const struct xml_node *, const char *name, const char *space); /* "": there is none */
/* The entity that must be written for this character in a text; NULL: the character stands for itself. */
const char *xml_entity(char);

struct xml_calls {
    void *self;
    /* Called with the element that stays open, without its children. Returns NULL, or a constant text that says why the
     * stream is refused. */
    const char *(*opened)(void *self, const struct xml_node *);
    void (*came)(void *self, const struct xml_node *); /* a tree, borrowed for the time of the call */
    void (*closed)(void *self);                        /* the peer has ended the stream */
};

/* A stream has no document type, comment or instruction, and no text between its trees but blanks (RFC 6120, 11). */
struct xml_stream;
struct xml_stream *xml_stream_new(const struct xml_bounds *, const struct xml_calls *); /* the bounds outlive it */
void xml_stream_free(struct xml_stream *);
/* Takes the stream's next bytes. Returns NULL, or why the stream is refused: then no more of it is read. */
const char *xml_stream_feed(struct xml_stream *, const char *bytes, size_t length);
