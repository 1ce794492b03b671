/* runtime/adapters/sip/body.h - The session description in the body of a message, alone or as one of several parts.
 *
 *     application/sdp                                 the body
 *     multipart/mixed { sdp, location, ISUP ... }     its part; what else is there is passed over
 *
 * A body has several parts because an emergency call also carries its location (RFC 6442), and a trunk of SIP-I also
 * carries ISUP. A part that must be understood is marked handling=required (RFC 5621). All texts are borrowed. */
#pragma once

#include "runtime/adapters/sip/raw.h"

enum body_kind {
    BODY_NONE,        /* no session is described */
    BODY_DESCRIPTION, /* `found` describes it */
    BODY_UNREAD       /* a part that must be understood is of an unknown type or unreadable */
};

/* `type` and `disposition`: the values of Content-Type and Content-Disposition; empty: there is none. */
enum body_kind body_find_session(struct raw_text type, struct raw_text disposition, struct raw_text body,
                                 struct raw_text *found);
