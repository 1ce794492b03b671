/* runtime/adapters/email/compose.h - A mail of ours as it goes over the wire. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "runtime/vocabulary/kv.h"

struct composed_part {                     /* a part that goes out with the text */
    char *role, *type, *name, *content_id; /* role: html, inline or attachment; name and content_id may be NULL */
    char *bytes;
    size_t length;
};

struct composed {
    const char *message_id; /* without < and > */
    const char *from;
    char **to;     /* the recipients' addresses; ends with NULL */
    char **copies; /* the addresses of `to` that are written in Cc; NULL: none is */
    const char *subject, *text;
    const char *reply_to;    /* Message-ID of the mail that this one answers; NULL: it answers none */
    char *const *references; /* Message-IDs in References of the answered mail, the nearest last, then NULL; or NULL */
    struct span headers;     /* more headers, packed as user data; one that each mail has anyway is passed over */
    const char *automatic;   /* value of Auto-Submitted, for a mail that a machine wrote; NULL: a person wrote it */
    int64_t wall_us;         /* moment for the header Date; 0: the mail gets none */
    const struct composed_part *parts;
    size_t part_count;
    const char *from_name; /* the name before the address in From; NULL: no name */
};

/* The address with its domain as ACE (RFC 5890), as mail servers take it. A domain that cannot be one is left as it is,
 * and they refuse it. Freed by g_free(). */
char *email_address_ascii(const char *address);
/* The Message-ID that belongs to a message with this name and this content, always the same. Freed by g_free(). */
char *compose_message_id(const char *name, const char *content, const char *domain);
/* Has compose_message_id() made this Message-ID? Other programs of the same domain make theirs in another form. */
bool compose_id_is_ours(const char *id, const char *domain);
/* Writes the whole mail, its lines ended by CR LF; the caller frees it by g_free(). */
char *email_compose(const struct composed *);
/* Writes a mail that is sent on: `text`, which is a mail as it came, with headers Resent-* in front (RFC 5322,
 * 3.6.6). */
char *compose_resent(const struct composed *);
/* Has a mail's head a header Resent-* that compose_resent() made for this domain? */
bool compose_was_resent(const char *mail, const char *domain);
