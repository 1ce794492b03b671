/* runtime/adapters/email/compose.h - A mail of ours as it goes over the wire. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "runtime/vocabulary/kv.h"

struct composed_part {                     /* what goes out besides the text: role html, inline or attachment */
    char *role, *type, *name, *content_id; /* the last two may be NULL */
    char *bytes;
    size_t length;
};

struct composed {
    const char *message_id; /* without < and > */
    const char *from;
    char **to;     /* NULL at the end */
    char **copies; /* of `to`, those who stand in Cc; NULL: nobody */
    const char *subject, *text;
    const char *reply_to;    /* the Message-ID that it answers, or NULL */
    char *const *references; /* those that that one refers to, the nearest last; NULL: none, or NULL at the end */
    struct span headers;     /* more of them, as user data is; those that a mail has anyway are passed over */
    const char *automatic;   /* no person wrote it: what Auto-Submitted says; NULL: one did */
    int64_t wall_us;         /* its Date; 0: it has none */
    const struct composed_part *parts;
    size_t part_count;
    const char *from_name; /* who stands before the address in From; NULL: nobody */
};

/* The address with its domain as ACE (RFC 5890), as mail servers take it. A domain that cannot be one is left as it is,
 * and they refuse it. Freed by g_free(). */
char *email_address_ascii(const char *address);
/* The Message-ID that belongs to a message with this name and this content, always the same. Freed by g_free(). */
char *compose_message_id(const char *name, const char *content, const char *domain);
/* Has compose_message_id() made this Message-ID? Other programs of the same domain make theirs in another form. */
bool compose_id_is_ours(const char *id, const char *domain);
/* With CR LF; freed by g_free(). */
char *email_compose(const struct composed *);
/* `text` is a mail as it came: it goes out so, and says in front of it who has sent it on (RFC 5322, 3.6.6). */
char *compose_resent(const struct composed *);
/* Has a mail's head one of these that was made for the domain? */
bool compose_was_resent(const char *mail, const char *domain);
