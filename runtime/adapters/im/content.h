/* runtime/adapters/im/content.h - What a message of XMPP consists of: a text, or one of the contents of
 * runtime/adapters/conversation/content.def.
 *
 *     <body>Good morning</body>                             a text
 *     <body>geo:52.52,13.40</body>, or <geoloc/>            XEP-0080: a place
 *     <x xmlns='jabber:x:oob'><url/></x>                    XEP-0066: a file's address, which is said as a text
 *     <replace id='a'/> with a body                         XEP-0308: an edit of the message `a`
 *     <reactions id='a'><reaction/></reactions>             XEP-0444: signs about the message `a`
 *     <retract id='a'/>                                     XEP-0424: the message `a` is taken back
 *
 * Clients write a body beside a reaction and a retraction, for programs that know neither: it is nobody's words, and is
 * not said. Nothing is fetched: a stranger would choose the address. */
#pragma once

#include "runtime/adapters/conversation/content.h"
#include "runtime/xml/xml.h"

/* What a client may ask for, as its questions of software hear it (XEP-0030). */
#define STANZA_FEATURES                                                                                                \
    "<feature var='urn:xmpp:message-correct:0'/><feature var='urn:xmpp:reactions:0'/>"                                 \
    "<feature var='urn:xmpp:message-retract:1'/>"

enum { STANZA_ID = 200 /* most bytes of a message's id */ };

struct stanza_content {
    struct said_content said; /* its texts are borrowed from the stanza and from here; `of` is the client's id */
    char *text;               /* of a text and an edit, without blanks around it; "": nothing is said */
    char *address;            /* of a place */
    char *latitude, *longitude;
};

/* Reads a message. The kind is message_kind_other for a text, and for a message that says nothing. The stanza outlives
 * the content. */
void stanza_content(const struct xml_node *stanza, struct stanza_content *);
void stanza_content_clear(struct stanza_content *);
/* Returns the attribute `id` of an element; NULL: it has none, or one that is empty or too long. */
const char *stanza_id(const struct xml_node *);
