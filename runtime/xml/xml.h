/* runtime/xml/xml.h - Reads XML into trees, within limits. The bytes may come from an attacker.
 *
 *     a document  is one tree
 *     a stream    is an element that stays open; each of its children is a tree of its own, handed over when it ends
 *
 * Only XML's five predefined entities are known, and nothing is ever fetched: a document type with declarations of
 * its own is refused. A document beyond the limits is refused. In a stream a tree beyond the limits is skipped: the
 * stream continues after it, and the tree's outermost element is passed on empty. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct xml_bounds {
    size_t bytes;             /* most bytes of a document, or of a tree of a stream */
    size_t most;              /* bytes: a tree larger than this ends its stream */
    unsigned depth, elements; /* most levels of a tree, and most elements in it */
    bool doctype;             /* true: a document type without declarations is ignored; false: refused */
    bool utf8;                /* true: the bytes are UTF-8, whatever the document declares */
    bool spaces;              /* true: resolve prefixes to name spaces, and refuse an undeclared prefix */
};

struct xml_node {
    const char *name, *space;      /* name without prefix; `space`: "" if it has none or is not resolved */
    const char *const *attributes; /* names and values alternately, NULL at the end; names have their prefixes, or
                                    * with `spaces` the form "SPACE NAME" */
    char *text;                    /* the characters directly in the element, in UTF-8; "": none */
    size_t length, room;           /* of the text */
    struct xml_node *above, *first, *last, *next;
    const char *skipped; /* why this tree of a stream was skipped, and is empty; NULL: it is complete */
    uint32_t line;
};

/* Why bytes were refused. */
struct xml_fault {
    const char *why; /* a constant text */
    uint32_t line;
    bool broken; /* true: the bytes are no XML; false: they are beyond the limits */
};

/* Reads a document and returns its outermost element. NULL with the fault. */
struct xml_node *xml_tree(const char *bytes, size_t length, const struct xml_bounds *, struct xml_fault *);
void xml_free(struct xml_node *); /* frees a node, all nodes within it and all siblings after it; NULL is allowed */

/* Returns the name without its prefix. */
const char *xml_local_name(const char *name);
/* Returns the value of the attribute of exactly that name; NULL: there is none. */
const char *xml_attribute(const struct xml_node *, const char *name);
/* Returns the first child of that name and name space; `space` NULL: any name space. NULL: there is none. */
const struct xml_node *xml_child(const struct xml_node *, const char *name, const char *space);
const char *xml_child_text(const struct xml_node *, const char *name, const char *space); /* "": there is none */
/* Returns the entity that must be written for this character in a text; NULL: the character can be written itself. */
const char *xml_entity(char);

struct xml_calls {
    void *self;
    /* Called with the stream's outer element when it begins, without its children. Returns NULL, or a constant text
     * that says why the stream is refused. */
    const char *(*opened)(void *self, const struct xml_node *);
    void (*came)(void *self, const struct xml_node *); /* called with a complete tree, borrowed during the call */
    void (*closed)(void *self);                        /* called when the peer has ended the stream */
};

/* A stream has no document type, comment or processing instruction, and only white space between its trees (RFC
 * 6120, 11). */
struct xml_stream;
struct xml_stream *xml_stream_new(const struct xml_bounds *, const struct xml_calls *); /* the bounds outlive it */
void xml_stream_free(struct xml_stream *);
/* Reads the stream's next bytes. Returns NULL, or why the stream is refused: then nothing more of it is read. */
const char *xml_stream_feed(struct xml_stream *, const char *bytes, size_t length);
