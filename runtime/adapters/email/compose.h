/* runtime/adapters/email/compose.h - Makes the bytes of a mail to be sent. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "runtime/vocabulary/kv.h"

struct composed_part {                     /* a part that is sent with the text */
    char *role, *type, *name, *content_id; /* role: html, inline or attachment; name and content_id may be NULL */
    char *bytes;
    size_t length;
};

struct composed {
    const char *message_id; /* without < and > */
    const char *from;
    char **to;     /* the recipients' addresses, ended by NULL */
    char **copies; /* the addresses of `to` that are shown in Cc; NULL: none */
    char **blind;  /* the addresses of `to` that no header shows; NULL: none */
    char **names;  /* an address and the name of its owner, by turns, ended by NULL; NULL: none */
    bool receipt;  /* the recipients are asked for a receipt when they have read it (RFC 8098) */
    const char *subject, *text;
    const char *reply_to;    /* Message-ID of the mail that this one answers; NULL: none */
    char *const *references; /* the answered mail's References, the nearest last, ended by NULL; or NULL */
    struct span headers;     /* more headers, packed as user data; those that each mail has anyway are skipped */
    const char *automatic;   /* value of Auto-Submitted, if a machine wrote the mail; NULL: a person did */
    int64_t wall_us;         /* time for the header Date; 0: the mail gets none */
    const struct composed_part *parts;
    size_t part_count;
    const char *from_name; /* the name before the address in From; NULL: none */
};

/* The address with its domain as ACE (RFC 5890), as mail servers take it. A domain that cannot be converted stays as
 * it is, and mail servers refuse it. Freed by g_free(). */
char *email_address_ascii(const char *address);
/* Returns the Message-ID for a message with this name and this content, which is always the same. Freed by g_free(). */
char *compose_message_id(const char *name, const char *content, const char *domain);
/* Has compose_message_id() made this Message-ID? Other programs of the same domain make theirs in another form. */
bool compose_id_is_ours(const char *id, const char *domain);
/* Returns the whole mail, with lines ended by CR LF; the caller frees it by g_free(). */
char *email_compose(const struct composed *);
/* Returns a mail that is sent on: `text`, the mail as it came, after headers Resent-* (RFC 5322, 3.6.6). */
char *compose_resent(const struct composed *);
/* Does a mail's head have a header Resent-* that compose_resent() made for this domain? */
bool compose_was_resent(const char *mail, const char *domain);
