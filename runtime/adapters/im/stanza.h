/* runtime/adapters/im/stanza.h - XML as XMPP uses it: a stream that is read stanza by stanza, and texts that are
 * written.
 *
 * The server may be anybody's. A stanza that exceeds the limits may come from any stranger whom the server lets
 * write to this component: it is skipped (runtime/xml/xml.h). */
#pragma once

#include <glib.h>

#include "runtime/xml/xml.h"

/* Namespaces of extensions that clients use. */
#define STATES_SPACE   "http://jabber.org/protocol/chatstates"
#define RECEIPTS_SPACE "urn:xmpp:receipts"
#define FORM_SPACE     "jabber:x:data"
#define MARKERS_SPACE  "urn:xmpp:chat-markers:0"

enum { STANZA_DEPTH = 16, STANZA_BYTES = 65536, STANZA_MOST = 1048576, STANZA_ELEMENTS = 500 };
extern const struct xml_bounds stanza_bounds;

/* "": the stream has no id; NULL: it is no stream of XMPP */
const char *stanza_stream_id(const struct xml_node *stream);

/* Appends a text so that it is read back as it is, in an element or in an attribute. XML cannot contain some
 * characters (controls, U+FFFE, U+FFFF): each is replaced by U+FFFD. The text is UTF-8. */
void stanza_put_text(GString *, const char *text);
/* Appends ` name="value"`. */
void stanza_put_attribute(GString *, const char *name, const char *value);
